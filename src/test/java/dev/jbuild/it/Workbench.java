package dev.jbuild.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// A person's desk: an empty store, an empty context, and the built jbuild.
///
/// After each test nothing may be mounted below it and no process may be left in it (case 100).
final class Workbench implements BeforeEachCallback, AfterEachCallback {

  private static final Path JBUILD = Path.of("target/jbuild/bin/jbuild").toAbsolutePath();
  private static final String USER = "jbuildtest";

  /// Halves the processor time of a jbuild that runs for a second; large files it makes slower.
  private static final String SHORT_RUNS = "-XX:TieredStopAtLevel=1";

  /// As whom jbuild is run.
  enum Who {
    ROOT,
    /// An ordinary user with subordinate ids, made by the test if it must be.
    USER
  }

  private final Map<String, String> environment = new TreeMap<>();
  private Path directory = Path.of("/");
  private Who who = Who.ROOT;

  @Override
  public void beforeEach(ExtensionContext context) throws Exception {
    directory = Files.createTempDirectory("jbuild-it");
    sh("chmod 755 . && mkdir context");
    environment.clear();
    environment.put("JBUILD_ROOT", store().toString());
    environment.put("JBUILD_JAVA_OPTS", SHORT_RUNS);
    who = Who.ROOT;
  }

  @Override
  public void afterEach(ExtensionContext context) throws Exception {
    var mounts = Files.readString(Path.of("/proc/self/mountinfo"));
    var left = mounts.lines().filter(line -> line.contains(directory.toString())).toList();
    var processes = processesLeft();
    Tools.run(directory, Map.of(), List.of("rm", "-rf", directory.toString()));
    assertEquals(List.of(), left, "mounts left behind");
    assertEquals(List.of(), processes, "processes left behind");
  }

  /// The processes of this desk that do not go away. Those that were killed take a moment; case 99
  /// wants two seconds, of which a busy machine may need many itself.
  List<String> processesLeft() throws InterruptedException {
    var left = processesBelow(directory);
    for (int i = 0; i < 400 && !left.isEmpty(); i++) {
      Thread.sleep(50);
      left = processesBelow(directory);
    }
    return left;
  }

  static List<String> processesBelow(Path directory) {
    return ProcessHandle.allProcesses()
        .map(each -> each.info().commandLine().orElse(""))
        .filter(line -> line.contains(directory.toString()))
        .toList();
  }

  /// From now on jbuild is run by `someone`.
  Workbench as(Who someone) {
    who = someone;
    if (someone == Who.USER) {
      Tools.needRoot();
      Tools.need("newuidmap");
      Tools.sh(
          directory,
          // Test classes run side by side; one of them makes the user.
          "(flock 9; id $1 2>/dev/null || useradd -m $1; grep -q ^$1: /etc/subuid"
              + " || usermod --add-subuids 300000-365535 --add-subgids 300000-365535 $1)"
              + " 9>/tmp/jbuild-it.lock; chown $1: . && chown -R $1: context",
          USER);
    }
    return this;
  }

  /// From now on jbuild is run with its own flags for Java, as for a person.
  Workbench longRuns() {
    environment.remove("JBUILD_JAVA_OPTS");
    return this;
  }

  Workbench env(String name, String value) {
    environment.put(name, value);
    return this;
  }

  Path directory() {
    return directory;
  }

  Path store() {
    return directory.resolve("store");
  }

  Path context() {
    return directory.resolve("context");
  }

  Workbench dockerfile(String text) {
    return file("Dockerfile", text);
  }

  /// A file of the context.
  Workbench file(String name, String text) {
    try {
      var file = context().resolve(name);
      Files.createDirectories(file.getParent());
      Files.writeString(file, text);
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// A shell line in the desk's directory, as root.
  Outcome sh(String script, String... arguments) {
    return Tools.sh(directory, script, arguments);
  }

  /// Runs jbuild in the desk's directory.
  Outcome jbuild(String... arguments) {
    return jbuild(new byte[0], arguments);
  }

  /// Runs jbuild with `input` on its standard input.
  Outcome jbuild(byte[] input, String... arguments) {
    return Tools.run(directory, environment, command(arguments), input);
  }

  /// The same where no Java can be found: succeeds if the launcher can do without it.
  Outcome jbuildWithoutJava(String... arguments) {
    environment.put("JBUILD_JAVA_HOME", "/missing");
    try {
      return jbuild(arguments);
    } finally {
      environment.remove("JBUILD_JAVA_HOME");
    }
  }

  /// The command line that [#jbuild] would run, for tests that kill it.
  List<String> command(String... arguments) {
    var command = new ArrayList<String>();
    if (who == Who.USER) {
      command.addAll(
          List.of("setpriv", "--reuid", USER, "--regid", USER, "--init-groups", "--reset-env"));
      command.add("env");
      environment.forEach((name, value) -> command.add(name + "=" + value));
    }
    command.add(JBUILD.toString());
    command.addAll(Arrays.asList(arguments));
    return command;
  }

  Map<String, String> environment() {
    return environment;
  }

  /// Builds the context and says the image's config.
  JsonNode build(String... arguments) {
    var all = new ArrayList<>(List.of("-q", "-t", "it:1"));
    all.addAll(Arrays.asList(arguments));
    all.add("context");
    jbuild(all.toArray(String[]::new)).succeeds();
    return inspect("it:1");
  }

  /// `jbuild inspect` of an image, its first element.
  JsonNode inspect(String image) {
    return json(jbuild("inspect", image).succeeds().out()).get(0);
  }

  static JsonNode json(String text) {
    try {
      return new ObjectMapper().readTree(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Imports a small base image, `base`: busybox as /bin/busybox and its applets as links to it.
  Workbench base() {
    Tools.need("busybox");
    sh(
        """
        mkdir -p rootfs/bin rootfs/etc rootfs/tmp rootfs/root
        cp "$(command -v busybox)" rootfs/bin/busybox
        for a in $(busybox --list); do [ $a = busybox ] || ln -s busybox rootfs/bin/$a; done
        chmod 1777 rootfs/tmp
        printf 'root:x:0:0:root:/root:/bin/sh\\napp:x:1000:1001:app:/home/app:/bin/sh\\n' \
          > rootfs/etc/passwd
        printf 'root:x:0:\\napp:x:1001:\\nstaff:x:50:app\\n' > rootfs/etc/group
        tar -C rootfs --owner=0 --group=0 --numeric-owner --sort=name -cf base.tar .
        """);
    jbuild("import", "-q", "base.tar", "base").succeeds();
    return this;
  }
}
