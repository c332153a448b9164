import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeModel;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.Instruction;
import java.lang.classfile.MethodModel;
import java.lang.classfile.MethodTransform;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.NewObjectInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayList;
import java.util.List;

/// Has Jackson make the decimals that it compares numbers with where it compares, and not when its
/// parser begins.
///
/// The JDK's BigDecimal, when it is first used, computes large powers of five: ten milliseconds or
/// more, at each start that reads any JSON. No number of ours has a fraction, so that none is ever
/// compared.
final class LateConstants {

  private static final String OWNERS = "com/fasterxml/jackson/";
  private static final ClassDesc DECIMAL = ClassDesc.of("java.math.BigDecimal");
  private static final ClassDesc INTEGER = ClassDesc.of("java.math.BigInteger");

  /// `new`, `dup`, the integer, the constructor, and the field.
  private static final int MADE_IN = 5;

  private LateConstants() {}

  /// The class with late constants; the same bytes if it has none.
  static byte[] rewritten(ClassFile format, byte[] bytes) {
    ClassModel model = format.parse(bytes);
    if (model.methods().stream().noneMatch(LateConstants::uses)) {
      return bytes;
    }
    ClassTransform transform =
        (builder, element) -> {
          if (element instanceof MethodModel method && uses(method)) {
            var change = isBeginning(method) ? notMade() : (CodeTransform) LateConstants::made;
            builder.transformMethod(method, MethodTransform.transformingCode(change));
          } else {
            builder.with(element);
          }
        };
    return format.transformClass(model, transform);
  }

  private static boolean uses(MethodModel method) {
    return method.code().stream()
        .flatMap(CodeModel::elementStream)
        .anyMatch(each -> isConstant(each, Opcode.GETSTATIC) || isConstant(each, Opcode.PUTSTATIC));
  }

  private static boolean isBeginning(MethodModel method) {
    return method.methodName().equalsString(ConstantDescs.CLASS_INIT_NAME);
  }

  /// Leaves out what gives the fields their values.
  private static CodeTransform notMade() {
    return CodeTransform.ofStateful(
        () ->
            new CodeTransform() {
              private final List<Instruction> making = new ArrayList<>();

              @Override
              public void accept(CodeBuilder code, CodeElement element) {
                boolean begins =
                    element instanceof NewObjectInstruction made
                        && made.className().asSymbol().equals(DECIMAL);
                if (!(element instanceof Instruction instruction)
                    || (making.isEmpty() && !begins)) {
                  code.with(element);
                  return;
                }
                making.add(instruction);
                if (making.size() == MADE_IN) {
                  if (!isConstant(instruction, Opcode.PUTSTATIC)) {
                    making.forEach(code::with);
                  }
                  making.clear();
                }
              }
            });
  }

  private static void made(CodeBuilder code, CodeElement element) {
    if (!isConstant(element, Opcode.GETSTATIC)) {
      code.with(element);
      return;
    }
    var field = (FieldInstruction) element;
    var name = field.name().stringValue().replaceFirst("BD_", "BI_");
    code.new_(DECIMAL)
        .dup()
        .getstatic(field.owner().asSymbol(), name, INTEGER)
        .invokespecial(
            DECIMAL, ConstantDescs.INIT_NAME, MethodTypeDesc.of(ConstantDescs.CD_void, INTEGER));
  }

  private static boolean isConstant(CodeElement element, Opcode opcode) {
    return element instanceof FieldInstruction field
        && field.opcode() == opcode
        && field.typeSymbol().equals(DECIMAL)
        && field.owner().asInternalName().startsWith(OWNERS)
        && field.name().stringValue().matches("BD_(MIN|MAX)_(INT|LONG)");
  }
}
