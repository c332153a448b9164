package dev.jbuild.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonFactory;
import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The snapshot of classes that is made when jbuild is packaged.
final class SnapshotIT {

  @RegisterExtension final Workbench bench = new Workbench();

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

  /// picocli's class files are too old for a snapshot as they are published.
  @Test
  void ofABuildItHasTheClassesOfAllLibraries() {
    var fromFiles = loadedByABuild().filter(line -> line.contains("source: file:"));
    assertEquals(List.of(), fromFiles.toList());
  }

  /// What was not rehearsed is read from jars, which are opened for it, and Java writes the code of
  /// its lambdas: a few of them take longer than all else in a rebuild.
  @Test
  void ofARebuildNothingIsLoadedFromJarsOrWrittenWhileItRuns() {
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
    bench.jbuild("-t", "it:1", "context").succeeds();
    bench.env("JBUILD_JAVA_OPTS", "-Xlog:class+load:stderr");
    var loaded = bench.jbuild("-t", "it:1", "context").succeeds().saysOnError("8 of 8 steps").err();
    assertEquals(List.of(), loaded.lines().filter(SnapshotIT::isNew).toList());
  }

  private static boolean isNew(String line) {
    return line.contains("source: file:")
        || (line.contains("$$Lambda") && !line.contains("shared objects file"));
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

  @Test
  void anotherJacksonStopsPackaging() throws Exception {
    var lib = Files.createDirectory(bench.directory().resolve("another"));
    var name = ClassDesc.of("com.fasterxml.jackson.core.base.ParserMinimalBase");
    var decimal = ClassDesc.of("java.math.BigDecimal");
    var parser =
        ClassFile.of()
            .build(
                name,
                builder -> {
                  for (var kind : List.of("MIN_INT", "MAX_INT", "MIN_LONG", "MAX_LONG")) {
                    builder.withField("BD_" + kind, decimal, ClassFile.ACC_STATIC);
                    builder.withField(
                        "BI_" + kind, ClassDesc.of("java.math.BigInteger"), ClassFile.ACC_STATIC);
                  }
                  builder.withMethodBody(
                      ConstantDescs.CLASS_INIT_NAME,
                      ConstantDescs.MTD_void,
                      ClassFile.ACC_STATIC,
                      code ->
                          code.getstatic(decimal, "ONE", decimal)
                              .putstatic(name, "BD_MIN_INT", decimal)
                              .return_());
                });
    var jar = lib.resolve("jackson-core-9.jar");
    try (var out = new JarOutputStream(Files.newOutputStream(jar))) {
      out.putNextEntry(new JarEntry("ParserMinimalBase.class"));
      out.write(parser);
    }
    var command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin/java").toString(),
            Path.of("src/main/packaging/PrepareClasses.java").toAbsolutePath().toString(),
            jar.toString());
    Tools.run(lib, Map.of(), command)
        .failsWith(1)
        .saysOnError(
            "LateConstants.java knows them: com/fasterxml/jackson/core/base/ParserMinimalBase makes"
                + " them in another way");
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
    assertTrue(
        loaded.stream().anyMatch(line -> line.contains("dev.jbuild.build.Builder$$Lambdas ")));
    var own = loaded.stream().filter(line -> line.contains("] dev.jbuild.") && isOwnLambda(line));
    assertEquals(List.of(), own.toList());
  }

  private static boolean isOwnLambda(String line) {
    return line.contains("$$Lambda/");
  }

  @Test
  void lambdasDoTheSameAsBefore() throws Exception {
    var directory = Files.createDirectory(bench.directory().resolve("lambdas"));
    var source = Files.writeString(directory.resolve("Lambdas.java"), LAMBDAS);
    var java = Path.of(System.getProperty("java.home"), "bin");
    Tools.run(
            directory,
            Map.of(),
            List.of(java.resolve("javac").toString(), "-d", "classes", source.toString()))
        .succeeds();
    var lib = Files.createDirectory(directory.resolve("lib"));
    var jar = lib.resolve("lambdas.jar");
    try (var out = new JarOutputStream(Files.newOutputStream(jar));
        var classes = Files.newDirectoryStream(directory.resolve("classes"))) {
      for (var file : classes) {
        out.putNextEntry(new JarEntry(String.valueOf(file.getFileName())));
        out.write(Files.readAllBytes(file));
      }
    }
    // Packaging wants one, as it was published.
    var jackson = JsonFactory.class.getProtectionDomain().getCodeSource().getLocation();
    Files.copy(Path.of(jackson.toURI()), lib.resolve("jackson-core-9.jar"));
    var run =
        List.of(
            java.resolve("java").toString(),
            "-Xverify:all",
            "-Xlog:class+load:file=loaded",
            "-cp",
            jar.toString(),
            "Lambdas");
    var before = Tools.run(directory, Map.of(), run).succeeds().out();
    assertTrue(before.startsWith("none of it kept: 1\n"), before);
    assertEquals(45, lambdas(directory));

    var prepare = Path.of("src/main/packaging/PrepareClasses.java").toAbsolutePath().toString();
    Tools.run(directory, Map.of(), List.of(run.getFirst(), prepare, jar.toString())).succeeds();
    var after = Tools.run(directory, Map.of(), run).succeeds().out();
    assertEquals(before, after);
    assertEquals(2, lambdas(directory), "the serializable one and the one with a wider result");
  }

  private static long lambdas(Path directory) throws IOException {
    try (var lines = Files.lines(directory.resolve("loaded"))) {
      return lines.filter(line -> line.contains("] Lambdas") && isOwnLambda(line)).count();
    }
  }

  /// All kinds of lambdas and method references; what each does is printed.
  private static final String LAMBDAS =
      """
      import java.io.*;
      import java.util.*;
      import java.util.concurrent.Callable;
      import java.util.function.*;

      public class Lambdas extends Base {
        static final Supplier<String> CONSTANT = () -> "constant";
        final String name = "field";
        int count;

        public static void main(String[] arguments) throws Exception {
          new Lambdas().all(7, 8L, 1.5, 2.5f, true, (byte) -3, 'c', (short) -9, new String[] {"x", "y"});
        }

        static void say(String what, Object value) {
          System.out.println(what + ": " + value);
        }

        void all(int i, long l, double d, float f, boolean b, byte y, char c, short s, String[] array)
            throws Exception {
          Supplier<Integer> none = () -> 1;
          say("none of it kept", none.get());
          Supplier<String> kept = () -> i + " " + l + " " + d + " " + f + " " + b + " " + y + c + s
              + array[1] + name;
          say("all kinds kept", kept.get());
          Runnable changes = () -> count += i;
          changes.run();
          changes.run();
          say("this", count);
          say("constant", CONSTANT.get());
          Function<String, Integer> length = String::length;
          say("unbound, boxed", length.andThen(n -> n * 2).apply("four"));
          Function<Object, String> text = Object::toString;
          say("wider parameter", text.apply(12));
          Supplier<String> bound = name::toUpperCase;
          say("bound", bound.get());
          Supplier<List<String>> made = ArrayList::new;
          say("constructor", made.get());
          Function<String, Inner> inner = Inner::new;
          say("constructor of an inner class", inner.apply("z").told());
          IntFunction<String[]> arrays = String[]::new;
          say("array", arrays.apply(3).length);
          IntBinaryOperator add = Integer::sum;
          say("primitive", add.applyAsInt(3, 4));
          BinaryOperator<Integer> boxedAdd = Integer::sum;
          say("out of boxes", boxedAdd.apply(3, 4));
          IntToLongFunction wide = Math::abs;
          say("wider result", wide.applyAsLong(-4));
          ToLongFunction<Integer> unboxedWide = n -> n;
          say("unboxed, wider", unboxedWide.applyAsLong(5));
          ToDoubleFunction<Short> wideBox = Short::doubleValue;
          say("double", wideBox.applyAsDouble((short) 2));
          LongPredicate odd = n -> n % 2 == 1;
          say("long", odd.test(l) + " " + odd.negate().test(l));
          Consumer<String> dropped = new StringBuilder()::append;
          dropped.accept("nothing");
          Consumer<Long> droppedLong = n -> twice(n);
          droppedLong.andThen(n -> say("dropped", n)).accept(6L);
          Supplier<String> parent = super::told;
          say("super", parent.get());
          Supplier<String> secret = this::secret;
          say("private", secret.get());
          BiFunction<Lambdas, String, String> ofAll = Lambdas::with;
          say("two", ofAll.apply(this, "more"));
          Callable<String> fails = () -> { throw new IOException("checked"); };
          try {
            fails.call();
          } catch (IOException e) {
            say("thrown", e.getMessage());
          }
          Supplier<Supplier<String>> nested = () -> () -> name + i;
          say("nested", nested.get().get());
          Comparator<String> order = (one, other) -> other.compareTo(one);
          var words = new ArrayList<>(List.of("a", "c", "b"));
          words.sort(order.thenComparing(String::length));
          say("sorted", words);
          Has has = () -> "has";
          say("default", has.get() + has.more("x"));
          Other other = o -> "other " + o;
          say("disagrees with it", other.more("y"));
          Texts texts = t -> t + "!";
          Function<String, String> asFunction = texts;
          say("bridge", texts.apply("t") + asFunction.apply("u"));
          Generic<String> generic = t -> t.length() > 2;
          say("generic", generic.test("abc"));
          Supplier<String> serializable = (Supplier<String> & Serializable) () -> "serializable";
          say("serializable", serializable.get() + (serializable instanceof Serializable));
          say("enum", Arrays.asList(Kind.values()).stream().map(Kind::told).toList());
          say("record", new Pair<>("l", "r").swapped().get());
          say("interface", Has.twice("s").get() + has.thrice("t").get());
          say("recursive", fibonacci().applyAsInt(10));
          Function<Object, Object> identity = Function.identity();
          say("identity", identity.apply("i"));
          Supplier<Lambdas> self = () -> this;
          say("self", self.get() == this);
          DoubleUnaryOperator half = x -> x / 2;
          say("double", half.applyAsDouble(d));
          ObjLongConsumer<String> pair = (o, n) -> say(o, n);
          pair.accept("object and long", l);
        }

        static long twice(long n) {
          return 2 * n;
        }

        private String secret() {
          return "secret " + count;
        }

        String with(String more) {
          return name + more;
        }

        @Override
        String told() {
          return "child";
        }

        static IntUnaryOperator fibonacci() {
          return n -> n < 2 ? n : fibonacci().applyAsInt(n - 1) + fibonacci().applyAsInt(n - 2);
        }

        class Inner {
          private final Supplier<String> told;

          Inner(String text) {
            told = () -> text + name + count;
          }

          String told() {
            return told.get();
          }
        }

        interface Has extends Supplier<String> {
          default String more(String text) {
            return " more " + text;
          }

          static Supplier<String> twice(String text) {
            return () -> text + text;
          }

          private String own(String text) {
            return get() + text;
          }

          default Supplier<String> thrice(String text) {
            Function<String, String> own = this::own;
            return () -> own.apply(text + text + text);
          }
        }

        interface Other {
          String more(String text);
        }

        interface Texts extends Function<String, String> {
          @Override
          String apply(String text);
        }

        interface Generic<T extends CharSequence> {
          boolean test(T value);
        }

        enum Kind {
          ONE(() -> "1"),
          TWO(() -> "2");

          private final Supplier<String> text;

          Kind(Supplier<String> text) {
            this.text = text;
          }

          String told() {
            return text.get();
          }
        }

        record Pair<T>(T left, T right) {
          Supplier<Pair<T>> swapped() {
            return () -> new Pair<>(right, left);
          }
        }
      }

      class Base {
        String told() {
          return "base";
        }
      }
      """;

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

  /// Java does not start from classes of sealed packages whose jars are not where they were.
  @Test
  void anInstallationMayBeMoved() throws IOException {
    var lib = Path.of(bench.command().getFirst()).resolveSibling("../lib").normalize();
    try (var jars = Files.newDirectoryStream(lib, "*.jar")) {
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
    var first = Path.of(bench.command().getFirst()).getParent().resolveSibling("lib").toString();
    bench.sh("cp -r \"$1/..\" app", first).succeeds();
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

  /// Java itself does not notice that a jar is another.
  @Test
  void oneOfOtherJarsIsNotUsedAndNothingIsSaidOfIt() {
    bench.sh("cp -r \"${1%/bin/jbuild}\" app", bench.command().getFirst());
    var version = "JBUILD_JAVA_OPTS=-Xlog:class+load:stderr app/bin/jbuild --version";
    var copied = bench.sh(version);
    assertTrue(fromSnapshot(copied), "a copy is as good");
    bench.sh("cd app/lib && cp picocli-*.jar jbuild-other.jar && mv jbuild-other.jar xz-*.jar");
    var changed = bench.sh(version).succeeds();
    assertFalse(fromSnapshot(changed), "another xz");
    assertEquals(1, changed.out().lines().count(), changed::toString);
  }

  private static boolean fromSnapshot(Outcome outcome) {
    return outcome
        .err()
        .lines()
        .anyMatch(line -> line.contains("dev.jbuild") && line.contains("shared objects file"));
  }
}
