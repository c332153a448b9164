package dev.jbuild.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The launcher script, with programs in place of Java and unshare that print what they were given.
class LauncherTest {

  private static final Path SCRIPT = Path.of("src/main/launcher/jbuild").toAbsolutePath();

  private static final String FIRST_ONLY = "TieredStopAtLevel=1|";
  private static final String HERE = "/proc/self/fd/7";
  private static final String OWN_LIBRARY = "libjbuild-sha256-x86_64.so";

  private static final String JAVA =
      """
      #!/bin/sh
      for argument; do printf 'argument=%s\\n' "$argument"; done
      env | grep -E '^(JBUILD_|LC_ALL=|UNSHARED=|LD_PRELOAD=)'
      echo "jars=$(readlink /proc/self/fd/7)"
      exit 7
      """;

  private static final String UNSHARE =
      """
      #!/bin/sh
      [ -z "$REFUSE" ] || { echo "unshare: $REFUSE" >&2; exit 1; }
      UNSHARED=${LD_PRELOAD-}
      while :; do
        case $1 in
          --propagation) UNSHARED="$UNSHARED $1 $2"; shift 2;;
          -*) UNSHARED="$UNSHARED $1"; shift;;
          *) break;;
        esac
      done
      export UNSHARED
      exec "$@"
      """;

  @TempDir Path temp;
  private final Map<String, String> environment = new HashMap<>();
  private Path lib;
  private Path launcher;
  private List<String> prefix = List.of();

  private record Result(int code, List<String> lines, String errors) {
    String all(String prefix) {
      return String.join(
          "|",
          lines.stream()
              .filter(line -> line.startsWith(prefix + "="))
              .map(line -> line.substring(prefix.length() + 1))
              .toList());
    }
  }

  @BeforeEach
  void install() throws IOException {
    lib = Files.createDirectories(temp.toRealPath().resolve("app/lib"));
    Files.createFile(lib.resolve("jbuild.jar"));
    Files.createFile(lib.resolve("jbuild-network.jar"));
    Files.createFile(lib.resolve("a.jar"));
    Files.createFile(lib.resolve("z.jar"));
    launcher = Files.createDirectories(lib.resolveSibling("bin")).resolve("jbuild");
    Files.copy(SCRIPT, launcher);
    assertTrue(launcher.toFile().setExecutable(true));
    program("path/unshare", UNSHARE);
    environment.put("PATH", temp.resolve("path") + ":/usr/bin:/bin:/usr/sbin:/sbin");
    environment.put("JBUILD_JAVA_HOME", java("25.0.3").toString());
  }

  private Path program(String name, String text) throws IOException {
    var file = temp.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    assertTrue(file.toFile().setExecutable(true));
    return file;
  }

  /// A home of something that claims to be a Java.
  private Path java(String version) throws IOException {
    var home = temp.resolve("java " + version);
    program(
        home.resolve("bin/java").toString(),
        JAVA.replace("exit 7", "echo home=" + home + "\nexit 7"));
    Files.writeString(
        home.resolve("release"),
        "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"" + version + "\"\nJAVA_VERSION_DATE=\"2025-09-16\"\n");
    return home;
  }

  private Result run(String... arguments) throws IOException, InterruptedException {
    return run(launcher, arguments);
  }

  private Result run(Path program, String... arguments) throws IOException, InterruptedException {
    var command = new ArrayList<String>();
    command.addAll(prefix);
    command.add(program.toString());
    command.addAll(List.of(arguments));
    var builder = new ProcessBuilder(command).directory(temp.toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    builder.redirectError(temp.resolve("errors").toFile());
    var process = builder.start();
    process.getOutputStream().close();
    var lines = new String(process.getInputStream().readAllBytes(), UTF_8).lines().toList();
    int code = process.waitFor();
    return new Result(code, lines, Files.readString(temp.resolve("errors")));
  }

  @Test
  void argumentsAndExitCodePassThroughUnchanged() throws Exception {
    var result = run("build", "a  b", "", "*", "$HOME", "-t", "x\\n");
    assertTrue(result.all("argument").endsWith("dev.jbuild.cli.Main|build|a  b||*|$HOME|-t|x\\n"));
    assertEquals(7, result.code());
    assertEquals("", result.errors());
  }

  @Test
  void itFindsItsFilesThroughLinks() throws Exception {
    Files.createDirectories(temp.resolve("elsewhere"));
    var second =
        Files.createSymbolicLink(temp.resolve("elsewhere/second"), Path.of("../app/bin/jbuild"));
    var first = Files.createSymbolicLink(temp.resolve("first"), second);
    for (var program : List.of(first, launcher, Path.of("app/bin/jbuild"))) {
      expectJars(run(program, "version"), HERE + "/jbuild.jar", HERE + "/a.jar", HERE + "/z.jar");
    }
    Files.createSymbolicLink(temp.resolve("linked"), launcher.getParent());
    var throughDirectory = run(temp.resolve("linked/jbuild"), "version");
    expectJars(throughDirectory, HERE + "/jbuild.jar", HERE + "/a.jar", HERE + "/z.jar");
  }

  @Test
  void theSnapshotIsUsedIfThereIsOne() throws Exception {
    assertFalse(run("version").all("argument").contains("AOTCache"));
    Files.createFile(lib.resolve("jbuild.aot"));
    assertTrue(
        run("version")
            .all("argument")
            .contains(
                "|-XX:AOTCache=" + lib.toRealPath() + "/jbuild.aot|-Djbuild.snapshot=jbuild|"));
    Files.createFile(lib.resolve("registry.aot"));
    assertTrue(
        run("push", "x")
            .all("argument")
            .contains("|-XX:AOTCache=" + lib.toRealPath() + "/registry.aot|"));
    for (var build : List.of("build x", "bud x", "-t x", ".", "..", "a/b")) {
      Files.deleteIfExists(lib.resolve("build.aot"));
      assertFalse(run(build.split(" ")).all("argument").contains("AOTCache"), build);
      Files.createFile(lib.resolve("build.aot"));
      assertTrue(run(build.split(" ")).all("argument").contains("/build.aot|"), build);
    }
    for (var pushing :
        List.of("build --push x", "-t x --push .", ". --cache-to type=registry,ref=x")) {
      assertTrue(run(pushing.split(" ")).all("argument").contains("/registry.aot|"), pushing);
    }
    Files.createFile(lib.resolve("images.aot"));
    assertTrue(run("tag", "a", "b").all("argument").contains("/images.aot|"));
    assertTrue(run("tag", "--help").all("argument").contains("/jbuild.aot|"));
    assertTrue(run("context").all("argument").contains("/jbuild.aot|"), "no directory");
    Files.createDirectory(temp.resolve("context"));
    assertTrue(run("context").all("argument").contains("/build.aot|"), "a directory");
    assertTrue(run("build", "--help").all("argument").contains("/jbuild.aot|"));
    assertTrue(run("push", "-h").all("argument").contains("/jbuild.aot|"));
    for (var options : List.of(List.of("--root", "dir"), List.of("--debug", "--root=dir"))) {
      var command = new ArrayList<>(options);
      command.addAll(List.of("push", "x"));
      var behindOptions = run(command.toArray(String[]::new));
      assertTrue(behindOptions.all("argument").contains("/registry.aot|"), options::toString);
      assertEquals("", behindOptions.all("UNSHARED"), options::toString);
    }
    assertEquals(7, run("--root").code());
  }

  /// What is no library the system's loader passes over, and says so.
  @Test
  void thatASnapshotIsReadAtOnceALibrarySeesTo() throws Exception {
    var library = program(lib.resolve("libjbuild-map-x86_64.so").toString(), "").toFile();
    var home = environment.get("JBUILD_JAVA_HOME");
    Files.writeString(lib.resolve("java-home"), home + "\nx86_64-linux-gnu\n");
    assertEquals("", run("version").all("LD_PRELOAD"), "no snapshot");
    Files.createFile(lib.resolve("jbuild.aot"));
    Files.createFile(lib.resolve("build.aot"));
    var expected = HERE + "/libjbuild-map-x86_64.so";
    assertEquals(expected, run("version").all("LD_PRELOAD"));
    assertEquals("", run("version", "/dev/fd/7").all("LD_PRELOAD"), "not to be found");

    Files.writeString(lib.resolve("java-home"), home + "\naarch64-linux-gnu\n");
    assertEquals("", run("version").all("LD_PRELOAD"), "another processor");
    Files.writeString(lib.resolve("java-home"), home + "\nx86_64-linux-musl\n");
    assertEquals("", run("version").all("LD_PRELOAD"), "another C library");
    Files.writeString(lib.resolve("java-home"), home + " of old\nx86_64-linux-gnu\n");
    assertEquals("", run("version").all("LD_PRELOAD"), "another Java");
    Files.writeString(lib.resolve("java-home"), home + "\nx86_64-linux-gnu\n");
    assertTrue(library.setExecutable(false));
    assertEquals("", run("version").all("LD_PRELOAD"), "code may not be run");
    assertTrue(library.setExecutable(true));

    asAUser();
    var build = run("build", "x");
    assertEquals(expected, build.all("LD_PRELOAD"));
    assertTrue(build.all("UNSHARED").startsWith(" --user"), "unshare is not given it");
    environment.put("LD_PRELOAD", "no-such-library.so");
    assertEquals("no-such-library.so", run("version").all("LD_PRELOAD"), "a person's own");
    assertEquals("no-such-library.so", run("build", "x").all("LD_PRELOAD"), "a person's own");
  }

  /// Java opens all of them when something is sent. A snapshot is good for one row of jars.
  @Test
  void jarsThatOnlyAServerNeedsStandBehindForItAlone() throws Exception {
    Files.createFile(lib.resolve("registry.aot"));
    Files.createFile(lib.resolve("bcx.jar"));
    var others = List.of(HERE + "/jbuild.jar", HERE + "/a.jar", HERE + "/z.jar");
    var push = run("push", "x");
    expectJars(push, others.toArray(String[]::new));
    assertTrue(push.all("argument").contains("/registry.aot|"), push::toString);
    var all = new ArrayList<>(others);
    all.add(HERE + "/bcx.jar");
    var serve = run("registry", "serve");
    expectJars(serve, all.toArray(String[]::new));
    assertFalse(serve.all("argument").contains("AOTCache"), serve::toString);
  }

  /// The launcher opens its directory of jars by this number.
  private void expectJars(Result result, String... bootClassPath) throws IOException {
    var jars =
        "|-Xbootclasspath/a:"
            + String.join(":", bootClassPath)
            + ("|-cp|" + HERE + "/jbuild-network.jar|");
    assertTrue(result.all("argument").contains(jars), result::toString);
    assertEquals(lib.toRealPath().toString(), result.all("jars"));
  }

  @Test
  void whoNamesTheLaunchersDescriptorKeepsIt() throws Exception {
    var result = run("build", "-f", "/dev/fd/7", ".");
    var jars = "|-Xbootclasspath/a:" + lib.toRealPath() + "/jbuild.jar:";
    assertTrue(result.all("argument").contains(jars), result::toString);
    assertEquals("", result.all("jars"));
  }

  @Test
  void theVersionIsToldWithoutJavaIfItWasAskedBefore() throws Exception {
    var jars = new StringBuilder();
    for (var name : List.of("a", "jbuild-network", "jbuild", "z")) {
      Files.setLastModifiedTime(lib.resolve(name + ".jar"), FileTime.fromMillis(86_400_000));
      jars.append("0 86400 ").append(name).append(".jar\n");
    }
    Files.writeString(lib.resolve("jars"), jars);
    Files.writeString(lib.resolve("java-home"), environment.get("JBUILD_JAVA_HOME") + "\n");
    assertEquals(7, run("--version").code(), "nobody has asked");
    Files.writeString(lib.resolve("version"), "jbuild 1, Java 25\n");
    assertEquals(new Result(0, List.of("jbuild 1, Java 25"), ""), run("--version"));
    assertEquals(7, run("--version", "x").code());
    environment.put("JBUILD_JAVA_HOME", java("26").toString());
    assertEquals(7, run("--version").code(), "of another Java");
    Files.writeString(lib.resolve("java-home"), environment.get("JBUILD_JAVA_HOME") + "\n");
    assertEquals(0, run("--version").code());
    Files.setLastModifiedTime(lib.resolve("z.jar"), FileTime.fromMillis(90_000_000));
    assertEquals(7, run("--version").code(), "of other jars");
  }

  @Test
  void aPersonsOptionsForJavaComeAfterOurs() throws Exception {
    environment.put("JBUILD_JAVA_OPTS", " -Xmx1g  -Dx=* ");
    var arguments = run("version").all("argument");
    assertTrue(arguments.contains("|-Xmx1g|-Dx=*|-Xbootclasspath/a:"), arguments);
    assertTrue(arguments.indexOf("-Xmx512m") < arguments.indexOf("-Xmx1g"), arguments);
  }

  /// SHA-256 by Java needs the second compiler.
  @Test
  void theSecondCompilerStaysOnWithoutOpenSsl() throws Exception {
    assertFalse(run("build", "x").all("argument").contains(FIRST_ONLY), "no snapshot");
    var home = environment.get("JBUILD_JAVA_HOME");
    Files.writeString(lib.resolve("java-home"), home + "\nno-such-system\n");
    program(lib.resolve(OWN_LIBRARY).toString(), "");
    assertEquals(
        Files.exists(Path.of("/usr/lib64/libcrypto.so.3"))
            || Files.exists(Path.of("/usr/lib/libcrypto.so.3")),
        run("build", "x").all("argument").contains(FIRST_ONLY),
        "no libcrypto but where other distributions have it");
    installOpenSsl();
    assertTrue(lib.resolve(OWN_LIBRARY).toFile().setExecutable(false));
    assertFalse(run("build", "x").all("argument").contains(FIRST_ONLY), "no library of ours");
    assertTrue(lib.resolve(OWN_LIBRARY).toFile().setExecutable(true));
    environment.put("JBUILD_JAVA_HOME", java("26").toString());
    assertFalse(run("build", "x").all("argument").contains(FIRST_ONLY), "another Java");
  }

  /// What compresses is worth the second compiler.
  @Test
  void aBuildThatCompressesNothingDoesWithoutTheSecondCompiler() throws Exception {
    installOpenSsl();
    for (var build : List.of("build x", "-t x .", "bud -f=y .")) {
      assertTrue(run(build.split(" ")).all("argument").contains(FIRST_ONLY), build);
    }
    for (var other :
        List.of(
            "build -o out .",
            "build --output=out .",
            ". --cache-to type=local,dest=x",
            "build --push .",
            "push x",
            "save x",
            "import x",
            "version")) {
      assertFalse(run(other.split(" ")).all("argument").contains(FIRST_ONLY), other);
    }
  }

  /// Where the launcher looks for the libraries of the system that packaging noted.
  private void installOpenSsl() throws IOException {
    program(lib.resolve(OWN_LIBRARY).toString(), "");
    var system = Files.createDirectory(temp.toRealPath().resolve("system"));
    Files.createFile(system.resolve("libcrypto.so.3"));
    Files.writeString(
        lib.resolve("java-home"), environment.get("JBUILD_JAVA_HOME") + "\n../.." + system + "\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"login", "push", "parse", "lint", "version", "--version", "help", "--help"})
  void commandsThatNeedNoIdsStartPlainly(String command) throws Exception {
    var result = run(command);
    assertEquals("", result.all("UNSHARED"));
    assertEquals("", result.all("JBUILD_NO_IDS"));
    assertEquals(7, result.code());
  }

  @ParameterizedTest
  @ValueSource(strings = {"build", "run", ".", "-t", "doctor", "import"})
  void theOthersStartInNamespaces(String command) throws Exception {
    asAUser();
    var result = run(command);
    assertEquals(
        " --user --map-auto --map-root-user --mount --propagation slave", result.all("UNSHARED"));
    assertEquals("", result.all("JBUILD_OWN_MOUNTS"));
  }

  /// A namespace for mounts alone is a thread's: no program is needed to get one.
  @Test
  void forRootJavaMakesItsOwn() throws Exception {
    assumeTrue(isRoot(), "only root can be root");
    environment.put("REFUSE", "nobody asks");
    var result = run("build", "x");
    assertEquals("", result.all("UNSHARED"));
    assertEquals("yes", result.all("JBUILD_OWN_MOUNTS"));
    assertEquals("", result.all("JBUILD_NO_IDS"));
    environment.put("JBUILD_OWN_MOUNTS", "left over");
    assertEquals("", run("lint").all("JBUILD_OWN_MOUNTS"));
  }

  private boolean isRoot() throws IOException {
    return Files.getAttribute(temp, "unix:uid").equals(0);
  }

  /// From now on the launcher is run by somebody else than root.
  private void asAUser() throws IOException, InterruptedException {
    if (isRoot()) {
      var open = new ProcessBuilder("chmod", "-R", "a+rX", temp.toString()).start();
      assertEquals(0, open.waitFor());
      prefix = List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups");
    }
  }

  @Test
  void case104WithoutNamespacesJavaStartsPlainlyAndIsToldWhy() throws Exception {
    asAUser();
    environment.put("REFUSE", "unshare failed: Operation not permitted");
    Files.createFile(lib.resolve("build.aot"));
    var result = run("build", "x");
    assertEquals("", result.all("JBUILD_OWN_MOUNTS"));
    assertEquals("", result.all("UNSHARED"));
    assertTrue(result.all("argument").contains("AOTCache"), "the snapshot is as good as ever");
    assertFalse(result.all("JBUILD_NO_IDS").isEmpty());
    assertTrue(result.all("argument").endsWith("dev.jbuild.cli.Main|build|x"));
    assertEquals("", result.errors());
  }

  @Test
  void javaLearnsWhoThePersonIsAndTheirLocale() throws Exception {
    var uid = Files.getAttribute(temp, "unix:uid").toString();
    var gid = Files.getAttribute(temp, "unix:gid").toString();
    environment.put("JBUILD_NO_IDS", "left over");
    environment.put("JBUILD_LC_ALL", "left over");
    var without = run("version");
    assertEquals(uid, without.all("JBUILD_UID"));
    assertEquals(gid, without.all("JBUILD_GID"));
    assertEquals("C.UTF-8", without.all("LC_ALL"));
    assertEquals("", without.all("JBUILD_LC_ALL"));
    assertEquals("", without.all("JBUILD_NO_IDS"));
    environment.put("LC_ALL", "POSIX");
    var with = run("version");
    assertEquals("C.UTF-8", with.all("LC_ALL"));
    assertEquals("POSIX", with.all("JBUILD_LC_ALL"));
  }

  @Test
  void aJavaThatIsTooOldIsPassedOver() throws Exception {
    environment.remove("JBUILD_JAVA_HOME");
    environment.put("JAVA_HOME", java("17.0.2").toString());
    var modern = java("26-ea");
    Files.writeString(lib.resolve("java-home"), modern + "\n");
    assertEquals(modern.toString(), run("version").all("home"));
    environment.put("JAVA_HOME", java("25").toString());
    assertEquals(temp.resolve("java 25").toString(), run("version").all("home"));
  }

  @Test
  void aWrongChoiceOfJavaIsToldInOneLine() throws Exception {
    environment.put("JBUILD_JAVA_HOME", java("1.8.0_392").toString());
    var result = run("version");
    assertEquals(127, result.code());
    assertEquals(
        "jbuild: JBUILD_JAVA_HOME is not the home of a Java 25 or newer: "
            + temp.resolve("java 1.8.0_392")
            + "\n",
        result.errors());
  }

  @ParameterizedTest
  @ValueSource(strings = {"<&-", ">&-", "2>&-", "<&- >&- 2>&-"})
  void javaHasAllStandardDescriptorsHoweverManyAreClosed(String closed) throws Exception {
    var report = temp.resolve("report");
    var home = java("25.0.4");
    program(home.resolve("bin/java").toString(), "#!/bin/sh\nls /proc/$$/fd >" + report + "\n");
    environment.put("JBUILD_JAVA_HOME", home.toString());
    for (var shell : List.of("dash", "sh", "bash")) {
      Files.deleteIfExists(report);
      var start =
          program("start", "#!/bin/sh\nexec " + shell + " " + launcher + " run " + closed + "\n");
      run(start);
      var descriptors = Files.readAllLines(report);
      assertTrue(descriptors.containsAll(List.of("0", "1", "2")), shell + " " + descriptors);
    }
  }
}
