package dev.quern.kernels;

import dev.quern.DType;
import dev.quern.spi.Program;
import dev.quern.spi.Program.Instruction;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * A program as the code that {@code cuda/program.h} interprets: one word an instruction, with bits
 * 0 to 11 the operation, 12 to 19 the slot for the result, 20 to 43 three operands, 44 to 47 the
 * view to write the result to, counted from 1.
 *
 * <p>An operand is an input, read where it is used, a constant, a slot, or the last result, which
 * is still in registers. What is used later than that, and an input that is used twice, gets a slot
 * for as long as it is needed. All inputs are read before the first output is written: it may lie
 * in the same memory.
 *
 * @param words the code
 * @param slots how many slots it needs
 * @param isWide whether values of 64 bits occur
 */
record ProgramCode(long[] words, int slots, boolean isWide) {
  private static final int NOTHING = 255;
  private static final int LAST = 254;
  private static final int INPUT = 128;
  private static final int CONSTANT = 64;

  /**
   * Returns the code of a program whose outputs, if they are written, are the views after inputs.
   */
  static ProgramCode of(Program program, boolean writes) {
    return new Compiler(program).compile(writes);
  }

  /** An instruction whose operands are values; it makes one, and may write it. */
  private static final class Step {
    final int op;
    final int[] operands;
    final int value;
    int view;

    Step(int op, int value, int... operands) {
      this.op = op;
      this.value = value;
      this.operands = operands;
    }
  }

  private static final class Compiler {
    private final Program program;
    private final List<Step> steps = new ArrayList<>();
    private final int[] uses;
    private final boolean[] loaded;

    Compiler(Program program) {
      this.program = program;
      uses = new int[program.firstResult() + program.length()];
      loaded = new boolean[program.inputCount()];
    }

    ProgramCode compile(boolean writes) {
      int outputs = program.outputCount();
      for (int i = 0; i < program.length(); i++) {
        for (int operand : operands(program.instruction(i))) {
          uses[operand]++;
        }
      }
      for (int k = 0; k < outputs; k++) {
        uses[program.output(k)]++;
      }
      for (int i = 0; i < program.length(); i++) {
        Instruction instruction = program.instruction(i);
        int[] operands = operands(instruction);
        for (int operand : operands) {
          load(operand, 2);
        }
        // WHERE's first operand is a condition; the others have the type that counts
        int typed = instruction.c() >= 0 ? instruction.c() : instruction.a();
        int op = CudaCases.number(instruction.op(), program.dtype(typed), instruction.dtype());
        steps.add(new Step(op, program.firstResult() + i, operands));
      }
      for (int k = 0; k < outputs; k++) {
        load(program.output(k), outputs > 1 ? 1 : 2);
      }
      for (int k = 0; k < outputs; k++) {
        finish(program.output(k), writes ? program.inputCount() + k + 1 : 0);
      }
      return encode();
    }

    private static int[] operands(Instruction i) {
      if (i.b() < 0) {
        return new int[] {i.a()};
      }
      return i.c() < 0 ? new int[] {i.a(), i.b()} : new int[] {i.a(), i.b(), i.c()};
    }

    // Reads an input that is used so often.
    private void load(int value, int often) {
      if (value < program.inputCount() && !loaded[value] && uses[value] >= often) {
        loaded[value] = true;
        steps.add(new Step(CudaCases.MOVE, value, value));
      }
    }

    // Writes a value, with the step that makes it where that is the last one.
    private void finish(int value, int view) {
      Step last = steps.isEmpty() ? null : steps.get(steps.size() - 1);
      if (last != null && last.value == value && last.view == 0) {
        last.view = view;
      } else {
        Step step = new Step(CudaCases.MOVE, value, value);
        step.view = view;
        steps.add(step);
      }
    }

    private ProgramCode encode() {
      int[] lastUse = new int[uses.length];
      for (int s = 0; s < steps.size(); s++) {
        for (int operand : steps.get(s).operands) {
          lastUse[operand] = s;
        }
      }
      long[] words = new long[steps.size()];
      int[] slot = new int[uses.length];
      BitSet made = new BitSet();
      BitSet taken = new BitSet();
      int slots = 0;
      for (int s = 0; s < words.length; s++) {
        Step step = steps.get(s);
        int before = s == 0 ? -1 : steps.get(s - 1).value;
        long word = step.op;
        for (int i = 0; i < 3; i++) {
          int operand = i < step.operands.length ? step.operands[i] : -1;
          word |= (long) place(operand, before, made, slot) << (20 + 8 * i);
        }
        for (int operand : step.operands) {
          if (made.get(operand) && slot[operand] != NOTHING && lastUse[operand] <= s) {
            taken.clear(slot[operand]);
          }
        }
        // A move that only writes makes nothing new.
        if (!made.get(step.value)) {
          made.set(step.value);
          slot[step.value] = NOTHING;
          if (lastUse[step.value] > s + 1) {
            slot[step.value] = taken.nextClearBit(0);
            taken.set(slot[step.value]);
            slots = Math.max(slots, slot[step.value] + 1);
          }
          word |= (long) slot[step.value] << 12;
        } else {
          word |= (long) NOTHING << 12;
        }
        words[s] = word | (long) step.view << 44;
      }
      boolean wide = false;
      for (int value = 0; value < uses.length; value++) {
        wide |= program.dtype(value).bytes() > 4;
      }
      return new ProgramCode(words, slots, wide);
    }

    private int place(int operand, int before, BitSet made, int[] slot) {
      if (operand < 0) {
        return NOTHING;
      }
      if (operand == before) {
        return LAST;
      }
      if (made.get(operand)) {
        assert slot[operand] != NOTHING : "not kept: " + operand;
        return slot[operand];
      }
      return operand < program.inputCount()
          ? INPUT + operand
          : CONSTANT + operand - program.firstConstant();
    }
  }

  /** Returns the logarithms of the bytes of elements, 4 bits a view. */
  static long sizes(List<DType> dtypes) {
    long sizes = 0;
    for (int v = 0; v < dtypes.size(); v++) {
      sizes |= (long) Integer.numberOfTrailingZeros(dtypes.get(v).bytes()) << (4 * v);
    }
    return sizes;
  }
}
