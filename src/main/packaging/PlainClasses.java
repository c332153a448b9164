import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeModel;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.MethodModel;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.DirectMethodHandleDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.reflect.AccessFlag;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// Gives switches over types, and `equals` and `hashCode` of records, plain code.
///
/// javac leaves them to `invokedynamic`: Java writes their code when they are first reached, in
/// each process again, a millisecond or two for each. A snapshot keeps lambdas and joined strings,
/// but none of these.
final class PlainClasses {

  private static final int SYNTHETIC =
      AccessFlag.PRIVATE.mask() | AccessFlag.STATIC.mask() | AccessFlag.SYNTHETIC.mask();
  private static final ClassDesc OBJECTS = ClassDesc.of("java.util.Objects");

  /// A method that takes the place of a call site.
  private record Added(String name, MethodTypeDesc type, Consumer<CodeBuilder> body) {}

  private final ClassModel model;
  private final List<Added> methods = new ArrayList<>();

  private PlainClasses(ClassModel model) {
    this.model = model;
  }

  /// The class with plain code; the same bytes if it has nothing of the kind.
  static byte[] rewritten(ClassFile format, byte[] bytes) {
    var plain = new PlainClasses(format.parse(bytes));
    var rewritten = plain.rewritten(format);
    return plain.methods.isEmpty() ? bytes : rewritten;
  }

  private byte[] rewritten(ClassFile format) {
    var self = model.thisClass().asSymbol();
    boolean isInterface = model.flags().has(AccessFlag.INTERFACE);
    CodeTransform sites =
        (code, element) -> {
          if (element instanceof InvokeDynamicInstruction site && isReplaced(site)) {
            var method = methods.getLast();
            code.invokestatic(self, method.name(), method.type(), isInterface);
          } else {
            code.with(element);
          }
        };
    ClassTransform addMethods =
        ClassTransform.endHandler(
            builder ->
                methods.forEach(
                    method ->
                        builder.withMethodBody(
                            method.name(), method.type(), SYNTHETIC, method.body())));
    return format.transformClass(
        model,
        ClassTransform.transformingMethodBodies(PlainClasses::hasSites, sites).andThen(addMethods));
  }

  private static boolean hasSites(MethodModel method) {
    return method.code().stream()
        .flatMap(CodeModel::elementStream)
        .anyMatch(InvokeDynamicInstruction.class::isInstance);
  }

  /// Adds the method that replaces `site`, if this is a site of the known kinds.
  private boolean isReplaced(InvokeDynamicInstruction site) {
    var bootstrap = site.bootstrapMethod().methodName();
    var arguments = site.bootstrapArgs();
    var type = site.typeSymbol();
    Consumer<CodeBuilder> body =
        switch (bootstrap + " " + site.name().stringValue()) {
          case "typeSwitch typeSwitch" ->
              arguments.stream().allMatch(ClassDesc.class::isInstance)
                  ? code -> typeSwitch(code, arguments)
                  : null;
          case "bootstrap hashCode" -> code -> hashCode(code, fields(arguments));
          case "bootstrap equals" ->
              code -> equals(code, (ClassDesc) arguments.getFirst(), fields(arguments));
          default -> null;
        };
    if (body == null) {
      return false;
    }
    methods.add(new Added("plain$" + methods.size(), type, body));
    return true;
  }

  /// The number of the first type from `restart` on that the object is of; -1 for null, the number
  /// of types if it is of none (java.lang.runtime.SwitchBootstraps).
  private static void typeSwitch(CodeBuilder code, List<ConstantDesc> types) {
    code.aload(0).ifThen(Opcode.IFNULL, isNull -> isNull.loadConstant(-1).ireturn());
    for (int i = 0; i < types.size(); i++) {
      var next = code.newLabel();
      code.iload(1).loadConstant(i).if_icmpgt(next);
      code.aload(0).instanceOf((ClassDesc) types.get(i)).ifeq(next);
      code.loadConstant(i).ireturn();
      code.labelBinding(next);
    }
    code.loadConstant(types.size()).ireturn();
  }

  /// The record's components: what reads their fields.
  private static List<DirectMethodHandleDesc> fields(List<ConstantDesc> arguments) {
    return arguments.stream().skip(2).map(DirectMethodHandleDesc.class::cast).toList();
  }

  /// As java.lang.runtime.ObjectMethods has it: 31 times what was before, plus the component's.
  private static void hashCode(CodeBuilder code, List<DirectMethodHandleDesc> fields) {
    code.iconst_0();
    for (var field : fields) {
      code.loadConstant(31).imul();
      load(code, 0, field);
      var type = typeOf(field);
      if (type.isPrimitive()) {
        code.invokestatic(boxOf(type), "hashCode", MethodTypeDesc.of(ConstantDescs.CD_int, type));
      } else {
        code.invokestatic(
            OBJECTS, "hashCode", MethodTypeDesc.of(ConstantDescs.CD_int, ConstantDescs.CD_Object));
      }
      code.iadd();
    }
    code.ireturn();
  }

  private static void equals(
      CodeBuilder code, ClassDesc self, List<DirectMethodHandleDesc> fields) {
    var differs = code.newLabel();
    code.aload(1).instanceOf(self).ifeq(differs);
    code.aload(1).checkcast(self).astore(2);
    for (var field : fields) {
      load(code, 0, field);
      load(code, 2, field);
      var type = typeOf(field);
      if (type.isPrimitive()) {
        code.invokestatic(
            boxOf(type), "compare", MethodTypeDesc.of(ConstantDescs.CD_int, type, type));
        code.ifne(differs);
      } else {
        code.invokestatic(
            OBJECTS,
            "equals",
            MethodTypeDesc.of(
                ConstantDescs.CD_boolean, ConstantDescs.CD_Object, ConstantDescs.CD_Object));
        code.ifeq(differs);
      }
    }
    code.iconst_1().ireturn();
    code.labelBinding(differs);
    code.iconst_0().ireturn();
  }

  private static void load(CodeBuilder code, int slot, DirectMethodHandleDesc field) {
    code.aload(slot).getfield(field.owner(), field.methodName(), typeOf(field));
  }

  /// A getter's type is that of a method from the record to the component.
  private static ClassDesc typeOf(DirectMethodHandleDesc field) {
    return field.invocationType().returnType();
  }

  static ClassDesc boxOf(ClassDesc primitive) {
    return switch (primitive.descriptorString()) {
      case "Z" -> ConstantDescs.CD_Boolean;
      case "B" -> ConstantDescs.CD_Byte;
      case "C" -> ConstantDescs.CD_Character;
      case "S" -> ConstantDescs.CD_Short;
      case "I" -> ConstantDescs.CD_Integer;
      case "J" -> ConstantDescs.CD_Long;
      case "F" -> ConstantDescs.CD_Float;
      case "D" -> ConstantDescs.CD_Double;
      default -> throw new IllegalArgumentException(primitive.displayName());
    };
  }
}
