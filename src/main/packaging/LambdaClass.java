import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassElement;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.TypeKind;
import java.lang.classfile.attribute.NestHostAttribute;
import java.lang.classfile.attribute.NestMembersAttribute;
import java.lang.classfile.instruction.SwitchCase;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.DirectMethodHandleDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.reflect.AccessFlag;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A class of which an object is one of several lambdas: by a number it knows which. It has fields
/// for as many values of each kind as any of them keeps, a method that makes all that keep the same
/// kinds and are of the same interface, and the methods of those interfaces.
final class LambdaClass {

  private static final String WHICH = "which";

  /// A lambda.
  ///
  /// @param made the types of what it keeps and, as the result, its interface
  /// @param method of the interface, by name
  /// @param erased the type of that method
  /// @param body what is called
  /// @param called the type with which the method is called here
  record Lambda(
      MethodTypeDesc made,
      String method,
      MethodTypeDesc erased,
      DirectMethodHandleDesc body,
      MethodTypeDesc called) {

    ClassDesc interfaceType() {
      return made.returnType();
    }

    /// Whether its values are passed on as they are, but for boxes.
    boolean isUsual() {
      var result = called.returnType();
      for (int i = 0; i < called.parameterCount(); i++) {
        if (!converts(called.parameterType(i), parameters().get(made.parameterCount() + i))) {
          return false;
        }
      }
      return result.equals(ConstantDescs.CD_void)
          || converts(body.invocationType().returnType(), result);
    }

    /// References stay references; primitive values stay what they are, or are put into or taken
    /// out of their own boxes.
    private static boolean converts(ClassDesc from, ClassDesc to) {
      if (from.isPrimitive() == to.isPrimitive()) {
        return !from.isPrimitive() || from.equals(to);
      }
      return from.isPrimitive() || from.equals(PlainClasses.boxOf(to));
    }

    private boolean isConstructor() {
      return body.kind() == DirectMethodHandleDesc.Kind.CONSTRUCTOR;
    }

    /// What is on the stack when the body is called: the object first, if it is a method of one.
    private List<ClassDesc> parameters() {
      return isConstructor() ? bodyType().parameterList() : body.invocationType().parameterList();
    }

    private MethodTypeDesc bodyType() {
      return MethodTypeDesc.ofDescriptor(body.lookupDescriptor());
    }

    /// The kinds of what it keeps, as fields know them: int is also what is smaller.
    private List<TypeKind> kinds() {
      return made.parameterList().stream().map(type -> TypeKind.from(type).asLoadable()).toList();
    }
  }

  /// Java compiles no method of more than 8,000 bytes (`HugeMethodLimit`), and a lambda is some 30
  /// of the method of its interface.
  private static final int MOST = 150;

  private final ClassDesc name;
  private final int version;
  private final Optional<ClassDesc> host;
  private final List<ClassDesc> members = new ArrayList<>();
  private final Set<Class<?>> interfaces = new LinkedHashSet<>();
  private final List<Lambda> lambdas = new ArrayList<>();
  private final Map<MethodTypeDesc, Integer> factories = new LinkedHashMap<>();

  /// @param version of the class file
  /// @param host of the nest of which it is a member; otherwise it is the host of one
  LambdaClass(ClassDesc name, int version, Optional<ClassDesc> host) {
    this.name = name;
    this.version = version;
    this.host = host;
  }

  /// Of the nest of which this is the host.
  void addMember(ClassDesc member) {
    members.add(member);
  }

  boolean hasRoom() {
    return lambdas.size() < MOST;
  }

  ClassDesc name() {
    return name;
  }

  Set<Class<?>> interfaces() {
    return interfaces;
  }

  /// Adds a lambda; on the stack is what it keeps, and then is the lambda.
  void add(Lambda lambda, Class<?> type, CodeBuilder code) {
    interfaces.add(type);
    lambdas.add(lambda);
    var factory = factory(lambda);
    int number = factories.computeIfAbsent(factory, _ -> factories.size());
    code.loadConstant(lambdas.size() - 1).invokestatic(name, "make" + number, factory);
  }

  /// The type of the method that makes it of what it keeps and its number.
  private static MethodTypeDesc factory(Lambda lambda) {
    return MethodTypeDesc.of(
        lambda.interfaceType(),
        Stream.concat(
                lambda.kinds().stream().map(TypeKind::upperBound), Stream.of(ConstantDescs.CD_int))
            .toList());
  }

  byte[] bytes(ClassFile format) {
    return format.build(
        name,
        builder -> {
          builder.withVersion(version, 0);
          builder.withFlags(AccessFlag.FINAL, AccessFlag.SUPER, AccessFlag.SYNTHETIC);
          builder.withInterfaceSymbols(
              lambdas.stream().map(Lambda::interfaceType).distinct().toList());
          builder.with(
              host.<ClassElement>map(NestHostAttribute::of)
                  .orElseGet(() -> NestMembersAttribute.ofSymbols(members)));
          addFields(builder);
          addFactories(builder);
          numbersByMethod().values().forEach(same -> addMethod(builder, same));
        });
  }

  private void addFields(ClassBuilder builder) {
    int flags = AccessFlag.PRIVATE.mask() | AccessFlag.FINAL.mask();
    builder.withField(WHICH, ConstantDescs.CD_int, flags);
    Map<String, TypeKind> fields = new TreeMap<>();
    for (var lambda : lambdas) {
      var kinds = lambda.kinds();
      for (int i = 0; i < kinds.size(); i++) {
        fields.put(field(kinds, i), kinds.get(i));
      }
    }
    fields.forEach((field, kind) -> builder.withField(field, kind.upperBound(), flags));
    lambdas.stream()
        .map(Lambda::kinds)
        .distinct()
        .forEach(
            kinds ->
                builder.withMethodBody(
                    ConstantDescs.INIT_NAME,
                    constructor(kinds),
                    AccessFlag.PRIVATE.mask(),
                    code -> construct(code, kinds)));
  }

  /// The field of a kept value: by its kind, and by how many of the kind are before it.
  private static String field(List<TypeKind> kinds, int index) {
    var kind = kinds.get(index);
    return kind.name().toLowerCase(Locale.ROOT)
        + kinds.subList(0, index).stream().filter(kind::equals).count();
  }

  private static MethodTypeDesc constructor(List<TypeKind> kinds) {
    return MethodTypeDesc.of(
        ConstantDescs.CD_void,
        Stream.concat(kinds.stream().map(TypeKind::upperBound), Stream.of(ConstantDescs.CD_int))
            .toList());
  }

  private void construct(CodeBuilder code, List<TypeKind> kinds) {
    code.aload(0)
        .invokespecial(ConstantDescs.CD_Object, ConstantDescs.INIT_NAME, ConstantDescs.MTD_void);
    for (int i = 0; i < kinds.size(); i++) {
      var kind = kinds.get(i);
      code.aload(0).loadLocal(kind, code.parameterSlot(i));
      code.putfield(name, field(kinds, i), kind.upperBound());
    }
    code.aload(0).iload(code.parameterSlot(kinds.size()));
    code.putfield(name, WHICH, ConstantDescs.CD_int).return_();
  }

  private void addFactories(ClassBuilder builder) {
    factories.forEach(
        (type, number) ->
            builder.withMethodBody(
                "make" + number, type, AccessFlag.STATIC.mask(), code -> make(code, type)));
  }

  private void make(CodeBuilder code, MethodTypeDesc type) {
    code.new_(name).dup();
    for (int i = 0; i < type.parameterCount(); i++) {
      code.loadLocal(TypeKind.from(type.parameterType(i)), code.parameterSlot(i));
    }
    code.invokespecial(name, ConstantDescs.INIT_NAME, type.changeReturnType(ConstantDescs.CD_void));
    code.areturn();
  }

  private Map<String, List<Integer>> numbersByMethod() {
    return Stream.iterate(0, number -> number + 1)
        .limit(lambdas.size())
        .collect(
            Collectors.groupingBy(
                number -> {
                  var lambda = lambdas.get(number);
                  return lambda.method() + lambda.erased().descriptorString();
                },
                LinkedHashMap::new,
                Collectors.toList()));
  }

  /// A method of interfaces: the bodies of all lambdas that it is the method of, by their numbers.
  private void addMethod(ClassBuilder builder, List<Integer> numbers) {
    var first = lambdas.get(numbers.getFirst());
    builder.withMethodBody(
        first.method(),
        first.erased(),
        AccessFlag.PUBLIC.mask(),
        code -> {
          var others = numbers.subList(1, numbers.size());
          var cases = others.stream().map(each -> SwitchCase.of(each, code.newLabel())).toList();
          if (!cases.isEmpty()) {
            var otherwise = code.newLabel();
            code.aload(0).getfield(name, WHICH, ConstantDescs.CD_int);
            code.lookupswitch(otherwise, cases).labelBinding(otherwise);
          }
          call(code, first);
          for (var each : cases) {
            code.labelBinding(each.target());
            call(code, lambdas.get(each.caseValue()));
          }
        });
  }

  private void call(CodeBuilder code, Lambda lambda) {
    var body = lambda.body();
    var parameters = lambda.parameters();
    if (lambda.isConstructor()) {
      code.new_(body.owner()).dup();
    }
    var kinds = lambda.kinds();
    for (int i = 0; i < kinds.size(); i++) {
      code.aload(0).getfield(name, field(kinds, i), kinds.get(i).upperBound());
      cast(code, ConstantDescs.CD_Object, parameters.get(i));
    }
    for (int i = 0; i < lambda.called().parameterCount(); i++) {
      var erased = lambda.erased().parameterType(i);
      var called = lambda.called().parameterType(i);
      var parameter = parameters.get(kinds.size() + i);
      code.loadLocal(TypeKind.from(erased), code.parameterSlot(i));
      boolean staysReference = !called.isPrimitive() && !parameter.isPrimitive();
      cast(code, erased, staysReference ? parameter : called);
      convert(code, called, parameter);
    }
    var type = lambda.bodyType();
    switch (body.kind()) {
      case STATIC, INTERFACE_STATIC ->
          code.invokestatic(body.owner(), body.methodName(), type, body.isOwnerInterface());
      case CONSTRUCTOR -> code.invokespecial(body.owner(), ConstantDescs.INIT_NAME, type);
      case INTERFACE_VIRTUAL, INTERFACE_SPECIAL ->
          code.invokeinterface(body.owner(), body.methodName(), type);
      // Special is what is private here: javac makes a method of its own of super::name.
      default -> code.invokevirtual(body.owner(), body.methodName(), type);
    }
    leave(code, lambda);
  }

  private static void leave(CodeBuilder code, Lambda lambda) {
    var found = lambda.body().invocationType().returnType();
    var wanted = lambda.erased().returnType();
    if (wanted.equals(ConstantDescs.CD_void)) {
      code.return_(); // with what was found left on the stack
      return;
    }
    convert(code, found, lambda.called().returnType());
    cast(code, found, wanted);
    code.return_(TypeKind.from(wanted));
  }

  private static void cast(CodeBuilder code, ClassDesc from, ClassDesc to) {
    if (!to.isPrimitive() && !to.equals(from) && !to.equals(ConstantDescs.CD_Object)) {
      code.checkcast(to);
    }
  }

  /// Into a box, or out of it.
  private static void convert(CodeBuilder code, ClassDesc from, ClassDesc to) {
    if (from.isPrimitive() && !to.isPrimitive()) {
      var box = PlainClasses.boxOf(from);
      code.invokestatic(box, "valueOf", MethodTypeDesc.of(box, from));
    } else if (!from.isPrimitive() && to.isPrimitive()) {
      code.invokevirtual(from, to.displayName() + "Value", MethodTypeDesc.of(to));
    }
  }
}
