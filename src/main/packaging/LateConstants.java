import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeModel;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.FieldModel;
import java.lang.classfile.Instruction;
import java.lang.classfile.MethodModel;
import java.lang.classfile.MethodTransform;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.LineNumber;
import java.lang.classfile.instruction.NewObjectInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Has Jackson make the decimals that it compares numbers with where it compares, and not when its
/// parser begins.
///
/// The JDK's BigDecimal, when it is first used, computes large powers of five: ten milliseconds or
/// more, at each start that reads any JSON. No number of ours has a fraction, so that none is ever
/// compared.
///
/// Another Jackson may do it otherwise. Then packaging fails: nobody would notice a start that is
/// slower.
final class LateConstants {

  private static final String OWNERS = "com/fasterxml/jackson/";
  private static final ClassDesc DECIMAL = ClassDesc.of("java.math.BigDecimal");
  private static final ClassDesc INTEGER = ClassDesc.of("java.math.BigInteger");
  private static final MethodTypeDesc OF_INTEGER =
      MethodTypeDesc.of(ConstantDescs.CD_void, INTEGER);

  private static final String LATE = "BD_";
  private static final String EARLY = "BI_";

  /// What is behind [#LATE], and behind [#EARLY].
  private static final Set<String> KINDS = Set.of("MIN_INT", "MAX_INT", "MIN_LONG", "MAX_LONG");

  /// `new`, `dup`, the integer, the constructor, and the field.
  private static final int MADE_IN = 5;

  /// The classes that have the constants; there should be one.
  private final List<String> owners = new ArrayList<>();

  /// The class with late constants; the same bytes if it has none, or has them already.
  ///
  /// @throws IllegalStateException if it has some, and not as it is known of Jackson
  byte[] rewritten(ClassFile format, byte[] bytes) {
    ClassModel model = format.parse(bytes);
    var name = model.thisClass().asInternalName();
    boolean isOwner = name.startsWith(OWNERS) && !fields(model, LATE, DECIMAL).isEmpty();
    if (isOwner) {
      owners.add(name);
      require(fields(model, LATE, DECIMAL).equals(KINDS), name + " lacks some decimals");
      require(fields(model, EARLY, INTEGER).containsAll(KINDS), name + " lacks the integers");
    }
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
    var late = format.transformClass(model, transform);
    boolean isDone =
        format.parse(late).methods().stream()
            .noneMatch(method -> uses(method) || (isOwner && isBeginning(method) && makes(method)));
    require(isDone, name + " makes them in another way");
    return late;
  }

  /// @throws IllegalStateException if the constants were not found in one class, when all of
  ///     Jackson's have been seen
  void requireFound() {
    require(owners.size() == 1, "classes that have them: " + owners);
  }

  private static void require(boolean isSo, String otherwise) {
    if (!isSo) {
      throw new IllegalStateException(
          "the constants BD_MIN_INT and the like of this Jackson are not as"
              + " src/main/packaging/LateConstants.java knows them: "
              + otherwise);
    }
  }

  /// Which of the constants are fields of a class.
  private static Set<String> fields(ClassModel model, String prefix, ClassDesc type) {
    return model.fields().stream()
        .filter(field -> field.fieldTypeSymbol().equals(type))
        .map(FieldModel::fieldName)
        .flatMap(name -> kind(name.stringValue(), prefix))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Stream<String> kind(String name, String prefix) {
    return KINDS.stream().filter(kind -> name.equals(prefix + kind));
  }

  private static boolean uses(MethodModel method) {
    return has(
        method, each -> isConstant(each, Opcode.GETSTATIC) || isConstant(each, Opcode.PUTSTATIC));
  }

  private static boolean makes(MethodModel method) {
    return has(method, LateConstants::isNewDecimal);
  }

  private static boolean has(MethodModel method, Predicate<CodeElement> wanted) {
    return method.code().stream().flatMap(CodeModel::elementStream).anyMatch(wanted);
  }

  private static boolean isBeginning(MethodModel method) {
    return method.methodName().equalsString(ConstantDescs.CLASS_INIT_NAME);
  }

  /// Leaves out what gives the fields their values.
  private static CodeTransform notMade() {
    return CodeTransform.ofStateful(
        () ->
            new CodeTransform() {
              private final List<CodeElement> making = new ArrayList<>();

              @Override
              public void accept(CodeBuilder code, CodeElement element) {
                if (element instanceof LineNumber) {
                  code.with(element);
                  return;
                }
                if (!isNext(making, element)) {
                  atEnd(code);
                }
                if (!isNext(making, element)) {
                  code.with(element);
                  return;
                }
                making.add(element);
                if (making.size() == MADE_IN) {
                  making.clear();
                }
              }

              @Override
              public void atEnd(CodeBuilder code) {
                making.forEach(code::with);
                making.clear();
              }
            });
  }

  /// Whether `element` goes on with what makes a constant of the integer that belongs to it.
  private static boolean isNext(List<CodeElement> making, CodeElement element) {
    return switch (making.size()) {
      case 0 -> isNewDecimal(element);
      case 1 -> element instanceof Instruction copy && copy.opcode() == Opcode.DUP;
      case 2 -> isField(element, Opcode.GETSTATIC, EARLY, INTEGER);
      case 3 ->
          element instanceof InvokeInstruction call
              && call.opcode() == Opcode.INVOKESPECIAL
              && call.owner().asSymbol().equals(DECIMAL)
              && call.name().equalsString(ConstantDescs.INIT_NAME)
              && call.typeSymbol().equals(OF_INTEGER);
      default ->
          isConstant(element, Opcode.PUTSTATIC)
              && early((FieldInstruction) element)
                  .equals(((FieldInstruction) making.get(2)).name().stringValue());
    };
  }

  private static boolean isNewDecimal(CodeElement element) {
    return element instanceof NewObjectInstruction made
        && made.className().asSymbol().equals(DECIMAL);
  }

  private static void made(CodeBuilder code, CodeElement element) {
    if (!isConstant(element, Opcode.GETSTATIC)) {
      code.with(element);
      return;
    }
    var field = (FieldInstruction) element;
    code.new_(DECIMAL)
        .dup()
        .getstatic(field.owner().asSymbol(), early(field), INTEGER)
        .invokespecial(DECIMAL, ConstantDescs.INIT_NAME, OF_INTEGER);
  }

  private static String early(FieldInstruction late) {
    return EARLY + late.name().stringValue().substring(LATE.length());
  }

  private static boolean isConstant(CodeElement element, Opcode opcode) {
    return isField(element, opcode, LATE, DECIMAL);
  }

  private static boolean isField(
      CodeElement element, Opcode opcode, String prefix, ClassDesc type) {
    return element instanceof FieldInstruction field
        && field.opcode() == opcode
        && field.typeSymbol().equals(type)
        && field.owner().asInternalName().startsWith(OWNERS)
        && kind(field.name().stringValue(), prefix).findAny().isPresent();
  }
}
