package dev.jbuild.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.serve.Registry;
import dev.jbuild.serve.RegistryOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The snapshot of classes that is made when jbuild is packaged.
final class SnapshotIT {

  @RegisterExtension final Workbench bench = new Workbench();

  private Path lib() {
    return Path.of(bench.command().getFirst()).resolveSibling("../lib").normalize();
  }

  /// What Java tells of each class that it loads in a build.
  private Stream<String> loadedByABuild() {
    bench.dockerfile("FROM scratch\nCOPY a /\nLABEL a=b\n").file("a", "");
    bench.env("JBUILD_JAVA_OPTS", "-Xlog:class+load:stderr");
    return bench.jbuild("context").succeeds().err().lines();
  }

  @Test
  void itFitsTheStartsOfTheLauncher() {
    bench.env("JBUILD_JAVA_OPTS", "-XX:AOTMode=on");
    bench.jbuild("--version").succeeds();
    bench.as(Workbench.Who.USER).jbuild("images").succeeds();
  }

  /// Else each start makes them. As what a class knows of itself a text is in any snapshot, once.
  @Test
  void itHasTheStringsOfItsClasses() throws IOException {
    var snapshot = Files.readAllBytes(lib().resolve("build.aot"));
    var text = new String(snapshot, StandardCharsets.ISO_8859_1);
    var place = "/proc/sys/kernel/random/boot_id";
    assertTrue(text.indexOf(place, text.indexOf(place) + 1) > 0);
  }

  /// It might be another processor that jbuild is started on.
  @Test
  void itHasNoMachineCode() {
    bench.env("JBUILD_JAVA_OPTS", "-Xlog:aot:stderr");
    var mapped = bench.jbuild("images").succeeds().saysOnError("(ReadWrite)");
    assertFalse(mapped.err().contains("(Code)"), mapped::err);
  }

  /// picocli's class files are too old for a snapshot as they are published.
  @Test
  void ofABuildItHasTheClassesOfAllLibraries() {
    assertEquals(List.of(), loadedByABuild().filter(SnapshotIT::isFromAJar).toList());
  }

  /// What was not rehearsed is read from jars, which are opened for it, and Java writes the code of
  /// its lambdas: a few of them take longer than all else in a rebuild.
  @Test
  void ofARebuildNothingIsLoadedFromJarsOrWrittenWhileItRuns() throws IOException {
    try (var registry = webApplicationOnABaseOfARegistry()) {
      var tag = registry.authority() + "/it:1";
      bench.jbuild("-t", tag, "context").succeeds();
      bench.env("JBUILD_JAVA_OPTS", "-Xlog:class+load:stderr");
      var loaded = bench.jbuild("-t", tag, "context").succeeds().saysOnError("8 of 8 steps").err();
      assertEquals(List.of(), loaded.lines().filter(SnapshotIT::isNew).toList());
    }
  }

  @Test
  void ofABuildThatPushesNothingIsLoadedFromJars() throws IOException {
    try (var registry = webApplicationOnABaseOfARegistry()) {
      bench.env("JBUILD_JAVA_OPTS", "-Xlog:class+load:stderr");
      var words = List.of("--push", "-t", registry.authority() + "/it:1", "context");
      for (var steps : List.of("0 of 8 steps", "8 of 8 steps")) {
        var loaded = bench.jbuild(words.toArray(String[]::new)).succeeds().saysOnError(steps).err();
        assertEquals(List.of(), loaded.lines().filter(SnapshotIT::isFromAJar).toList());
      }
    }
  }

  private Registry webApplicationOnABaseOfARegistry() throws IOException {
    Tools.needRoot();
    bench.base().file("package.json", "{}").file("src/a", "a");
    bench.dockerfile(
        """
        # syntax=docker/dockerfile:1
        ARG TAG=latest
        FROM base:${TAG} AS build
        SHELL ["/bin/sh", "-ec"]
        WORKDIR /app
        COPY package*.json ./
        RUN --mount=type=cache,target=/root/.npm echo installed > installed
        COPY . .
        ARG MODE
        ENV NODE_ENV=production
        RUN echo "$MODE" > made
        FROM base
        LABEL org.opencontainers.image.title=app maintainer="me"
        USER 1000:1000
        WORKDIR /app
        COPY --from=build --chown=1000:1000 --chmod=755 /app /app
        ADD src /more/
        EXPOSE 3000 8080/udp
        HEALTHCHECK --interval=5s --timeout=3s CMD true
        VOLUME /data
        STOPSIGNAL SIGTERM
        ENTRYPOINT ["sh"]
        CMD ["-c", "true"]
        """);
    var place = new RegistryOptions.Place.Directory(bench.directory().resolve("registry"));
    var registry = Registry.start(RegistryOptions.of(place).withLog(_ -> {}, _ -> {}));
    bench.jbuild("tag", "base", registry.authority() + "/base").succeeds();
    bench.jbuild("push", registry.authority() + "/base").succeeds();
    return registry;
  }

  /// Of the boot class path Java says the path, of the class path an address.
  private static boolean isFromAJar(String line) {
    return line.matches(".* source: \\S*[.]jar");
  }

  private static boolean isNew(String line) {
    return isFromAJar(line) || (line.contains("$$Lambda") && !line.contains("shared objects file"));
  }

  /// javac leaves switches over types to the first time that they are reached.
  @Test
  void ofABuildNoSwitchIsWrittenWhileItRuns() {
    var switches =
        loadedByABuild().filter(line -> line.contains("dev.jbuild") && line.contains("TypeSwitch"));
    assertEquals(List.of(), switches.toList());
  }

  /// Jackson makes some when its parser begins.
  @Test
  void whereJsonIsReadNoDecimalIsMade() {
    bench.dockerfile("FROM scratch\nCOPY a /\n").file("a", "");
    bench.env("JBUILD_JAVA_OPTS", "-Xlog:class+init=info:stderr");
    var all = bench.jbuild("context").succeeds().err() + bench.jbuild("images").succeeds().err();
    assertTrue(all.contains("jackson/core/base/ParserMinimalBase'"), all);
    assertFalse(all.contains("'java/math/BigDecimal'"), all);
  }

  /// Each library of which a snapshot has a class takes its time at every start. To check a class
  /// Java loads those of what it makes and catches, so one method can bring in a whole library.
  @Test
  void aBuildLoadsClassesOfOneLibraryOnly() {
    var packages =
        loadedByABuild()
            .filter(line -> line.contains(" source: "))
            .map(line -> line.replaceFirst(" source: .*", "").replaceFirst(".*] *", ""))
            .filter(name -> !name.matches("(java|javax|jdk|sun|com[.]sun|dev[.]jbuild)[.].*"))
            .map(name -> name.replaceFirst("(([^.]+[.]){3}).*", "$1"))
            .distinct();
    assertEquals(List.of("com.fasterxml.jackson."), packages.toList());
  }

  @Test
  void ofABuildNoLambdaHasAClassOfItsOwn() {
    var loaded = loadedByABuild().toList();
    assertTrue(loaded.stream().anyMatch(line -> line.contains("dev.jbuild.build.$$Lambdas ")));
    var own =
        loaded.stream()
            .filter(line -> line.contains("] dev.jbuild.") && line.contains("$$Lambda/"));
    assertEquals(List.of(), own.toList());
  }

  @Test
  void systemCallsAreMadeByTheLibrary() {
    bench.env("JBUILD_JAVA_OPTS", "-Xlog:library:stderr");
    var said = bench.jbuild("images").succeeds().err();
    assertTrue(said.contains("Found Java_dev_jbuild_linux_KernelLibrary_call"), said);
  }

  @Test
  void withoutTheLibraryTheyAreMadeThroughJavasOwnDoor() {
    bench.dockerfile("FROM scratch\nCOPY a /\nLABEL a=b\n").file("a", "");
    bench.env("JBUILD_JAVA_OPTS", "-Djbuild.lib=/nowhere");
    bench.jbuild("context").succeeds();
    bench.env("JBUILD_JAVA_OPTS", "-Djbuild.lib=/nowhere -Xlog:class+load:stderr");
    var said = bench.jbuild("images").succeeds().err();
    assertTrue(said.contains("dev.jbuild.linux.ForeignCall "), said);
  }

  /// Layers and files shorter and longer than what is handed to OpenSSL at once.
  @Test
  void sha256IsComputedByOpenSslAndIsWhatJavaComputes() {
    Tools.need("openssl");
    bench.dockerfile("FROM scratch\nCOPY . /\n").file("none", "").file("few", "a");
    bench.file("block", "b".repeat(64)).file("many", "c".repeat(300_001));
    bench.env("SOURCE_DATE_EPOCH", "1");
    bench.env("JBUILD_JAVA_OPTS", "-Xlog:library:stderr");
    bench
        .jbuild("--iidfile", "id", "context")
        .succeeds()
        .saysOnError("Found Java_dev_jbuild_linux_Libcrypto_update");
    bench.sh(
        "cd store/blobs/sha256 && for blob in *; do echo \"$blob  $blob\"; done | sha256sum -c");
    bench.env("JBUILD_JAVA_OPTS", "-Djbuild.lib=/nowhere");
    bench.env("JBUILD_ROOT", bench.directory().resolve("other").toString());
    bench.jbuild("--iidfile", "other-id", "context").succeeds();
    bench.sh("cmp id other-id");
  }

  /// Java writes to nearly all of it, for which the kernel would copy it page by page.
  @Test
  void itIsReadAtOnce() throws IOException {
    Tools.needRoot();
    Tools.need("strace");
    bench.dockerfile("FROM scratch\nCOPY a /\n").file("a", "");
    bench
        .sh("exec strace -f -y -o trace -e trace=mmap \"$1\" context", bench.command().getFirst())
        .succeeds();
    var mapped =
        Files.readAllLines(bench.directory().resolve("trace")).stream()
            .filter(line -> line.contains(".aot>") && line.contains("PROT_WRITE"))
            .toList();
    assertFalse(mapped.isEmpty());
    var pageByPage = mapped.stream().filter(line -> !line.contains("MAP_POPULATE"));
    assertEquals(List.of(), pageByPage.toList());
  }

  /// It would not find it, and say so.
  @Test
  void noProgramThatJbuildStartsIsGivenWhatReadsIt() throws IOException {
    var helper = "#!/bin/sh\nenv > \"$TOLD\"\n";
    bench.sh("mkdir docker && printf '%s' \"$1\" > docker-credential-told && chmod 755 *", helper);
    bench.sh("echo '{\"credsStore\":\"told\"}' > docker/config.json");
    var directory = bench.directory();
    bench.env("DOCKER_CONFIG", directory.resolve("docker").toString());
    bench.env("PATH", directory + ":" + System.getenv("PATH"));
    bench.env("TOLD", directory.resolve("told").toString());
    bench.jbuild("logout", "localhost:1");
    var told = Files.readString(directory.resolve("told"));
    assertTrue(told.contains("DOCKER_CONFIG="), told);
    assertFalse(told.contains("LD_PRELOAD"), told);
  }

  /// Java does not start from classes of sealed packages whose jars are not where they were.
  @Test
  void anInstallationMayBeMoved() throws IOException {
    try (var jars = Files.newDirectoryStream(lib(), "*.jar")) {
      for (var jar : jars) {
        try (var file = new JarFile(jar.toFile())) {
          var manifest = file.getManifest().getMainAttributes();
          assertNull(manifest.getValue(Attributes.Name.SEALED), jar.toString());
        }
      }
    }
  }

  /// Where the jars are that a snapshot was made of Java would ask at each class.
  @Test
  void aCopyIsAsGoodWhenTheFirstIsGone() {
    Tools.needRoot();
    var first = lib().toString();
    bench.sh("cp -a \"$1/..\" app", first).succeeds();
    bench.dockerfile("FROM scratch\nCOPY a /\n").file("a", "");
    var build =
        bench.sh(
            """
            unshare --mount sh -ec '
              mount -t tmpfs none "$1"
              export JBUILD_JAVA_OPTS="-Xlog:class+load:stderr -Xlog:exceptions=info:stderr"
              exec app/bin/jbuild context' - "$1"
            """,
            first);
    assertTrue(fromSnapshot(build.succeeds()), build::toString);
    var asked = build.err().lines().filter(line -> line.contains("'realpath0'")).toList();
    assertEquals(List.of(), asked);
  }

  /// The launcher needs one of its own.
  @Test
  void aDescriptorThatAPersonPassesOnStaysWhatItIs() {
    bench.dockerfile("FROM scratch\nCOPY a /\n").file("a", "");
    for (var number : List.of("3", "7", "9")) {
      bench
          .sh(
              "\"$1\" --root store -f /dev/fd/%1$s context %1$s<context/Dockerfile"
                  .formatted(number),
              bench.command().getFirst())
          .succeeds();
    }
  }

  private static final String VERSION =
      "JBUILD_JAVA_OPTS=-Xlog:class+load:stderr app/bin/jbuild --version";

  /// An installation in `app`, with other times.
  private void copyWithoutTimes() {
    bench.sh("cp -r \"${1%/bin/jbuild}\" app", bench.command().getFirst()).succeeds();
  }

  @Test
  void oneOfOtherJarsIsNotUsedAndNothingIsSaidOfIt() {
    copyWithoutTimes();
    bench.sh("cd app/lib && cp picocli-*.jar jbuild-other.jar && mv jbuild-other.jar xz-*.jar");
    for (int i = 0; i < 2; i++) {
      var changed = bench.sh(VERSION).succeeds();
      assertFalse(fromSnapshot(changed), "another xz");
      assertEquals(1, changed.out().lines().count(), changed::toString);
    }
    bench.sh("test app/lib/jbuild.jar -nt \"$1\"", bench.command().getFirst()).succeeds();
  }

  /// Java asks for the times of the jars, too.
  @Test
  void timesThatACopyLostAreGivenBackAtTheFirstStart() {
    copyWithoutTimes();
    var first = bench.sh(VERSION).succeeds();
    assertFalse(fromSnapshot(first), "other times");
    assertEquals(1, first.out().lines().count(), first::toString);
    assertTrue(fromSnapshot(bench.sh(VERSION).succeeds()), "a copy is as good");
  }

  @Test
  void whoMayNotGiveThemBackIsToldByDoctor() {
    Tools.needRoot();
    copyWithoutTimes();
    var other = "setpriv --reuid 65534 --regid 65534 --clear-groups env HOME=/nonexistent ";
    for (int i = 0; i < 2; i++) {
      var slow = bench.sh("chmod 755 . && " + other + VERSION).succeeds();
      assertFalse(fromSnapshot(slow));
      assertEquals(1, slow.out().lines().count(), slow::toString);
    }
    var said = bench.sh(other + "app/bin/jbuild doctor || :").out();
    assertTrue(said.contains("is there and not used: it is of another Java, or of jars"), said);
  }

  private static boolean fromSnapshot(Outcome outcome) {
    return outcome
        .err()
        .lines()
        .anyMatch(line -> line.contains("dev.jbuild") && line.contains("shared objects file"));
  }
}
