package dev.quern.kernels;

import dev.quern.DType;
import dev.quern.spi.Op;
import dev.quern.spi.Program;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Names of types and operations in kernel sources. */
final class CTypes {
  private static final Pattern NAME = Pattern.compile("\\bq_\\w+|\\b[abcT]\\b");

  private CTypes() {}

  /** Returns the suffix that stands for a type in the names of functions. */
  static String suffix(DType dtype) {
    return switch (dtype) {
      case F32 -> "f32";
      case F64 -> "f64";
      case F16 -> "f16";
      case BF16 -> "bf16";
      case I32 -> "i32";
      case I64 -> "i64";
      case BOOL -> "bool";
    };
  }

  /** Returns the name of a prebuilt kernel for types. */
  static String named(String entry, DType... dtypes) {
    StringBuilder name = new StringBuilder(entry);
    for (DType dtype : dtypes) {
      name.append('_').append(suffix(dtype));
    }
    return name.toString();
  }

  /** Returns a type's name. */
  static String name(DType dtype) {
    return "q_" + suffix(dtype);
  }

  /** Returns the name of the function for one type. */
  static String function(String name, DType dtype) {
    return "q_" + name + "_" + suffix(dtype);
  }

  /** Returns the expression of an instruction whose operands have these names. */
  static String expression(Program.Instruction i, DType operand, String a, String b, String c) {
    String result = name(i.dtype());
    if (i.op() == Op.CAST) {
      return "q_cast_" + suffix(operand) + "_" + suffix(i.dtype()) + "(" + a + ")";
    }
    // C leaves open what a signed overflow gives; unsigned arithmetic wraps.
    String wrap = wraps(i.op(), operand) ? operand == DType.I32 ? "(uint)" : "(ulong)" : "";
    Matcher matcher = NAME.matcher(i.op().expression());
    StringBuilder text = new StringBuilder();
    while (matcher.find()) {
      String word =
          switch (matcher.group()) {
            case "a" -> wrap + a;
            case "b" -> wrap + b;
            case "c" -> wrap + c;
            case "T" -> result;
            default -> matcher.group() + "_" + suffix(operand);
          };
      matcher.appendReplacement(text, Matcher.quoteReplacement(word));
    }
    matcher.appendTail(text);
    return wrap.isEmpty() ? text.toString() : "(" + result + ")(" + text + ")";
  }

  private static boolean wraps(Op op, DType operand) {
    boolean arithmetic = op == Op.ADD || op == Op.SUB || op == Op.MUL || op == Op.NEG;
    return arithmetic && (operand == DType.I32 || operand == DType.I64);
  }

  /** Returns the expression that turns a 64-bit word of the parameters into a constant. */
  static String constant(DType dtype, int word) {
    return "WORD_" + name(dtype) + "(p.v[" + word + "])";
  }
}
