import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeModel;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.MethodModel;
import java.lang.classfile.attribute.NestHostAttribute;
import java.lang.classfile.attribute.NestMembersAttribute;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.DirectMethodHandleDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/// Gives lambdas and method references plain code: those of a package become objects of one class
/// more, see [LambdaClass].
///
/// javac leaves them to `invokedynamic`, and Java makes a class of each. In a snapshot they are
/// linked at every start, used or not, and were every fifth of its classes.
///
/// The bodies are private methods. Only members of a nest see each other's, so the class of the
/// lambdas becomes the host of a nest of all classes of the package that have any, and of the
/// classes in those (JVM specification 4.7.28, 5.4.4).
///
/// Left as they are: serializable ones, which javac gives to `altMetafactory`, and those whose
/// values would have to be widened. What a lambda has become is of all interfaces of its class; so
/// nobody may ask one with `instanceof` for another interface.
final class PlainLambdas {

  private static final int JAVA_11 = 55; // the first with nests
  private static final ClassDesc FACTORY = ClassDesc.of("java.lang.invoke.LambdaMetafactory");

  private final ClassFile format;
  private final ClassLoader loader;

  /// By package; the first of each is the host of its nest.
  private final Map<String, List<LambdaClass>> made = new LinkedHashMap<>();

  /// Of the nests that javac gave the classes with lambdas.
  private final Set<ClassDesc> hosts = new HashSet<>();

  private PlainLambdas(ClassFile format, ClassLoader loader) {
    this.format = format;
    this.loader = loader;
  }

  /// The class files of a jar by their names, with plain lambdas, and those of the lambdas.
  ///
  /// @param loader finds the interfaces
  static Map<String, byte[]> rewritten(
      ClassFile format, Map<String, byte[]> files, ClassLoader loader) {
    var plain = new PlainLambdas(format, loader);
    var rewritten = new LinkedHashMap<String, byte[]>();
    files.forEach((name, bytes) -> rewritten.put(name, plain.withoutSites(name, bytes)));
    rewritten.replaceAll(plain::inNest);
    for (var all : plain.made.values()) {
      all.forEach(each -> rewritten.put(fileOf(each.name()), each.bytes(format)));
    }
    return rewritten;
  }

  private static String fileOf(ClassDesc type) {
    return internalName(type) + ".class";
  }

  private static String internalName(ClassDesc type) {
    var descriptor = type.descriptorString();
    return descriptor.substring(1, descriptor.length() - 1);
  }

  private static String binaryName(ClassDesc type) {
    return internalName(type).replace('/', '.');
  }

  private byte[] withoutSites(String file, byte[] bytes) {
    var model = format.parse(bytes);
    // Another name has what is for some versions of Java only.
    if (!file.equals(fileOf(model.thisClass().asSymbol()))
        || model.majorVersion() < JAVA_11
        || model.methods().stream().noneMatch(PlainLambdas::hasSites)) {
      return bytes;
    }
    CodeTransform sites =
        (code, element) -> {
          if (!(element instanceof InvokeDynamicInstruction site && replace(site, model, code))) {
            code.with(element);
          }
        };
    return format.transformClass(
        model, ClassTransform.transformingMethodBodies(PlainLambdas::hasSites, sites));
  }

  private static boolean hasSites(MethodModel method) {
    return method.code().stream()
        .flatMap(CodeModel::elementStream)
        .anyMatch(InvokeDynamicInstruction.class::isInstance);
  }

  /// Calls what makes the lambda, if the site is one of the usual kind.
  private boolean replace(InvokeDynamicInstruction site, ClassModel model, CodeBuilder code) {
    var bootstrap = site.bootstrapMethod();
    if (!bootstrap.owner().equals(FACTORY) || !bootstrap.methodName().equals("metafactory")) {
      return false;
    }
    var arguments = site.bootstrapArgs();
    var lambda =
        new LambdaClass.Lambda(
            site.typeSymbol(),
            site.name().stringValue(),
            (MethodTypeDesc) arguments.get(0),
            (DirectMethodHandleDesc) arguments.get(1),
            (MethodTypeDesc) arguments.get(2));
    if (!lambda.isUsual()) {
      return false;
    }
    Class<?> type;
    try {
      type = Class.forName(binaryName(lambda.interfaceType()), false, loader);
    } catch (ClassNotFoundException e) {
      return false;
    }
    home(model, type).add(lambda, type, code);
    return true;
  }

  /// A class for the lambdas of this one's package that may have the interface.
  private LambdaClass home(ClassModel model, Class<?> type) {
    var self = model.thisClass().asSymbol();
    hosts.add(hostOf(model));
    var all = made.computeIfAbsent(self.packageName(), _ -> new ArrayList<>());
    for (var each : all) {
      if (each.hasRoom() && each.interfaces().stream().allMatch(other -> agree(other, type))) {
        return each;
      }
    }
    var number = all.isEmpty() ? "" : String.valueOf(all.size() + 1);
    var name = ClassDesc.of(self.packageName(), "$$Lambdas" + number);
    var host = all.stream().findFirst();
    host.ifPresent(first -> first.addMember(name));
    all.add(new LambdaClass(name, model.majorVersion(), host.map(LambdaClass::name)));
    return all.getLast();
  }

  private static ClassDesc hostOf(ClassModel model) {
    return model
        .findAttribute(Attributes.nestHost())
        .map(attribute -> attribute.nestHost().asSymbol())
        .orElse(model.thisClass().asSymbol());
  }

  /// Whether a class may have both interfaces and be either's lambda: none has a method with code
  /// that is one of the other's.
  private static boolean agree(Class<?> one, Class<?> other) {
    return codeOf(one).noneMatch(method -> hides(method, other))
        && codeOf(other).noneMatch(method -> hides(method, one));
  }

  private static Stream<Method> codeOf(Class<?> type) {
    return Stream.of(type.getMethods()).filter(Method::isDefault);
  }

  private static boolean hides(Method method, Class<?> type) {
    return Stream.of(type.getMethods())
        .filter(each -> !Modifier.isStatic(each.getModifiers()) && !each.equals(method))
        .anyMatch(
            each ->
                each.getName().equals(method.getName())
                    && each.getReturnType() == method.getReturnType()
                    && List.of(each.getParameterTypes())
                        .equals(List.of(method.getParameterTypes())));
  }

  /// The class as a member of the nest of its package's lambdas, if its own nest has any.
  private byte[] inNest(String file, byte[] bytes) {
    var model = format.parse(bytes);
    var self = model.thisClass().asSymbol();
    if (!hosts.contains(hostOf(model)) || !file.equals(fileOf(self))) {
      return bytes;
    }
    var lambdas = made.get(self.packageName()).getFirst();
    lambdas.addMember(self);
    var attribute = NestHostAttribute.of(lambdas.name());
    return format.transformClass(
        model,
        ClassTransform.dropping(
                each -> each instanceof NestMembersAttribute || each instanceof NestHostAttribute)
            .andThen(ClassTransform.endHandler(builder -> builder.with(attribute))));
  }
}
