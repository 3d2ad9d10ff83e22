package dev.quern.kernels;

import dev.quern.DType;
import dev.quern.spi.Op;
import dev.quern.spi.Program.Instruction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes the op table as the cases of the switch in {@code cuda/program.h}. */
final class CudaCases {
  /** What a number of an operation is multiplied with: the numbers between are the types'. */
  private static final int TYPES = 8;

  /** The number that does nothing: the first operand is the result. */
  static final int MOVE = 0xfff;

  private CudaCases() {}

  /**
   * Writes the file, when the kernels are built.
   *
   * @param arguments the file
   */
  public static void main(String[] arguments) throws IOException {
    Files.writeString(Path.of(arguments[0]), text());
  }

  /** Returns the number of an operation on operands of a type; a cast's has both types. */
  static int number(Op op, DType operand, DType result) {
    if (op == Op.CAST) {
      return (Op.values().length + operand.ordinal()) * TYPES + result.ordinal();
    }
    return op.ordinal() * TYPES + operand.ordinal();
  }

  /** Returns the cases. */
  static String text() {
    StringBuilder text = new StringBuilder();
    text.append("// Written by dev.quern.kernels.CudaCases from the op table: not to be edited.\n");
    for (Op op : Op.values()) {
      for (DType operand : DType.values()) {
        if (op == Op.CAST) {
          for (DType result : DType.values()) {
            if (casts(operand, result)) {
              append(text, op, operand, result);
            }
          }
        } else if (takes(op, operand)) {
          append(text, op, operand, op.resultType(operand));
        }
      }
    }
    return text.toString();
  }

  private static boolean takes(Op op, DType operand) {
    return switch (op.typing()) {
      case NUMERIC -> operand != DType.BOOL && !operand.isHalf();
      case FLOAT -> operand.isFloat() && !operand.isHalf();
      case LOGIC -> operand == DType.BOOL;
      case COMPARE -> !operand.isHalf();
      case SELECT, CAST -> true;
    };
  }

  // The 16-bit types are only for storage; what common/half.h has is what the core asks for.
  private static boolean casts(DType operand, DType result) {
    if (operand.isHalf()) {
      return result == DType.F32;
    }
    return !result.isHalf()
        || operand == DType.F32
        || operand == DType.F64
        || operand == DType.I64;
  }

  private static void append(StringBuilder text, Op op, DType operand, DType result) {
    boolean wide = operand.bytes() > 4 || result.bytes() > 4;
    if (wide) {
      text.append("#ifdef WIDE\n");
    }
    int number = number(op, operand, result);
    if (op == Op.WHERE) {
      text.append("Q_SELECT(").append(number).append(")\n");
    } else {
      Instruction instruction =
          new Instruction(op, result, 0, op.arity() > 1 ? 1 : -1, op.arity() > 2 ? 2 : -1);
      text.append("Q_CASE").append(op.arity()).append('(').append(number).append(", ");
      text.append(CTypes.name(operand)).append(", ").append(CTypes.name(result)).append(", ");
      text.append(CTypes.expression(instruction, operand, "a", "b", "c")).append(")\n");
    }
    if (wide) {
      text.append("#endif\n");
    }
  }
}
