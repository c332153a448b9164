package dev.jbuild.context;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.failure.Source;
import dev.jbuild.failure.Utf8;
import dev.jbuild.linux.Directory;
import dev.jbuild.linux.Errno;
import dev.jbuild.linux.FileStat;
import dev.jbuild.linux.LinuxException;
import dev.jbuild.linux.MountedFileSystem;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/// The directory that a build was given, open, with the ignore file that counts for it.
public final class LocalContext implements AutoCloseable {

  private static final int LARGEST_IGNORE_FILE = 16 << 20;

  /// Of so many files it takes as long to ask whether they changed as to look at all anew.
  private static final int MOST_EVIDENCE = 100_000;

  private final Path directory;
  private final Directory root;
  private final Optional<String> ignoreFile;
  private final IgnoreRules rules;
  private final Optional<FileStat> hidden;
  private final LocalTree tree;

  private LocalContext(
      Path directory,
      Directory root,
      Optional<Source> ignoreFile,
      StatCache cache,
      Optional<FileStat> hidden) {
    this.directory = directory;
    this.root = root;
    this.ignoreFile = ignoreFile.map(Source::name);
    this.rules = ignoreFile.map(IgnoreRules::parse).orElse(IgnoreRules.NONE);
    this.hidden = hidden;
    this.tree = new LocalTree(root, rules, cache, hidden);
  }

  /// Opens `directory`.
  ///
  /// The ignore file is the Dockerfile's own (its name with `.dockerignore` behind, beside it),
  /// else `.dockerignore` in the directory, else `.containerignore`; never two of them. It may be a
  /// link, but only to a file in its own directory or below: a context that was sent by somebody
  /// else must not read the host's files (their lines would be told in errors).
  ///
  /// @param dockerfile where it lies, if it is a file
  /// @param statCaches the directory of the stat caches
  /// @param hidden a directory that is no part of any context: the store
  /// @throws BuildFailure CONTEXT if the directory or the ignore file cannot be read
  public static LocalContext open(
      Path directory, Optional<Path> dockerfile, Path statCaches, Optional<FileStat> hidden)
      throws IOException {
    return open(directory, dockerfile, StatCache.open(statCaches, directory), hidden);
  }

  /// The same without a memory of earlier builds.
  public static LocalContext open(
      Path directory, Optional<Path> dockerfile, Optional<FileStat> hidden) throws IOException {
    return open(directory, dockerfile, StatCache.none(), hidden);
  }

  private static LocalContext open(
      Path directory, Optional<Path> dockerfile, StatCache cache, Optional<FileStat> hidden)
      throws IOException {
    var root = openRoot(directory);
    try {
      var own = dockerfile.isPresent() ? ownIgnoreFile(dockerfile.get()) : Optional.<Source>empty();
      var file = own.isPresent() ? own : read(root, ".dockerignore", ".dockerignore");
      file = file.isPresent() ? file : read(root, ".containerignore", ".containerignore");
      return new LocalContext(directory, root, file, cache, hidden);
    } catch (IOException | RuntimeException e) {
      root.close();
      throw e;
    }
  }

  private static Directory openRoot(Path directory) throws IOException {
    try {
      return Directory.open(directory);
    } catch (LinuxException e) {
      var message = "the context " + Printable.of(directory.toString()) + " cannot be opened: ";
      throw BuildFailure.of(BuildFailure.Kind.CONTEXT, message + e.errno().text(), e);
    }
  }

  private static Optional<Source> ownIgnoreFile(Path dockerfile) throws IOException {
    var parent = dockerfile.toAbsolutePath().getParent();
    var fileName = dockerfile.getFileName();
    if (parent == null || fileName == null) {
      return Optional.empty();
    }
    try (var beside = Directory.open(parent)) {
      return read(beside, fileName + ".dockerignore", dockerfile + ".dockerignore");
    } catch (LinuxException e) {
      if (e.is(Errno.ENOENT) || e.is(Errno.ENOTDIR)) {
        return Optional.empty(); // whoever reads the Dockerfile says that it is missing
      }
      throw e;
    }
  }

  /// @param shown how errors name the file
  private static Optional<Source> read(Directory directory, String name, String shown)
      throws IOException {
    var bytes = Utf8.encode(name);
    try {
      if (directory.stat(bytes).isEmpty()) {
        return Optional.empty();
      }
      try (var file = directory.resolveFile(bytes);
          var in = file.inputStream()) {
        var content = in.readNBytes(LARGEST_IGNORE_FILE + 1);
        if (content.length > LARGEST_IGNORE_FILE) {
          throw unreadable(shown, "it is larger than 16 MiB");
        }
        return Optional.of(new Source(shown, Utf8.decode(content)));
      }
    } catch (LinuxException e) {
      throw switch (e.errno()) {
        case ENOENT, ELOOP, EXDEV -> unreadable(shown, "it is a link to no file in its directory");
        default -> unreadable(shown, e.errno().text());
      };
    }
  }

  private static BuildFailure unreadable(String shown, String why) {
    return BuildFailure.of(
            BuildFailure.Kind.CONTEXT, Printable.of(shown) + " cannot be read: " + why)
        .hint("without it the image could get files that are meant to be left out");
  }

  /// What COPY sees. Valid until the context is closed.
  public LocalTree tree() {
    return tree;
  }

  /// By what it is told later that a build would see the same; more may be added to it. Empty if
  /// that cannot be told, or is too much.
  public Optional<Evidence> evidence() throws IOException {
    if (!MountedFileSystem.of(root).tellsOfNames()) {
      return Optional.empty();
    }
    var evidence = tree.evidence(MOST_EVIDENCE);
    if (evidence.isPresent() && ignoreFile.isPresent()) {
      evidence.get().add(directory.resolve(ignoreFile.get()));
    }
    return evidence;
  }

  /// Begins to list the whole tree on a thread of its own, for a COPY of all of it that comes soon.
  public void listAhead() {
    tree.begin();
  }

  /// The open directory itself, to read a Dockerfile from.
  public Directory root() {
    return root;
  }

  /// The name of the ignore file, if there is one.
  public Optional<String> ignoreFile() {
    return ignoreFile;
  }

  public IgnoreRules rules() {
    return rules;
  }

  /// Everything in the directory, with what is left out, for `context ls`.
  public ContextSurvey survey() {
    return new ContextSurvey(new HostNames(root, hidden), rules, ignoreFile);
  }

  @Override
  public void close() {
    tree.stop();
    root.close();
  }
}
