package dev.quern.kernels;

import dev.quern.DType;
import dev.quern.spi.Program;
import dev.quern.spi.Program.Instruction;

/** Writes a program as C statements. */
final class ProgramText {
  private ProgramText() {}

  /**
   * Appends declarations {@code const T vN = ...} for the constants and instructions; those of the
   * inputs come before.
   */
  static void compute(StringBuilder text, Program program, Geometry geometry) {
    for (int c = 0; c < program.constantCount(); c++) {
      int value = program.firstConstant() + c;
      declare(text, program.dtype(value), "v" + value);
      text.append(CTypes.constant(program.dtype(value), geometry.constant(c))).append("; ");
    }
    for (int i = 0; i < program.length(); i++) {
      Instruction instruction = program.instruction(i);
      // WHERE's first operand is a condition; the others have the type that counts
      int typed = instruction.c() >= 0 ? instruction.c() : instruction.a();
      declare(text, instruction.dtype(), "v" + (program.firstResult() + i));
      text.append(
          CTypes.expression(
              instruction,
              program.dtype(typed),
              "v" + instruction.a(),
              "v" + instruction.b(),
              "v" + instruction.c()));
      text.append("; ");
    }
  }

  /** Appends the head of a declaration. */
  static void declare(StringBuilder text, DType dtype, String name) {
    text.append("const ").append(CTypes.name(dtype)).append(' ').append(name).append(" = ");
  }
}
