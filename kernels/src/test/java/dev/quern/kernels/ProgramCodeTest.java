package dev.quern.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.DType;
import dev.quern.spi.Op;
import dev.quern.spi.Program;
import dev.quern.spi.Program.Instruction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class ProgramCodeTest {
  private static final int NOTHING = 255;

  @Test
  void shouldNeedNoSlotForAChain() {
    Program program =
        new Program(
            new DType[] {DType.F32, DType.F32},
            new DType[] {DType.F32},
            new long[] {0},
            new Instruction[] {
              new Instruction(Op.MUL, DType.F32, 0, 2, -1),
              new Instruction(Op.ADD, DType.F32, 3, 1, -1),
              new Instruction(Op.RELU, DType.F32, 4, -1, -1)
            },
            new int[] {5});

    ProgramCode code = ProgramCode.of(program, true);

    assertEquals(3, code.words().length);
    assertEquals(0, code.slots());
    assertFalse(code.isWide());
  }

  @Test
  void shouldReadAnInputThatIsUsedTwiceOnce() {
    Program program =
        new Program(
            new DType[] {DType.F64},
            new DType[0],
            new long[0],
            new Instruction[] {
              new Instruction(Op.EXP, DType.F64, 0, -1, -1),
              new Instruction(Op.MUL, DType.F64, 1, 0, -1)
            },
            new int[] {2});

    ProgramCode code = ProgramCode.of(program, true);

    long reads = Arrays.stream(code.words()).filter(word -> isInput((int) (word >> 20))).count();
    assertEquals(1, reads);
    assertEquals(1, code.slots());
    assertTrue(code.isWide());
  }

  @Test
  void shouldComputeWhatTheProgramSays() {
    Random random = new Random(1);
    for (int round = 0; round < 20_000; round++) {
      Program program = program(random);

      ProgramCode code = ProgramCode.of(program, true);

      check(program, code);
    }
  }

  private static boolean isInput(int operand) {
    return (operand & 255) >= 128 && (operand & 255) < 254;
  }

  private static Program program(Random random) {
    int inputs = random.nextInt(Program.MAX_INPUTS + 1);
    int constants = random.nextInt(inputs == 0 ? 1 : 0, 4);
    int length = random.nextInt(random.nextBoolean() ? 4 : Program.MAX_INSTRUCTIONS + 1);
    DType[] types = new DType[inputs];
    Arrays.fill(types, DType.F32);
    DType[] constantTypes = new DType[constants];
    Arrays.fill(constantTypes, DType.F32);
    Instruction[] code = new Instruction[length];
    for (int i = 0; i < length; i++) {
      int known = inputs + constants + i;
      int arity = random.nextInt(1, 4);
      Op op = arity == 1 ? Op.NEG : arity == 2 ? Op.ADD : Op.CLAMP;
      code[i] =
          new Instruction(
              op,
              DType.F32,
              random.nextInt(known),
              arity > 1 ? random.nextInt(known) : -1,
              arity > 2 ? random.nextInt(known) : -1);
    }
    int[] outputs = new int[random.nextInt(1, Program.MAX_OUTPUTS + 1)];
    for (int k = 0; k < outputs.length; k++) {
      outputs[k] = random.nextInt(inputs + constants + length);
    }
    return new Program(types, constantTypes, new long[constants], code, outputs);
  }

  // Runs the code on texts: an instruction makes the text that says how it came about.
  private static void check(Program program, ProgramCode code) {
    List<String> expected = new ArrayList<>();
    for (int v = 0; v < program.firstResult(); v++) {
      expected.add(v < program.inputCount() ? "in" + v : "c" + (v - program.inputCount()));
    }
    for (int i = 0; i < program.length(); i++) {
      Instruction instruction = program.instruction(i);
      expected.add(
          text(
              CudaCases.number(instruction.op(), DType.F32, DType.F32),
              expected.get(instruction.a()),
              instruction.b() < 0 ? "" : expected.get(instruction.b()),
              instruction.c() < 0 ? "" : expected.get(instruction.c())));
    }
    String[] slots = new String[code.slots()];
    String[] written = new String[program.outputCount()];
    String last = "";
    boolean writing = false;
    for (long word : code.words()) {
      String[] operand = new String[3];
      for (int i = 0; i < 3; i++) {
        int which = (int) (word >> (20 + 8 * i)) & 255;
        assertFalse(writing && isInput(which), () -> "reads after it writes: " + program);
        operand[i] =
            which == NOTHING
                ? ""
                : which == 254
                    ? last
                    : which >= 128
                        ? "in" + (which - 128)
                        : which >= 64 ? "c" + (which - 64) : slots[which];
      }
      int op = (int) word & 0xfff;
      last = op == CudaCases.MOVE ? operand[0] : text(op, operand[0], operand[1], operand[2]);
      int slot = (int) (word >> 12) & 255;
      if (slot != NOTHING) {
        slots[slot] = last;
      }
      int view = (int) (word >> 44) & 15;
      if (view > 0) {
        writing = true;
        written[view - 1 - program.inputCount()] = last;
      }
    }
    for (int k = 0; k < written.length; k++) {
      assertEquals(expected.get(program.output(k)), written[k], program::toString);
    }
    assertTrue(code.words().length <= 64, program::toString);
  }

  private static String text(int op, String a, String b, String c) {
    // Hashes, since texts of texts grow without bounds
    return op + "(" + (a + ";" + b + ";" + c).hashCode() + ")";
  }
}
