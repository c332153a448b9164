package dev.jbuild.context;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.failure.Utf8;
import dev.jbuild.linux.Directory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A git repository somewhere else: which commit a name stands for now, and its files.
///
/// Arguments that come from a reference stand behind `--` or were checked not to look like options
/// (CVE-2017-1000117 and its kind).
public final class GitRepository {

  /// Where a directory keeps its repository, or a submodule the name of it.
  public static final String OWN_DIRECTORY = ".git";

  private static final String CHECKOUT = "checkout";

  private final GitReference reference;
  private final Path directory;
  private final GitProgram git;

  /// @param environment of the person
  /// @param directory an empty private one, for git's files and the checkout
  public GitRepository(
      GitReference reference, GitAccess access, Map<String, String> environment, Path directory) {
    this.reference = reference;
    this.directory = directory;
    this.git = new GitProgram(environment, directory, reference, access);
  }

  /// A commit of the repository.
  ///
  /// @param name of the commit, in full
  /// @param tag the name of the annotated tag that leads to it
  /// @param ref below which it was found; empty if the commit itself was asked for
  public record Commit(String name, Optional<String> tag, Optional<String> ref) {}

  /// Asks the repository which commit is meant; one that is named in full is not asked for.
  ///
  /// @throws BuildFailure CONTEXT if there is none, or it is not the one of the checksum
  public Commit resolve() throws IOException, InterruptedException {
    var named = reference.commit();
    if (named.isPresent()) {
      return checked(new Commit(named.get(), Optional.empty(), Optional.empty()));
    }
    var wanted = reference.ref().orElse("HEAD");
    var names = new HashMap<String, String>();
    var listed = git.run("ls-remote", "--", reference.remote(), wanted, wanted + "^{}");
    for (var line : listed.split("\n", -1)) {
      int tab = line.indexOf('\t');
      if (tab > 0) {
        names.put(line.substring(tab + 1), line.substring(0, tab));
      }
    }
    // A branch comes before a tag of the same name, as for git checkout.
    for (var ref : new String[] {wanted, "refs/" + wanted, "refs/heads/" + wanted}) {
      var found = commit(names, ref);
      if (found != null) {
        return checked(found);
      }
    }
    var tag = commit(names, "refs/tags/" + wanted);
    if (tag != null) {
      return checked(tag);
    }
    if (wanted.matches("[0-9a-f]{7,39}")) {
      return checked(search(wanted));
    }
    throw missing(wanted);
  }

  private static @Nullable Commit commit(Map<String, String> names, String ref) {
    var found = names.get(ref);
    if (found == null || !GitReference.isCommit(found)) {
      return null;
    }
    var behind = names.get(ref + "^{}");
    return behind == null
        ? new Commit(found, Optional.empty(), Optional.of(ref))
        : new Commit(behind, Optional.of(found), Optional.of(ref));
  }

  private BuildFailure missing(String wanted) {
    return BuildFailure.of(
            BuildFailure.Kind.CONTEXT,
            "the git repository "
                + reference.printable()
                + " has no branch, tag or commit "
                + Printable.of(wanted))
        .hint("a commit that is the head of nothing needs its whole name");
  }

  /// The commit of which only the beginning of the name is known, among all branches and tags.
  private Commit search(String beginning) throws IOException, InterruptedException {
    prepare(beginning);
    everything();
    var found = in("rev-parse", "--verify", "--quiet", beginning + "^{commit}");
    if (!found.succeeded()) {
      throw missing(beginning);
    }
    return new Commit(found.output().strip(), Optional.empty(), Optional.empty());
  }

  private Commit checked(Commit commit) {
    var checksum = reference.checksum().orElse("");
    if (!commit.name().startsWith(checksum)
        && commit.tag().filter(tag -> tag.startsWith(checksum)).isEmpty()) {
      throw BuildFailure.of(
              BuildFailure.Kind.CONTEXT,
              "the git repository "
                  + reference.printable()
                  + " is at commit "
                  + commit.name()
                  + ", not at "
                  + checksum)
          .hint("if it was meant to change, give its new commit");
    }
    return commit;
  }

  /// A checkout.
  ///
  /// @param path the directory with the files, and `.git`
  /// @param commit which it really is: a branch may have moved since it was asked for
  /// @param time of the commit, seconds since the epoch
  public record Checkout(Path path, Commit commit, long time) {}

  /// Fetches the files of `commit`, and of its submodules, unless the reference says otherwise.
  public Checkout checkOut(Commit commit) throws IOException, InterruptedException {
    prepare(commit.name());
    var at = fetch(commit);
    run("checkout", "-q", "--force", "--detach", at.name());
    long time = Long.parseLong(run("show", "-s", "--format=%ct", at.name()).strip());
    var path = directory.resolve(CHECKOUT);
    if (reference.submodules().orElse(true) && Files.exists(path.resolve(".gitmodules"))) {
      submodules();
    }
    return new Checkout(path, at, time);
  }

  private void prepare(String commit) throws IOException, InterruptedException {
    var path = directory.resolve(CHECKOUT);
    if (Files.exists(path)) {
      return;
    }
    if (commit.length() == 64) {
      git.run("init", "-q", "--template=", "--object-format=sha256", "--", path.toString());
    } else {
      git.run("init", "-q", "--template=", "--", path.toString());
    }
    run("remote", "add", "--", "origin", reference.remote());
  }

  /// Only the commit and what it needs; all of the repository if the server does not give it so.
  private Commit fetch(Commit commit) throws IOException, InterruptedException {
    if (in("cat-file", "-e", commit.name() + "^{commit}").succeeded()) {
      return commit;
    }
    var wanted = commit.ref().map(GitRepository::mapped).orElse(commit.name());
    var alone =
        in(
            "fetch",
            "-q",
            "--depth=1",
            "--no-tags",
            "--no-recurse-submodules",
            "--",
            "origin",
            wanted);
    if (alone.succeeded()) {
      var fetched = run("rev-parse", "FETCH_HEAD^{commit}").strip();
      return fetched.equals(commit.name())
          ? commit
          : checked(new Commit(fetched, commit.tag(), commit.ref()));
    }
    everything();
    if (!in("cat-file", "-e", commit.name() + "^{commit}").succeeded()) {
      throw git.failure(alone);
    }
    return commit;
  }

  /// A ref that is kept under its own name, so that `.git`, if it stays, knows where it is.
  private static String mapped(String ref) {
    if (ref.startsWith("refs/tags/")) {
      return "+" + ref + ":" + ref;
    }
    return ref.startsWith("refs/heads/")
        ? "+" + ref + ":refs/remotes/origin/" + ref.substring("refs/heads/".length())
        : ref;
  }

  private void everything() throws IOException, InterruptedException {
    run(
        "fetch",
        "-q",
        "--tags",
        "--no-recurse-submodules",
        "--",
        "origin",
        "+refs/heads/*:refs/remotes/origin/*");
  }

  /// Only their commits; all of them if a server does not give them so. What was fetched in vain is
  /// taken away first: of a clone that failed, or that is shallow, git would fetch no more.
  private void submodules() throws IOException, InterruptedException {
    var update = updateSubmodules("--depth=1");
    if (!update.succeeded()) {
      run("submodule", "--quiet", "deinit", "--force", "--all");
      try (var own = Directory.open(directory.resolve(CHECKOUT).resolve(OWN_DIRECTORY))) {
        own.removeTree(Utf8.encode("modules"));
      }
      update = updateSubmodules("--no-recommend-shallow");
    }
    if (!update.succeeded()) {
      throw git.failure(update)
          .hint("submodules=false in the repository's address leaves its submodules out");
    }
  }

  private GitProgram.Result updateSubmodules(String depth)
      throws IOException, InterruptedException {
    return git.attemptForSubmodules(
        "-C",
        directory.resolve(CHECKOUT).toString(),
        "submodule",
        "--quiet",
        "update",
        "--init",
        "--recursive",
        depth);
  }

  private GitProgram.Result in(String... arguments) throws IOException, InterruptedException {
    var all = new String[arguments.length + 2];
    all[0] = "-C";
    all[1] = directory.resolve(CHECKOUT).toString();
    System.arraycopy(arguments, 0, all, 2, arguments.length);
    return git.attempt(all);
  }

  private String run(String... arguments) throws IOException, InterruptedException {
    var result = in(arguments);
    if (!result.succeeded()) {
      throw git.failure(result);
    }
    return result.output();
  }
}
