package dev.jbuild.cli;

import dev.jbuild.console.BuildEvent;
import dev.jbuild.console.Console;
import dev.jbuild.console.PlainProgress;
import dev.jbuild.console.TerminalProgress;
import dev.jbuild.image.Platform;
import dev.jbuild.linux.Mounts;
import dev.jbuild.sandbox.ExitProgram;
import dev.jbuild.serve.Registry;
import dev.jbuild.serve.RegistryOptions;
import java.io.ByteArrayOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/// `jbuild import --rehearse DIR`: made-up input in an empty directory. `jbuild build --rehearse
/// DIR`: builds of it in one process, as people do all day; `jbuild --rehearse DIR`: what else they
/// do, and then, in the same directory, `jbuild images --rehearse DIR`: how they look at images and
/// name them; `jbuild pull --rehearse DIR`: what they do with registries. Java notes meanwhile
/// which classes it loads; when jbuild is packaged, they become the snapshots that later starts
/// begin with (`src/main/packaging/snapshot`).
///
/// What cannot be done where jbuild is packaged, such as a RUN step without namespaces, is said
/// and left out: the snapshot is then smaller, and nothing else is different.
final class Rehearsal {

  /// What `main` gets as its first word.
  static final String OPTION = "--rehearse";

  /// Variables that name a person's logins, or hold them.
  private static final Set<String> LOGINS =
      Set.of("DOCKER_AUTH_CONFIG", "DOCKER_CONFIG", "REGISTRY_AUTH_FILE");

  /// In nanoseconds.
  private static final long OLD_ENOUGH = 300_000_000;

  private static final int FILES = 300;

  /// From so many on they are listed by several threads, and the list of them is a long one.
  private static final int MANY = 3_000;

  /// A tar of a directory and a file, gzip.
  private static final String ARCHIVE =
      "H4sIAAAAAAACA+3RSwrCMBRA0YxdRXdgf7HrKVpBFFpq3b9BZxV11ELhnMkLvEAId2iP1+60D0vK"
          + "kybG10zm8/NclGVdhyyGFTzuUzum58e+n37d+7eff24jhnf/8+XWLdr/kIJ+79/M+ldFXoUs13+l"
          + "/rsAAAAAAAAAAABszxM/5QgXACgAAA==";

  /// Makes layers of several MiB, for which two threads work.
  private static final int LINES = 2_500;
  private static final int COLUMNS = 80;

  private final Path directory;
  private final Map<String, String> environment;
  private final Console console;

  Rehearsal(Path directory, Map<String, String> environment, Console console) {
    this.directory = directory;
    this.environment = new HashMap<>(environment);
    this.console = console;
    // What the person is logged in to, or has set up, does not belong here.
    this.environment.put("HOME", directory.toString());
    this.environment.keySet().removeIf(name -> name.startsWith("XDG_") || LOGINS.contains(name));
    // Threads that several commands use are where the first of these was.
    if (this.environment.remove(Main.OWN_MOUNTS) != null) {
      Mounts.leaveNamespace();
    }
    this.environment.put(Answer.PLACE, text(store().resolve("cache/answers/rehearsal")));
  }

  private Path store() {
    return directory.resolve("store");
  }

  private Path context() {
    return directory.resolve("context");
  }

  /// @return the exit code: 0 also if a part of it was not possible
  int builds() throws IOException {
    builds(context());
    return 0;
  }

  private void builds(Path context) throws IOException {
    LockSupport.parkNanos(OLD_ENOUGH); // of younger files no answer is kept
    for (var round : List.of("cold", "nothing changed", "one file changed")) {
      build(context, round);
      if (round.equals("nothing changed")) {
        change(context.resolve("src/d3/f7"));
      }
    }
    command(
        "build",
        "-t",
        "rehearsal:2",
        "--target=app",
        "--build-arg=version=2",
        "--label=a=b",
        "--platform=" + Platform.host(),
        text(context));
    run(context);
    run(context);
    for (var progress : List.of("quiet", "plain", "tty")) {
      command(
          "build", "--progress", progress, "-f", text(context.resolve("Copyfile")), text(context));
      if (progress.equals("plain")) { // before that nothing changed
        change(context.resolve("many/d7/another"));
      }
    }
    for (var terminal : List.of(false, true)) {
      output(terminal);
    }
    commandThatFails("build", "-f", text(context.resolve("Failfile")), text(context));
  }

  /// By a class that Java has anyway, not by channels, which builds do without.
  private static void change(Path file) throws IOException {
    try (var out = new FileOutputStream(file.toFile())) {
      out.write('\n');
    }
  }

  /// What a step prints: the program of the steps here prints nothing.
  private void output(boolean terminal) {
    var quiet = quiet(OutputStream.nullOutputStream(), terminal);
    var step = new BuildEvent.Step("stage-0 1", "RUN make");
    try (var progress = terminal ? new TerminalProgress(quiet) : new PlainProgress(quiet)) {
      progress.on(new BuildEvent.Started(step));
      progress.on(new BuildEvent.Output(step, "made\nand ".getBytes(StandardCharsets.US_ASCII)));
      progress.on(
          new BuildEvent.Finished(step, BuildEvent.Outcome.DONE, Duration.ofMillis(234), ""));
    }
  }

  private void run(Path context) {
    run(context, "rehearsal:run", "--load");
  }

  private void run(Path context, String tag, String output) {
    command(
        "build",
        "-t",
        tag,
        output,
        "--secret=id=token,src=" + context.resolve("package.json"),
        "-f",
        text(context.resolve("Runfile")),
        text(context));
  }

  /// As [#builds].
  int commands() throws IOException {
    var context = context();
    build(context, "for other commands");
    run(context);
    VersionCommand.line();
    command("run", "rehearsal:run");
    command("run", "--rm", "--env=A=b", "--user=7:7", "--volume=" + context + ":/c", "base", "sh");
    command("images", "--help");
    command("diff", "rehearsal:1", "rehearsal:run");
    command("cache", "explain");
    command("cache", "ls");
    command("context", "ls", text(context));
    command("context", "why", "src/d1/f1", "--context", text(context));
    command("parse", text(context));
    command("store", "du");
    command("tag", "rehearsal:1", "rehearsal:2");
    var archive = text(directory.resolve("image.tar"));
    command("save", "-o", archive, "rehearsal:1");
    command("import", text(context.resolve("src")), "rehearsal:imported");
    command("import", text(context.resolve("files.tar.gz")), "rehearsal:imported");
    command("rmi", "rehearsal:1", "rehearsal:2");
    command("load", "-i", archive);
    commandThatFails("lint", text(context)); // it finds something
    command("store", "check");
    command("prune", "-f");
    return 0;
  }

  /// As [#builds], where [#commands] left its store: these are the shortest commands of all, and
  /// their snapshot has nothing that only builds need.
  int images() {
    command("images");
    command("images", "-q", "--filter=dangling=true");
    command("history", "rehearsal:1");
    command("inspect", "rehearsal:1");
    command("tree");
    command("ps");
    command("tag", "rehearsal:1", "rehearsal:2");
    command("rmi", "rehearsal:2");
    return 0;
  }

  /// As [#builds].
  int transfers() throws IOException {
    var context = context();
    build(context, "for a registry");
    transfer(context);
    command("images");
    return 0;
  }

  /// Makes what the others need. They run in other processes than this: what it loads is in none of
  /// the snapshots.
  int input() throws IOException {
    var context = Files.createDirectories(context());
    for (int i = 0; i < FILES; i++) {
      var parent = Files.createDirectories(context.resolve("src/d" + i % 10));
      Files.writeString(parent.resolve("f" + i), ("file " + i + "\n").repeat(LINES));
    }
    for (int i = 0; i < MANY; i++) {
      var parent = Files.createDirectories(context.resolve("many/d" + i % 20));
      Files.writeString(parent.resolve("a file among very many others " + i), "file " + i);
    }
    Files.writeString(context.resolve(".dockerignore"), "**/*.tmp\n!src/keep.tmp\n");
    Files.writeString(
        context.resolve("Dockerfile"),
        """
        # syntax=docker/dockerfile:1
        ARG version=1 base=base
        FROM scratch AS files
        COPY src /app
        FROM ${base} AS app
        ARG version
        ARG mode
        SHELL ["/bin/sh", "-ec"]
        ENV VERSION=${version:-0} PATH=/app:$PATH
        ENV MODE=$mode
        LABEL one="two three" org.opencontainers.image.title=rehearsal
        WORKDIR /app
        COPY --from=files --chown=1:1 /app /app
        COPY --chown=user --chmod=755 package*.json ./
        COPY --link src/d3 /app/d3/
        COPY --exclude=*.md --parents src/d1 /parents/
        COPY <<END /etc/rehearsal
        $version
        END
        ADD Runfile Copyfile files.tar.gz /added/
        USER user
        VOLUME /data
        EXPOSE 443 80/tcp
        STOPSIGNAL SIGTERM
        HEALTHCHECK --interval=30s --timeout=3s --retries=3 CMD true
        ENTRYPOINT ["/app/f1"]
        CMD help
        """);
    Files.writeString(context.resolve("package.json"), "{}\n");
    Files.write(context.resolve("files.tar.gz"), Base64.getDecoder().decode(ARCHIVE));
    var program = ExitProgram.of(Platform.host().architecture()).map(ExitProgram::bytes);
    var shell = Files.createDirectories(directory.resolve("base/bin")).resolve("sh");
    Files.write(shell, program.orElseGet(() -> new byte[0]));
    shell.toFile().setExecutable(true, false);
    var etc = Files.createDirectories(directory.resolve("base/etc"));
    Files.writeString(etc.resolve("passwd"), "root:x:0:0::/:/bin/sh\nuser:x:7:7::/:/bin/sh\n");
    Files.writeString(etc.resolve("group"), "root:x:0:\nuser:x:7:\n");
    // The directory that the base names and lacks is what the first step changes, in one that the
    // base has.
    Files.writeString(
        context.resolve("Runfile"),
        """
        FROM base AS changed
        RUN true
        FROM rehearsal:1
        COPY --from=changed /etc /etc
        USER root
        RUN --mount=type=cache,target=/cache true
        RUN --mount=type=bind,target=/source --mount=type=tmpfs,target=/fast true
        RUN --mount=type=secret,id=token --network=none true
        RUN ["/bin/sh"]
        RUN <<END
        true
        END
        ARG mode=fast
        USER user
        RUN true && true
        ENTRYPOINT []
        CMD ["/bin/sh"]
        """);
    Files.writeString(context.resolve("Failfile"), "FROM base\nRUN [\"/missing\"]\n");
    Files.writeString(context.resolve("Copyfile"), "FROM scratch\nCOPY . /all\nCOPY Copyfile /\n");
    command("import", "--change", "WORKDIR /etc/made", text(directory.resolve("base")), "base");
    try (var registry = registry()) { // where its layers are is known of most base images
      var there = registry.authority() + "/base";
      command("tag", "base", there);
      command("push", there);
      command("rmi", there);
    }
    return 0;
  }

  private void build(Path context, String round) {
    console.message("rehearsing a build: " + round);
    command("build", "-t", "rehearsal:1", text(context));
  }

  /// On this machine.
  private Registry registry() throws IOException {
    var place = new RegistryOptions.Place.Directory(directory.resolve("registry"));
    return Registry.start(RegistryOptions.of(place).withLog(_ -> {}, console::warning));
  }

  /// To a registry and from it.
  private void transfer(Path context) throws IOException {
    try (var registry = registry()) {
      var there = registry.authority() + "/rehearsal:1";
      command("tag", "rehearsal:1", there);
      command("push", there);
      command("push", "--quiet", there);
      command("rmi", there);
      command("pull", there);
      command("pull", "--quiet", there);
      for (var transfer : List.of("push", "pull")) {
        command(true, transfer, there);
      }
      change(context.resolve("src/d3/f7"));
      command("build", "--push", "-t", there, text(context));
      for (int i = 0; i < 2; i++) {
        run(context, registry.authority() + "/rehearsal:run", "--push");
      }
      command("copy", there, registry.authority() + "/rehearsal:2");
      command("registry", "tags", registry.authority() + "/rehearsal");
      command("login", "--username", "me", "--password", "rehearsal", registry.authority());
      command("logout", registry.authority());
    }
  }

  private static Console quiet(OutputStream errors, boolean terminal) {
    return new Console(OutputStream.nullOutputStream(), errors, terminal, terminal, () -> COLUMNS);
  }

  private static String text(Path path) {
    return path.toString();
  }

  private void command(String... words) {
    command(false, words);
  }

  private void command(boolean terminal, String... words) {
    command(terminal, true, words);
  }

  private void commandThatFails(String... words) {
    command(false, false, words);
  }

  private void command(boolean terminal, boolean succeeds, String... words) {
    var errors = new ByteArrayOutputStream();
    var quiet = quiet(errors, terminal);
    var all = new ArrayList<>(List.of("--root", text(store())));
    all.addAll(List.of(words));
    int code = Main.run(all, environment, quiet);
    quiet.flush();
    if (succeeds == (code != 0)) {
      console.warning("not rehearsed: " + String.join(" ", words));
      console.message(errors.toString(StandardCharsets.UTF_8));
    }
  }
}
