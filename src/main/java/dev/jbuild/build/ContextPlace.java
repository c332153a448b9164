package dev.jbuild.build;

import dev.jbuild.context.GitReference;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/// Where a build context comes from, told by how it is written and by what is there.
public sealed interface ContextPlace {

  /// A directory of this machine, or a path where nothing is.
  record Directory(Path path) implements ContextPlace {}

  /// An archive in a file of this machine.
  record Archive(Path file) implements ContextPlace {}

  /// Standard input: an archive, or a Dockerfile alone.
  record StandardInput() implements ContextPlace {}

  /// Something on a web server: an archive, or a Dockerfile alone.
  record Web(String url) implements ContextPlace {}

  /// A git repository.
  record Git(GitReference reference) implements ContextPlace {}

  /// What `text`, an argument of the command line, means. A path that exists is that path.
  ///
  /// @throws BuildFailure USAGE if it is malformed
  static ContextPlace parse(String text) {
    if (text.equals("-") || text.equals("/dev/stdin")) {
      return new StandardInput();
    }
    if (GitReference.isGit(text) || text.startsWith("file://")) {
      return new Git(GitReference.parse(text));
    }
    if (isWeb(text)) {
      return new Web(text);
    }
    if (text.contains("://")) {
      throw BuildFailure.of(
              BuildFailure.Kind.USAGE, Printable.of(text) + " is no context that jbuild can fetch")
          .hint("http, https, git, ssh and file addresses can be");
    }
    var path = path(text);
    if (GitReference.mayBeGit(text) && !Files.exists(path)) {
      return new Git(GitReference.parse(text));
    }
    return Files.exists(path) && !Files.isDirectory(path) ? new Archive(path) : new Directory(path);
  }

  /// The same place; `.git` stays in a repository if `keep`, unless its address says otherwise.
  default ContextPlace keepingGit(boolean keep) {
    return keep && this instanceof Git(var reference) && reference.keepGitDirectory().isEmpty()
        ? new Git(reference.with(Optional.empty(), Optional.of(true)))
        : this;
  }

  /// Whether `text` is the address of something on a web server.
  static boolean isWeb(String text) {
    return text.startsWith("http://") || text.startsWith("https://");
  }

  private static Path path(String text) {
    try {
      return Path.of(text).toAbsolutePath().normalize();
    } catch (InvalidPathException e) {
      throw BuildFailure.of(
          BuildFailure.Kind.USAGE, Printable.of(text) + " cannot be the name of a file", e);
    }
  }
}
