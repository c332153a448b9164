package dev.jbuild.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What packaging does to the classes in the jars.
final class PreparedClassesIT {

  @RegisterExtension final Workbench bench = new Workbench();

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
    assertEquals(2, made(jar), "one for all but the one interface whose code hides another's");
  }

  /// How many classes a jar has in which lambdas have become.
  private static long made(Path jar) throws IOException {
    try (var file = new JarFile(jar.toFile())) {
      return file.stream().filter(entry -> entry.getName().startsWith("$$Lambdas")).count();
    }
  }

  private static long lambdas(Path directory) throws IOException {
    try (var lines = Files.lines(directory.resolve("loaded"))) {
      return lines.filter(line -> line.contains("] Lambdas") && line.contains("$$Lambda/")).count();
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
          say("another's of this name", ofBase().get() + andMore(" and more").get());
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

        private String secret() {
          return "secret of base";
        }

        Supplier<String> ofBase() {
          return this::secret;
        }

        Supplier<String> andMore(String text) {
          return () -> secret() + text;
        }
      }
      """;
}
