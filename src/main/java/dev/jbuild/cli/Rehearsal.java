package dev.jbuild.cli;

import dev.jbuild.console.Console;
import dev.jbuild.image.Platform;
import dev.jbuild.sandbox.ExitProgram;
import dev.jbuild.serve.Registry;
import dev.jbuild.serve.RegistryOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// `jbuild build --rehearse DIR`: builds in one process as people do all day, from made-up input in
/// an empty directory; `jbuild --rehearse DIR`: what else they do with images; `jbuild registry
/// --rehearse DIR`: what they do with registries. Java notes meanwhile which classes it loads; when
/// jbuild is packaged, they become the snapshots that later starts begin with
/// (`src/main/packaging/snapshot`).
///
/// What cannot be done where jbuild is packaged, such as a RUN step without namespaces, is said
/// and left out: the snapshot is then smaller, and nothing else is different.
final class Rehearsal {

  /// What `main` gets as its first word.
  static final String OPTION = "--rehearse";

  /// Variables that name a person's logins, or hold them.
  private static final Set<String> LOGINS =
      Set.of("DOCKER_AUTH_CONFIG", "DOCKER_CONFIG", "REGISTRY_AUTH_FILE");

  private static final int FILES = 300;

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
  }

  /// @return the exit code: 0 also if a part of it was not possible
  int builds() throws IOException {
    builds(writeContext());
    return 0;
  }

  private void builds(Path context) throws IOException {
    for (var round : List.of("cold", "nothing changed", "one file changed")) {
      build(context, round);
      if (round.equals("nothing changed")) {
        Files.writeString(context.resolve("src/d3/f7"), "another\n");
      }
    }
    command("import", "--change", "WORKDIR /made", text(directory.resolve("base")), "base");
    command(
        "build", "-t", "rehearsal:run", "-f", context.resolve("Runfile").toString(), text(context));
    command(
        "build", "-t", "rehearsal:run", "-f", context.resolve("Runfile").toString(), text(context));
    for (var progress : List.of("quiet", "quiet", "tty")) {
      command(
          "build", "--progress", progress, "-f", text(context.resolve("Copyfile")), text(context));
    }
  }

  /// As [#builds].
  int commands() throws IOException {
    var context = writeContext();
    builds(context);
    VersionCommand.line();
    command("run", "rehearsal:run");
    command("images");
    command("images", "--help");
    command("history", "rehearsal:1");
    command("inspect", "rehearsal:1");
    command("tag", "rehearsal:1", "rehearsal:2");
    var archive = text(directory.resolve("image.tar"));
    command("save", "-o", archive, "rehearsal:1");
    command("import", text(context.resolve("src")), "rehearsal:imported");
    command("rmi", "rehearsal:1", "rehearsal:2");
    command("load", "-i", archive);
    command("lint", text(context));
    command("prune", "-f");
    return 0;
  }

  /// As [#builds].
  int transfers() throws IOException {
    build(writeContext(), "for a registry");
    transfer();
    command("images");
    return 0;
  }

  private Path writeContext() throws IOException {
    var context = Files.createDirectories(directory.resolve("context"));
    for (int i = 0; i < FILES; i++) {
      var parent = Files.createDirectories(context.resolve("src/d" + i % 10));
      Files.writeString(parent.resolve("f" + i), ("file " + i + "\n").repeat(LINES));
    }
    Files.writeString(context.resolve(".dockerignore"), "**/*.tmp\n!src/keep.tmp\n");
    Files.writeString(
        context.resolve("Dockerfile"),
        """
        # syntax=docker/dockerfile:1
        ARG version=1
        FROM scratch AS files
        COPY src /app
        FROM scratch
        ARG version
        ENV VERSION=${version:-0} PATH=/app:$PATH
        LABEL one="two three"
        COPY --from=files --chown=1:1 /app /app
        COPY src/d3 /app/d3
        WORKDIR /app
        EXPOSE 80/tcp
        ENTRYPOINT ["/app/f1"]
        """);
    var program = ExitProgram.of(Platform.host().architecture()).map(ExitProgram::bytes);
    var shell = Files.createDirectories(directory.resolve("base/bin")).resolve("sh");
    Files.write(shell, program.orElseGet(() -> new byte[0]));
    shell.toFile().setExecutable(true);
    // The directory that the base names and lacks is what the first step changes.
    Files.writeString(
        context.resolve("Runfile"),
        """
        FROM base
        RUN --mount=type=cache,target=/cache true
        RUN ["/bin/sh"]
        RUN <<END
        true
        END
        CMD ["/bin/sh"]
        """);
    Files.writeString(context.resolve("Copyfile"), "FROM scratch\nCOPY . /all\nCOPY Copyfile /\n");
    return context;
  }

  private void build(Path context, String round) {
    console.message("rehearsing a build: " + round);
    command("build", "-t", "rehearsal:1", text(context));
  }

  /// To a registry and from it, on this machine.
  private void transfer() throws IOException {
    var options =
        new RegistryOptions(
            InetAddress.getLoopbackAddress().getHostAddress(),
            0,
            new RegistryOptions.Place.Directory(directory.resolve("registry")),
            false,
            false,
            new RegistryOptions.Tls.None(),
            Optional.empty(),
            _ -> {},
            console::warning);
    try (var registry = Registry.start(options)) {
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
      command("copy", there, registry.authority() + "/rehearsal:2");
      command("registry", "tags", registry.authority() + "/rehearsal");
      command("login", "--username", "me", "--password", "rehearsal", registry.authority());
      command("logout", registry.authority());
    }
  }

  private static String text(Path path) {
    return path.toString();
  }

  private void command(String... words) {
    command(false, words);
  }

  private void command(boolean terminal, String... words) {
    var errors = new ByteArrayOutputStream();
    var quiet =
        new Console(OutputStream.nullOutputStream(), errors, terminal, terminal, () -> COLUMNS);
    var all = new ArrayList<>(List.of("--root", text(directory.resolve("store"))));
    all.addAll(List.of(words));
    int code = Main.run(all, environment, quiet);
    quiet.flush();
    if (code != 0) {
      console.warning("not rehearsed: " + String.join(" ", words));
      console.message(errors.toString(StandardCharsets.UTF_8));
    }
  }
}
