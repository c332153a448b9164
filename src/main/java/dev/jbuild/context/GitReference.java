package dev.jbuild.context;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.failure.Utf8;
import java.io.ByteArrayOutputStream;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A git repository as people name it, and what of it is wanted:
/// `https://host/repository.git#ref:directory`, or the same with `?ref=…&subdir=…`.
///
/// @param remote what git is told, without user and password if they are part of a web address
/// @param credentials `user:password` of a web address, decoded
/// @param ref a branch, a tag, a whole name below `refs/`, or a commit; HEAD if empty
/// @param directory the only one that is wanted
/// @param checksum what the commit's name must begin with
/// @param submodules whether they are fetched too, if it is said
/// @param keepGitDirectory whether `.git` stays, if it is said
/// @param commitTimes whether files are as old as the commit; else they are as new as the checkout
/// @param fetchByCommit whether the commit of `checksum` is asked for, whatever `ref` stands for
public record GitReference(
    String remote,
    Optional<String> credentials,
    Optional<String> ref,
    Optional<String> directory,
    Optional<String> checksum,
    Optional<Boolean> submodules,
    Optional<Boolean> keepGitDirectory,
    boolean commitTimes,
    boolean fetchByCommit) {

  /// How addresses are written. Apart, since few builds have one.
  private static final class Form {

    static final Pattern WEB =
        Pattern.compile(
            "https?://(?:([^/?#@]*)@)?([^?#@]*)(?:\\?([^#]*))?(?:#(.*))?", Pattern.DOTALL);
    static final Pattern OTHER =
        Pattern.compile("(?:git|ssh|file)://[^?#]+(?:\\?([^#]*))?(?:#(.*))?", Pattern.DOTALL);
    static final Pattern SHORT =
        Pattern.compile("[A-Za-z0-9_.-]+@[A-Za-z0-9_.-]+:[^:?#][^?#]*(?:\\?([^#]*))?(?:#(.*))?");
  }

  private static final String HUB = "github.com/";

  /// What git-check-ref-format(1) keeps out of names, and `*`, which ls-remote would expand.
  private static final String NO_REF =
      "-.*|.*[\\x00-\\x20\\x7f~^:?*\\[\\\\].*|.*\\.\\..*|.*@\\{.*|.*/|/.*|.*\\.lock";

  private static final String COMMIT = "[0-9a-f]{40}|[0-9a-f]{64}";

  /// Whether `text` names a repository and nothing else: `git://`, `ssh://`, `user@host:path`,
  /// `http(s)://….git`.
  public static boolean isGit(String text) {
    if (text.indexOf(':') < 0) {
      return false;
    }
    var web = Form.WEB.matcher(text);
    if (web.matches()) {
      return web.group(2).endsWith(".git");
    }
    return Form.SHORT.matcher(text).matches()
        || text.startsWith("git://")
        || text.startsWith("ssh://");
  }

  /// Whether `text` may be a repository if no such file is there: `github.com/owner/name`.
  public static boolean mayBeGit(String text) {
    return text.startsWith(HUB);
  }

  /// Reads what is known to be meant as a repository; `file://` is one too.
  ///
  /// @throws BuildFailure USAGE if a part of it is malformed; it shows no password
  public static GitReference parse(String text) {
    var whole = text.startsWith(HUB) ? "https://" + text : text;
    var web = Form.WEB.matcher(whole);
    if (web.matches()) {
      var remote = whole.substring(0, whole.indexOf("//") + 2) + web.group(2);
      var user = Optional.ofNullable(web.group(1)).map(GitReference::decoded);
      return new Draft(remote, user).query(web.group(3)).fragment(web.group(4)).finish();
    }
    for (var pattern : new Pattern[] {Form.OTHER, Form.SHORT}) {
      var match = pattern.matcher(whole);
      if (match.matches()) {
        int end = whole.length();
        for (char mark : new char[] {'?', '#'}) {
          end = whole.indexOf(mark) < 0 ? end : Math.min(end, whole.indexOf(mark));
        }
        return new Draft(whole.substring(0, end), Optional.empty())
            .query(match.group(1))
            .fragment(match.group(2))
            .finish();
      }
    }
    throw malformed("it is not the address of one");
  }

  private static BuildFailure malformed(String why) {
    return BuildFailure.of(BuildFailure.Kind.USAGE, "the git repository cannot be used: " + why);
  }

  private static String decoded(String text) {
    var bytes = new ByteArrayOutputStream();
    var raw = Utf8.encode(text);
    for (int i = 0; i < raw.length; i++) {
      int high = i + 2 < raw.length ? Character.digit(raw[i + 1], 16) : -1;
      int low = i + 2 < raw.length ? Character.digit(raw[i + 2], 16) : -1;
      if (raw[i] == '%' && high >= 0 && low >= 0) {
        bytes.write(high * 16 + low);
        i += 2;
      } else {
        bytes.write(raw[i]);
      }
    }
    return Utf8.decode(bytes.toByteArray());
  }

  /// Whether git is to read a repository of this machine by its path.
  public boolean isLocal() {
    return remote.startsWith("file://");
  }

  /// Whether it is reached by ssh.
  public boolean isSsh() {
    return remote.startsWith("ssh://") || !remote.contains("://");
  }

  /// The commit, if it is named in full.
  public Optional<String> commit() {
    if (fetchByCommit && checksum.filter(GitReference::isCommit).isPresent()) {
      return checksum;
    }
    return ref.isPresent()
        ? ref.filter(GitReference::isCommit)
        : checksum.filter(GitReference::isCommit);
  }

  static boolean isCommit(String name) {
    return name.matches(COMMIT);
  }

  /// What may be shown of it: the repository, without a password, and what is wanted.
  public String printable() {
    var address = remote;
    int scheme = address.indexOf("://");
    int slash = scheme < 0 ? -1 : address.indexOf('/', scheme + 3);
    int at = address.lastIndexOf('@', slash < 0 ? address.length() : slash);
    int colon = scheme < 0 ? -1 : address.indexOf(':', scheme + 3);
    if (scheme >= 0 && colon >= 0 && colon < at) {
      address = address.substring(0, colon) + address.substring(at); // ssh://user:password@host
    }
    var wanted = ref.orElse("") + directory.map(path -> ":" + path).orElse("");
    return Printable.of(wanted.isEmpty() ? address : address + "#" + wanted);
  }

  @Override
  public String toString() {
    return printable();
  }

  /// The same with what `--checksum` and `--keep-git-dir` of an ADD say.
  ///
  /// @throws BuildFailure USAGE if both give checksums of which none begins the other
  public GitReference with(Optional<String> otherChecksum, Optional<Boolean> keep) {
    if (checksum.isPresent()
        && otherChecksum.isPresent()
        && !checksum.get().startsWith(otherChecksum.get())
        && !otherChecksum.get().startsWith(checksum.get())) {
      throw malformed("its address and --checksum name different commits");
    }
    boolean longer =
        otherChecksum.isPresent()
            && otherChecksum.get().length() > checksum.map(String::length).orElse(0);
    return new GitReference(
        remote,
        credentials,
        ref,
        directory,
        longer ? otherChecksum : checksum,
        submodules,
        keep.or(() -> keepGitDirectory),
        commitTimes,
        fetchByCommit);
  }

  /// A reference while its parts are read.
  private static final class Draft {
    private final String remote;
    private final Optional<String> credentials;
    private String ref = "";
    private String directory = "";
    private String checksum = "";
    private Optional<Boolean> submodules = Optional.empty();
    private Optional<Boolean> keepGitDirectory = Optional.empty();
    private boolean commitTimes;
    private boolean fetchByCommit;

    Draft(String remote, Optional<String> credentials) {
      this.remote = remote;
      this.credentials = credentials;
    }

    Draft query(@Nullable String query) {
      if (query != null) {
        for (var pair : query.split("&", -1)) {
          int equals = pair.indexOf('=');
          set(
              decoded(equals < 0 ? pair : pair.substring(0, equals)),
              equals < 0 ? "" : decoded(pair.substring(equals + 1).replace('+', ' ')));
        }
      }
      return this;
    }

    private void set(String name, String value) {
      switch (name) {
        case "" -> {}
        case "ref" -> ref = one(name, ref, value);
        case "tag" -> ref = one("ref", ref, below("refs/tags/", value));
        case "branch" -> ref = one("ref", ref, below("refs/heads/", value));
        case "subdir" -> directory = one(name, directory, value);
        case "checksum", "commit" -> checksum = one("checksum", checksum, value);
        case "submodules" -> submodules = Optional.of(isTrue(name, value));
        case "keep-git-dir" -> keepGitDirectory = Optional.of(isTrue(name, value));
        case "fetch-by-commit" -> fetchByCommit = isTrue(name, value);
        case "mtime" ->
            commitTimes =
                switch (value) {
                  case "commit" -> true;
                  case "checkout" -> false;
                  default -> throw malformed("mtime is commit or checkout");
                };
        default ->
            throw malformed("its address has the unknown parameter " + Printable.of(name))
                .hint(
                    "there are ref, tag, branch, subdir, checksum, commit, submodules,"
                        + " keep-git-dir, mtime and fetch-by-commit");
      }
    }

    private static String below(String prefix, String name) {
      return name.isEmpty() || name.startsWith(prefix) ? name : prefix + name;
    }

    private static String one(String name, String before, String value) {
      if (value.isEmpty()) {
        throw malformed("its parameter " + name + " has no value");
      }
      if (!before.isEmpty() && !before.equals(value)) {
        throw malformed(
            "its address names two of " + name + ": " + Printable.of(before + ", " + value));
      }
      return value;
    }

    private static boolean isTrue(String name, String value) {
      return switch (value) {
        case "", "1", "t", "T", "true", "TRUE", "True" -> true;
        case "0", "f", "F", "false", "FALSE", "False" -> false;
        default -> throw malformed(name + " is true or false");
      };
    }

    Draft fragment(@Nullable String fragment) {
      if (fragment != null && !fragment.isEmpty()) {
        int colon = fragment.indexOf(':');
        var name = decoded(colon < 0 ? fragment : fragment.substring(0, colon));
        var path = colon < 0 ? "" : decoded(fragment.substring(colon + 1));
        ref = name.isEmpty() ? ref : one("ref", ref, name);
        directory = path.isEmpty() ? directory : one("subdir", directory, path);
      }
      return this;
    }

    GitReference finish() {
      if (remote.startsWith("-") || remote.matches("(?s).*[\\x00-\\x20\\x7f].*")) {
        throw malformed("its address has characters that no address has");
      }
      if (remote.matches("(?:ssh://)?(?:[^@/]*@)?-.*")) {
        throw malformed("its host begins with a hyphen"); // CVE-2017-1000117
      }
      if (!ref.isEmpty() && ref.matches(NO_REF)) {
        throw malformed(Printable.of(ref) + " is no name of a branch, tag or commit");
      }
      if (!checksum.isEmpty() && !checksum.matches("[0-9a-f]{4,64}")) {
        throw malformed(Printable.of(checksum) + " is no commit's name, or the beginning of one");
      }
      if (fetchByCommit && !isCommit(checksum)) {
        throw malformed("fetch-by-commit needs the whole name of a commit as checksum");
      }
      return new GitReference(
          remote,
          credentials.filter(text -> !text.isEmpty()),
          present(ref),
          present(directory),
          present(checksum),
          submodules,
          keepGitDirectory,
          commitTimes,
          fetchByCommit);
    }

    private static Optional<String> present(String text) {
      return text.isEmpty() ? Optional.empty() : Optional.of(text);
    }
  }
}
