package dev.jbuild.cli;

import dev.jbuild.failure.Printable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A context as kaniko is told it, as jbuild is told it: `dir://`, `tar://`, `git://`, `https://`.
final class KanikoContext {

  private static final String DIRECTORY = "dir://";
  private static final String TAR = "tar://";
  private static final String GIT = "git://";
  private static final String DIRECTORY_OPTION = "--context-sub-path";

  private KanikoContext() {}

  /// The argument of a build that means the same.
  ///
  /// @param otherwise what is meant if nothing is said
  static String of(Options options, String otherwise) {
    var text = KanikoOptions.value(options, "--context").orElse(otherwise);
    var below = below(options);
    boolean isWeb = text.startsWith("http://") || text.startsWith("https://");
    if (below.isPresent() && (isWeb || text.startsWith(TAR))) {
      throw Options.usage(DIRECTORY_OPTION + " is for directories and repositories (git://)")
          .hint("pack the archive in that directory");
    }
    if (KanikoOptions.value(options, "--git").isPresent() && !text.startsWith(GIT)) {
      throw Options.usage("--git is for a context that is a repository, git://HOST/PATH");
    }
    if (text.startsWith(TAR)) {
      return text.equals(TAR + "stdin") ? "-" : text.substring(TAR.length());
    }
    if (text.startsWith(GIT)) {
      return git(text.substring(GIT.length()), below, options);
    }
    if (text.startsWith("s3://") || text.startsWith("gs://")) {
      throw Options.usage(Printable.of(text) + ": jbuild reads no buckets")
          .hint("bring the archive here first, and name it as tar://FILE");
    }
    return isWeb ? text : directory(text, below).toString();
  }

  /// What is joined to the context, as kaniko does it: `/app` is `app`. It cannot leave it.
  private static Optional<String> below(Options options) {
    var said = KanikoOptions.value(options, DIRECTORY_OPTION);
    var path = said.map(each -> Path.of(each.replaceFirst("^/+", "")).normalize());
    if (path.filter(each -> each.startsWith("..")).isPresent()) {
      throw Options.usage(
          DIRECTORY_OPTION + " " + Printable.of(said.orElseThrow()) + " leads out of the context");
    }
    return path.map(Path::toString).filter(each -> !each.isEmpty());
  }

  private static Path directory(String text, Optional<String> below) {
    var path = Path.of(text.startsWith(DIRECTORY) ? text.substring(DIRECTORY.length()) : text);
    return below.map(path::resolve).orElse(path);
  }

  /// `host/path#ref#commit`; kaniko asks by https.
  private static String git(String text, Optional<String> below, Options options) {
    var parts = text.split("#", 3);
    var query = new ArrayList<String>();
    var ref = Optional.<String>empty();
    boolean submodules = false;
    for (var setting :
        KanikoOptions.value(options, "--git")
            .map(each -> each.split(",", -1))
            .orElse(new String[0])) {
      var pair = setting.split("=", 2);
      var value = pair.length > 1 ? pair[1] : "";
      switch (pair[0]) {
        case "branch" -> ref = value.isEmpty() ? ref : Optional.of(value);
        case "depth", "single-branch" -> {} // one commit is fetched, and nothing beside it
        case "recurse-submodules" -> submodules = value.equals("true");
        case "insecure-skip-tls" -> {
          if (value.equals("true")) {
            throw Options.usage("--git insecure-skip-tls is not supported: git itself is told so")
                .hint("git config --global http.sslVerify false");
          }
        }
        default -> throw Options.usage("--git does not know " + Printable.of(pair[0]));
      }
    }
    if (parts.length > 2 && !parts[2].isEmpty()) {
      ref = Optional.of(parts[2]);
    } else if (parts.length > 1 && !parts[1].isEmpty()) {
      ref = Optional.of(parts[1]);
    }
    ref.ifPresent(each -> query.add("ref=" + each));
    below.ifPresent(each -> query.add("subdir=" + each));
    query.add("submodules=" + submodules);
    var address = parts[0].endsWith(".git") ? parts[0] : parts[0] + ".git";
    return "https://" + address + "?" + String.join("&", List.copyOf(query));
  }

  /// The Dockerfile: where kaniko looks for it, first where it is named, then in the context.
  static Optional<String> dockerfile(Options options, String otherwise) {
    var file = KanikoOptions.value(options, "--dockerfile");
    var context = KanikoOptions.value(options, "--context").orElse(otherwise);
    boolean isDirectory = context.startsWith(DIRECTORY) || !context.contains("://");
    if (file.isEmpty() || !isDirectory || file.get().contains("://")) {
      return file;
    }
    var inContext = directory(context, below(options)).resolve(file.get());
    return Optional.of(
        !Files.exists(Path.of(file.get())) && Files.exists(inContext)
            ? inContext.toString()
            : file.get());
  }
}
