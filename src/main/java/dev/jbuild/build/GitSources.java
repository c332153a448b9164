package dev.jbuild.build;

import dev.jbuild.context.Found;
import dev.jbuild.context.GitAccess;
import dev.jbuild.context.GitReference;
import dev.jbuild.context.GitRepository;
import dev.jbuild.context.IgnoreRules;
import dev.jbuild.context.LocalTree;
import dev.jbuild.context.Selection;
import dev.jbuild.context.SourceEntry;
import dev.jbuild.context.SourceMatch;
import dev.jbuild.context.SourceTree;
import dev.jbuild.context.StatCache;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.Json;
import dev.jbuild.layer.Content;
import dev.jbuild.layer.LayerDraft;
import dev.jbuild.layer.LayerReader;
import dev.jbuild.linux.Directory;
import dev.jbuild.store.Store;
import dev.jbuild.tar.ArchivePath;
import dev.jbuild.tar.TarEntry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

/// The files of git repositories, for contexts and ADD.
///
/// The files of a commit are kept in the store as a layer that no image has, under a record whose
/// key has the repository and the commit: pruned like any step. Each build asks the repository
/// which commit is meant; one that is here is not fetched again.
public final class GitSources {

  private static final List<ArchivePath> TRACES =
      Stream.of("FETCH_HEAD", "ORIG_HEAD", "logs")
          .map(name -> ArchivePath.of(GitRepository.OWN_DIRECTORY + "/" + name))
          .toList();

  private final Store store;
  private final LayerReader layers;
  private final Map<String, String> environment;
  private final ServerSecrets secrets;
  private final Agent agent;
  private final AtomicBoolean asked;

  /// @param environment of the person: how the network is reached, where git is
  public GitSources(Store store, Map<String, String> environment, ServerSecrets secrets) {
    this(store, Map.copyOf(environment), secrets, Optional::empty, new AtomicBoolean());
  }

  private GitSources(
      Store store,
      Map<String, String> environment,
      ServerSecrets secrets,
      Agent agent,
      AtomicBoolean asked) {
    this.store = store;
    this.layers = new LayerReader(store);
    this.environment = environment;
    this.secrets = secrets;
    this.agent = agent;
    this.asked = asked;
  }

  /// The SSH agent that the Dockerfile may use, asked for when it is needed.
  @FunctionalInterface
  interface Agent {
    Optional<Path> socket() throws IOException, InterruptedException;
  }

  /// The same, with the agent that `--ssh` gives.
  GitSources with(Agent given) {
    return new GitSources(store, environment, secrets, given, asked);
  }

  /// Whether a repository was asked for anything, also by one that was made of this.
  boolean wereAsked() {
    return asked.get();
  }

  /// Files of a commit, in the store.
  ///
  /// @param commit its whole name
  /// @param time of the commit, seconds since the epoch
  public record Fetched(SourceTree tree, String commit, long time) {}

  /// What is known of a commit's files.
  private record Known(Digest layer, String commit, long time) {

    byte[] toJson() {
      var json = new LinkedHashMap<String, Object>();
      json.put("layer", layer.toString());
      json.put("commit", commit);
      json.put("time", time);
      json.put("blobs", List.of(layer.toString()));
      return Json.write(json);
    }

    static Optional<Known> parse(byte[] bytes) {
      try {
        if (Json.parse(bytes, "a git record") instanceof Map<?, ?> json
            && json.get("layer") instanceof String layer
            && json.get("commit") instanceof String commit
            && json.get("time") instanceof Long time) {
          return Optional.of(new Known(Digest.parse(layer), commit, time));
        }
      } catch (ImageFormatException | IllegalArgumentException e) {
        return Optional.empty(); // fetched again
      }
      return Optional.empty();
    }
  }

  /// Fetches what a person names on the command line.
  public Fetched fetch(GitReference reference) throws IOException, InterruptedException {
    return fetch(reference, GitAccess.ofPerson(secrets::forGit));
  }

  /// Fetches what a Dockerfile names.
  Fetched fetchForDockerfile(GitReference reference) throws IOException, InterruptedException {
    var socket = reference.isSsh() ? agent.socket() : Optional.<Path>empty();
    return fetch(reference, GitAccess.ofDockerfile(socket.map(Path::toString), secrets::forGit));
  }

  private Fetched fetch(GitReference reference, GitAccess access)
      throws IOException, InterruptedException {
    asked.set(true);
    var repository =
        new GitRepository(reference, access, environment, store.makeTemporaryDirectory());
    var commit = repository.resolve();
    var known = find(key(reference, commit));
    if (known.isEmpty()) {
      try (var _ = store.lock(key(reference, commit))) { // two builds fetch it once
        known = find(key(reference, commit));
        if (known.isEmpty()) {
          known = Optional.of(make(reference, repository.checkOut(commit)));
        }
      }
    }
    var tree = new ViewTree(layers.view(List.of(known.get().layer)), layers::content);
    return new Fetched(tree, known.get().commit, known.get().time);
  }

  /// Who may see the repository is not part of it: its commit names its content.
  private static Digest key(GitReference reference, GitRepository.Commit commit) {
    var text =
        String.join(
            "\0",
            "git 1",
            reference.remote(),
            commit.name(),
            reference.directory().orElse(""),
            reference.submodules().orElse(true).toString(),
            keepsGit(reference) ? "kept " + commit.ref().orElse("") : "",
            reference.commitTimes() ? "commit times" : "");
    return Digest.of(text.getBytes(StandardCharsets.UTF_8));
  }

  private static boolean keepsGit(GitReference reference) {
    return reference.keepGitDirectory().orElse(false);
  }

  private Optional<Known> find(Digest key) throws IOException {
    var known = store.records().find(key).flatMap(Known::parse);
    return known.isPresent() && store.lease().keep(known.get().layer) ? known : Optional.empty();
  }

  private Known make(GitReference reference, GitRepository.Checkout checkout) throws IOException {
    try (var root = Directory.open(checkout.path())) {
      var tree = new LocalTree(root, IgnoreRules.NONE, StatCache.none(), Optional.empty());
      var draft = new LayerDraft(OptionalLong.empty());
      var time = reference.commitTimes() ? OptionalLong.of(checkout.time()) : OptionalLong.empty();
      var found = files(reference, tree);
      var files = found.stream().map(Found::entry).filter(SourceEntry::isFile).toList();
      var digests = tree.digests(files).iterator();
      for (var each : found) {
        var entry = each.entry();
        draft.add(
            entry(each, time),
            entry.isFile() ? () -> tree.open(entry) : Content.none(),
            entry.isFile() ? digests.next() : null);
      }
      var known = new Known(draft.write(store).diffId(), checkout.commit().name(), checkout.time());
      var key = key(reference, checkout.commit());
      store.records().put(key, key, known.toJson());
      return known;
    }
  }

  /// The files of the directory that is wanted, found without leaving the checkout, whatever links
  /// are in it (`repository#ref:link/etc`, a link to the root).
  private static List<Found> files(GitReference reference, LocalTree tree) throws IOException {
    var directory = reference.directory().orElse("/");
    var top = tree.resolve(ArchivePath.clamped(directory)).filter(SourceEntry::isDirectory);
    if (top.isEmpty() || isGit(top.get().path())) {
      throw BuildFailure.of(
          BuildFailure.Kind.CONTEXT,
          "the git repository "
              + reference.printable()
              + " has no directory "
              + Printable.of(directory));
    }
    var found = new ArrayList<Found>();
    var path = top.get().path();
    found.add(new Found(ArchivePath.ROOT, top.get()));
    if (Selection.of(List.of(escaped(path))).in(tree).getFirst()
        instanceof SourceMatch.Matched(_, var selected)) {
      for (var each : selected.getFirst().below()) {
        if (keepsGit(reference) ? !isTrace(each.path()) : !isGit(each.path())) {
          found.add(each);
        }
      }
    }
    return found;
  }

  private static String escaped(ArchivePath path) {
    return "/" + path.toString().replaceAll("([*?\\[\\]\\\\])", "\\\\$1");
  }

  /// Whether a part of the path is called `.git`, which no file of a commit can be.
  private static boolean isGit(ArchivePath path) {
    for (var name : path.toString().split("/", -1)) {
      if (name.equals(GitRepository.OWN_DIRECTORY)) {
        return true;
      }
    }
    return false;
  }

  /// What git notes of its own runs, which is of no use in an image.
  private static boolean isTrace(ArchivePath path) {
    return TRACES.stream().anyMatch(path::startsWith);
  }

  /// Owned by root, without attributes; modes as git knows them, whatever umask the checkout had.
  private static TarEntry entry(Found found, OptionalLong time) {
    var source = found.entry();
    boolean executable = source.isDirectory() || (source.mode() & 0100) != 0;
    return new TarEntry(
        found.path(),
        source.type(),
        source.isSymlink() ? 0777 : executable ? 0755 : 0644,
        0,
        0,
        source.size(),
        time.orElse(source.mtime()),
        source.link(),
        ArchivePath.ROOT,
        0,
        0,
        new TreeMap<>());
  }
}
