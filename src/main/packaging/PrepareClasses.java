import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeModel;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.MethodModel;
import java.lang.classfile.MethodTransform;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.jar.Attributes.Name;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/// Rewrites the classes of jars so that a snapshot keeps all of what a start needs.
///
/// Class files that are older than Java 6 become class files of Java 21, with the stack maps that
/// these have and those lack. The code in them stays as it is. Why: Java verifies old class files
/// in an old way, and keeps none of them in a snapshot. They would be read and verified at every
/// start.
///
/// The classes of today's get the code that javac leaves to the start, see [PlainClasses] and
/// [PlainLambdas]. Those of Jackson, in jars beside the others, make some constants late, see
/// [LateConstants].
///
/// Manifests are shortened. So a sealed package becomes an open one: Java refuses to start from a
/// snapshot with classes of such a package once the jar is no longer where it was.
final class PrepareClasses {

  private static final int JAVA_6 = 50;
  private static final int JAVA_21 = 65;

  private PrepareClasses() {}

  public static void main(String[] arguments) throws IOException {
    var constants = new LateConstants();
    try {
      for (var argument : arguments) {
        upgrade(Path.of(argument), constants);
      }
      try (var jacksons =
          Files.newDirectoryStream(Path.of(arguments[0]).resolveSibling(""), "jackson-*.jar")) {
        for (var jar : jacksons) {
          upgrade(jar, constants);
        }
      }
      constants.requireFound();
    } catch (IllegalStateException e) {
      System.err.println("packaging: " + e.getMessage());
      System.exit(1);
    }
  }

  /// The jar keeps its time: it is part of what a snapshot is checked against.
  private static void upgrade(Path jar, LateConstants constants) throws IOException {
    var time = Files.getLastModifiedTime(jar);
    var upgraded = jar.resolveSibling(jar.getFileName() + ".upgraded");
    try (var classes = new URLClassLoader(beside(jar));
        var from = new JarFile(jar.toFile());
        var to = new JarOutputStream(Files.newOutputStream(upgraded))) {
      var resolver = ClassHierarchyResolver.ofResourceParsing(classes);
      var format =
          ClassFile.of(
              ClassFile.StackMapsOption.GENERATE_STACK_MAPS,
              ClassFile.ClassHierarchyResolverOption.of(
                  resolver.orElse(ClassHierarchyResolver.defaultResolver())));
      var files = new LinkedHashMap<String, byte[]>();
      for (var entry : Collections.list(from.entries())) {
        byte[] content;
        try (var in = from.getInputStream(entry)) {
          content = in.readAllBytes();
        }
        if (entry.getName().endsWith(".class")) {
          files.put(entry.getName(), upgrade(format, content, constants));
        } else {
          boolean isManifest = entry.getName().equals(JarFile.MANIFEST_NAME);
          put(to, entry.getName(), entry.getTime(), isManifest ? shortened(content) : content);
        }
      }
      for (var file : PlainLambdas.rewritten(format, files, classes).entrySet()) {
        put(to, file.getKey(), time.toMillis(), file.getValue());
      }
    }
    Files.move(upgraded, jar, StandardCopyOption.REPLACE_EXISTING);
    Files.setLastModifiedTime(jar, time);
  }

  private static void put(JarOutputStream to, String name, long time, byte[] content)
      throws IOException {
    var entry = new JarEntry(name);
    entry.setTime(time);
    to.putNextEntry(entry);
    to.write(content);
    to.closeEntry();
  }

  /// All jars of the directory: stack maps say how the classes of one are related to those of
  /// others.
  private static URL[] beside(Path jar) throws IOException {
    var urls = new ArrayList<URL>();
    try (var jars = Files.newDirectoryStream(jar.resolveSibling(""), "*.jar")) {
      for (var other : jars) {
        urls.add(other.toUri().toURL());
      }
    }
    return urls.toArray(URL[]::new);
  }

  /// The version, and whether there are class files for other versions of Java. Of each jar of
  /// which a snapshot has a class Java reads the manifest at every start.
  private static byte[] shortened(byte[] manifest) throws IOException {
    var from = new Manifest(new ByteArrayInputStream(manifest)).getMainAttributes();
    var kept = new Manifest();
    for (var name :
        List.of(Name.MANIFEST_VERSION, Name.IMPLEMENTATION_VERSION, Name.MULTI_RELEASE)) {
      if (from.containsKey(name)) {
        kept.getMainAttributes().put(name, from.get(name));
      }
    }
    var text = new ByteArrayOutputStream();
    kept.write(text);
    return text.toByteArray();
  }

  private static byte[] upgrade(ClassFile format, byte[] bytes, LateConstants constants) {
    ClassModel model = format.parse(bytes);
    if (model.majorVersion() >= JAVA_6) {
      return PlainClasses.rewritten(format, constants.rewritten(format, bytes));
    }
    ClassTransform transform =
        (builder, element) -> {
          switch (element) {
            case ClassFileVersion _ -> builder.withVersion(JAVA_21, 0);
            case MethodModel method -> builder.transformMethod(method, rebuilt());
            default -> builder.with(element);
          }
        };
    return format.transformClass(model, transform);
  }

  /// The same code, taken apart and put together again: only so it gets stack maps.
  private static MethodTransform rebuilt() {
    return (builder, element) -> {
      if (element instanceof CodeModel code) {
        builder.transformCode(code, CodeTransform.ACCEPT_ALL);
      } else {
        builder.with(element);
      }
    };
  }
}
