package dev.jbuild.context;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.failure.Utf8;
import dev.jbuild.linux.Machine;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The machine's git, started so that nothing but its arguments decides what it does: without
/// configuration, hooks, filters and prompts, and only with the protocols that are meant.
///
/// In a user namespace it runs as the person, whose ssh asks for the person's name and files.
final class GitProgram {

  private static final int LONGEST_OUTPUT = 16 << 20;
  private static final int LONGEST_ERROR = 64 << 10;

  /// What of the person's environment says how to reach the network.
  private static final List<String> PASSED =
      List.of(
          "PATH",
          "http_proxy",
          "https_proxy",
          "HTTPS_PROXY",
          "all_proxy",
          "ALL_PROXY",
          "no_proxy",
          "NO_PROXY",
          "GIT_SSL_CAINFO",
          "GIT_SSL_CAPATH",
          "SSL_CERT_FILE",
          "SSL_CERT_DIR");

  private static final String NO_FILE = "/dev/null";

  private final Map<String, String> environment;
  private final Path directory;
  private final GitReference reference;
  private final GitAccess access;

  /// @param environment of the person
  /// @param directory a private one for git's files
  GitProgram(
      Map<String, String> environment, Path directory, GitReference reference, GitAccess access) {
    this.environment = environment;
    this.directory = directory;
    this.reference = reference;
    this.access = access;
  }

  /// What a run came to.
  ///
  /// @param output of standard output
  /// @param error what git said on standard error
  record Result(int code, String output, String error) {
    boolean succeeded() {
      return code == 0;
    }
  }

  /// Runs git and expects it to succeed.
  ///
  /// @throws BuildFailure CONTEXT with git's own words
  String run(String... arguments) throws IOException, InterruptedException {
    var result = attempt(arguments);
    if (!result.succeeded()) {
      throw failure(result);
    }
    return result.output;
  }

  /// Runs git. It is killed if the thread is interrupted, or a signal ends jbuild.
  Result attempt(String... arguments) throws IOException, InterruptedException {
    return attempt(protocols(), arguments);
  }

  /// Runs git for submodules, whose addresses are a stranger's: files of this machine are none.
  Result attemptForSubmodules(String... arguments) throws IOException, InterruptedException {
    return attempt("https:http:ssh:git", arguments);
  }

  private String protocols() {
    return reference.isLocal() && access.isPerson() ? "file" : "https:http:ssh:git";
  }

  BuildFailure failure(Result result) {
    var said = new ArrayList<String>();
    for (var line : result.error.split("\\R", -1)) {
      if (line.startsWith("fatal: ") || line.startsWith("error: ")) {
        said.add(line.substring(line.indexOf(' ') + 1));
      }
    }
    if (said.isEmpty()) {
      result.error.lines().map(String::strip).filter(line -> !line.isEmpty()).forEach(said::add);
    }
    var why = said.isEmpty() ? "git ended with code " + result.code : String.join("; ", said);
    var failure =
        BuildFailure.of(
            BuildFailure.Kind.CONTEXT,
            "the git repository " + reference.printable() + " cannot be fetched: " + shown(why));
    if (header().isEmpty() && access.isKeptBack(reference)) {
      return failure.hint("its secret is not sent over http: give an address with https");
    }
    return why.contains("returned error: 30") && header().isPresent()
        ? failure.hint("it has moved, and passwords follow no redirect: give its new address")
        : failure;
  }

  /// What git says never holds the password: it is not told it in an argument. A server may.
  private String shown(String text) {
    var clean = text;
    if (reference.credentials().isPresent()) {
      for (var part : reference.credentials().get().split(":", 2)) {
        clean = part.isEmpty() ? clean : clean.replace(part, "***");
      }
    }
    return Printable.of(clean.length() > 2000 ? clean.substring(0, 2000) : clean);
  }

  private Result attempt(String protocols, String... arguments)
      throws IOException, InterruptedException {
    var command = new ArrayList<String>(asPerson());
    command.add(executable().toString());
    command.addAll(List.of(arguments));
    var out = Files.createTempFile(directory, "git", ".out");
    var err = Files.createTempFile(directory, "git", ".err");
    try {
      var builder =
          new ProcessBuilder(command)
              .directory(directory.toFile())
              .redirectInput(ProcessBuilder.Redirect.from(Path.of(NO_FILE).toFile()))
              .redirectOutput(out.toFile())
              .redirectError(err.toFile());
      builder.environment().clear();
      builder.environment().putAll(environment(protocols));
      int code = GitProcess.run(builder);
      return new Result(code, read(out, LONGEST_OUTPUT), read(err, LONGEST_ERROR));
    } finally {
      Files.deleteIfExists(out);
      Files.deleteIfExists(err);
    }
  }

  private static String read(Path file, int most) throws IOException {
    try (var in = Files.newInputStream(file)) {
      return Utf8.decode(in.readNBytes(most));
    }
  }

  private Path executable() {
    for (var place : environment.getOrDefault("PATH", "/usr/bin:/bin").split(":", -1)) {
      var file = Path.of(place.isEmpty() ? "." : place).resolve("git").toAbsolutePath();
      if (Files.isExecutable(file) && !Files.isDirectory(file)) {
        return file;
      }
    }
    throw BuildFailure.of(
            BuildFailure.Kind.CONTEXT,
            "the git repository "
                + reference.printable()
                + " cannot be fetched: git is not installed")
        .hint("install git, or clone the repository and name its directory");
  }

  /// Inside the launcher's user namespace everybody is root; git and ssh want to be the person.
  private List<String> asPerson() {
    var uid = environment.getOrDefault("JBUILD_UID", "");
    var gid = environment.getOrDefault("JBUILD_GID", "");
    boolean mapped = !uid.isEmpty() && !uid.equals("0") && Machine.inUserNamespace();
    return mapped
        ? List.of("unshare", "--user", "--map-user=" + uid, "--map-group=" + gid, "--")
        : List.of();
  }

  private Map<String, String> environment(String protocols) {
    var all = new TreeMap<String, String>();
    for (var name : PASSED) {
      Optional.ofNullable(environment.get(name)).ifPresent(value -> all.put(name, value));
    }
    all.put("LC_ALL", "C");
    all.put("HOME", directory.toString());
    all.put("XDG_CONFIG_HOME", directory.toString());
    all.put("GIT_CONFIG_NOSYSTEM", "1");
    all.put("GIT_CONFIG_SYSTEM", NO_FILE);
    all.put("GIT_CONFIG_GLOBAL", NO_FILE);
    all.put("GIT_ATTR_NOSYSTEM", "1");
    all.put("GIT_TERMINAL_PROMPT", "0");
    all.put("GIT_ASKPASS", "");
    all.put("GIT_CEILING_DIRECTORIES", directory.toString());
    all.put("GIT_ALLOW_PROTOCOL", protocols);
    all.put("GIT_HTTP_LOW_SPEED_LIMIT", "1");
    all.put("GIT_HTTP_LOW_SPEED_TIME", "60");
    all.put("GIT_SSH_COMMAND", access.sshCommand());
    access.agent(environment).ifPresent(socket -> all.put("SSH_AUTH_SOCK", socket));
    var settings = settings();
    all.put("GIT_CONFIG_COUNT", String.valueOf(settings.size()));
    int number = 0;
    for (var each : settings.entrySet()) {
      all.put("GIT_CONFIG_KEY_" + number, each.getKey());
      all.put("GIT_CONFIG_VALUE_" + number, each.getValue());
      number++;
    }
    return all;
  }

  /// In the environment, since everybody on the machine can read arguments.
  private Map<String, String> settings() {
    var settings = new TreeMap<String, String>();
    settings.put("advice.detachedHead", "false");
    settings.put("core.autocrlf", "false");
    settings.put("core.fsmonitor", "false");
    settings.put("core.hooksPath", NO_FILE);
    settings.put("core.symlinks", "true");
    settings.put("credential.helper", "");
    settings.put("gc.auto", "0");
    settings.put("init.defaultBranch", "main");
    settings.put("maintenance.auto", "false");
    header().ifPresent(value -> authorize(settings, value));
    return settings;
  }

  /// Git goes on sending a header to the host that a server redirects it to: with one, no redirect
  /// is followed.
  private void authorize(Map<String, String> settings, String header) {
    settings.put("http." + reference.remote() + ".extraHeader", header);
    settings.put("http." + reference.remote() + ".followRedirects", "false");
  }

  private Optional<String> header() {
    return reference
        .credentials()
        .map(text -> text.contains(":") ? text : text + ":")
        .map(
            text ->
                "Basic "
                    + Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8)))
        .or(() -> access.authorization(reference))
        .map(value -> "Authorization: " + value);
  }
}
