package dev.quern.spi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.DType;
import dev.quern.spi.Program.Instruction;
import org.junit.jupiter.api.Test;

final class ProgramTest {
  /** Returns relu(x * y + c). */
  private static Program program(DType dtype, double constant, Op last, int output) {
    return new Program(
        new DType[] {dtype, dtype},
        new DType[] {dtype},
        new long[] {Program.bits(dtype, constant)},
        new Instruction[] {
          new Instruction(Op.MUL, dtype, 0, 1, -1),
          new Instruction(Op.ADD, dtype, 3, 2, -1),
          new Instruction(last, dtype, 4, -1, -1)
        },
        new int[] {output});
  }

  @Test
  void shouldNumberValues() {
    Program program = program(DType.F32, 1, Op.RELU, 5);

    assertEquals(2, program.inputCount());
    assertEquals(2, program.firstConstant());
    assertEquals(3, program.firstResult());
    assertEquals(3, program.length());
    assertEquals(5, program.output(0));
    assertEquals(DType.F32, program.dtype(5));
  }

  @Test
  void shouldShareStructureForOtherConstants() {
    assertEquals(
        program(DType.F32, 1, Op.RELU, 5).structure(),
        program(DType.F32, 2, Op.RELU, 5).structure());
  }

  @Test
  void shouldTellStructuresApart() {
    String structure = program(DType.F32, 1, Op.RELU, 5).structure();

    assertNotEquals(structure, program(DType.F64, 1, Op.RELU, 5).structure());
    assertNotEquals(structure, program(DType.F32, 1, Op.TANH, 5).structure());
    assertNotEquals(structure, program(DType.F32, 1, Op.RELU, 4).structure());
    Program swapped =
        new Program(
            new DType[] {DType.F32, DType.F32},
            new DType[] {DType.F32},
            new long[] {0},
            new Instruction[] {
              new Instruction(Op.MUL, DType.F32, 1, 0, -1),
              new Instruction(Op.ADD, DType.F32, 3, 2, -1),
              new Instruction(Op.RELU, DType.F32, 4, -1, -1)
            },
            new int[] {5});
    assertNotEquals(structure, swapped.structure());
  }

  @Test
  void shouldRecogniseCopy() {
    assertTrue(Program.copy(DType.I64).isCopy());
    assertFalse(program(DType.F32, 1, Op.RELU, 5).isCopy());
  }

  @Test
  void shouldKeepBitsOfConstants() {
    assertEquals(0x80000000L, Program.bits(DType.F32, -0.0));
    assertEquals(Long.MIN_VALUE, Program.bits(DType.F64, -0.0));
    assertEquals(0xffffffffL & Float.floatToRawIntBits(0.1f), Program.bits(DType.F32, 0.1));
    assertEquals(-3, Program.bits(DType.I32, -3));
    assertEquals(1, Program.bits(DType.BOOL, 1));
  }

  @Test
  void shouldHaveGradientForEveryOperandOrNone() {
    for (Op op : Op.values()) {
      for (int i = 0; op.isDifferentiable() && i < op.arity(); i++) {
        boolean condition = op.typing() == Op.Typing.SELECT && i == 0;
        assertEquals(condition, op.rule(i) == null, op + " operand " + i);
      }
      assertNull(op.rule(op.arity()), op + " has a rule too many");
    }
  }

  @Test
  void shouldNameEveryOperandInExpression() {
    for (Op op : Op.values()) {
      for (int i = 0; i < 3; i++) {
        String operand = "\\b" + (char) ('a' + i) + "\\b";
        boolean named = !op.expression().equals(op.expression().replaceAll(operand, ""));
        assertEquals(i < op.arity(), named, op + ": " + op.expression());
      }
    }
  }

  @Test
  void shouldTypeResults() {
    assertEquals(DType.BOOL, Op.LT.resultType(DType.F64));
    assertEquals(DType.F64, Op.ADD.resultType(DType.F64));
    assertEquals(DType.BOOL, Op.IS_NAN.resultType(DType.F32));
  }

  @Test
  void shouldCountRandomNumbersPerBlock() {
    assertEquals(4, RandomKind.UNIFORM.perBlock(DType.F32));
    assertEquals(2, RandomKind.NORMAL.perBlock(DType.F64));
    assertEquals(4, RandomKind.BITS32.perBlock(DType.I64));
  }

  @Test
  void shouldAcceptSomeActivations() {
    assertTrue(Epilogue.accepts(Op.RELU));
    assertFalse(Epilogue.accepts(Op.EXP));
    assertTrue(Epilogue.NONE.isNone());
  }
}
