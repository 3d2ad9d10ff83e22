package dev.quern.cpu;

import dev.quern.spi.Program;
import dev.quern.spi.View;
import java.util.List;

/**
 * Elementwise programs over so few elements that {@link BlockProgram} would take longer to prepare
 * than to run: one thread, one block, nothing kept.
 */
final class ShortMap {
  /** How many elements all temporary values may have together. */
  private static final int TEMPORARY = BlockProgram.BLOCK;

  private ShortMap() {}

  /** Returns whether a program is short and its views lie one element after the other. */
  static boolean accepts(Program program, List<View> inputs, List<View> outputs) {
    long size = outputs.get(0).size();
    int temporaries = program.length() + program.constantCount() + outputs.size() - 1;
    return size <= BlockProgram.BLOCK
        && size * (temporaries - 1) <= TEMPORARY
        && areContiguous(inputs)
        && areContiguous(outputs);
  }

  private static boolean areContiguous(List<View> views) {
    for (int i = 0; i < views.size(); i++) {
      if (!views.get(i).isContiguous()) {
        return false;
      }
    }
    return true;
  }

  /** Runs a program. */
  static void run(Kernels kernels, Program program, List<View> inputs, List<View> outputs) {
    int n = (int) outputs.get(0).size();
    int length = program.length();
    int first = program.firstResult();
    Object[] array = new Object[first + length];
    int[] at = new int[array.length];
    for (int v = 0; v < inputs.size(); v++) {
      array[v] = CpuBuffer.array(inputs.get(v));
      at[v] = (int) inputs.get(v).offset();
    }
    for (int c = program.firstConstant(); c < first; c++) {
      array[c] = HostArrays.create(program.dtype(c), n);
      HostArrays.fill(array[c], 0, n, program.constantBits(c - program.firstConstant()));
    }
    // The last instruction alone may write to an output, which may be an input too.
    boolean direct = outputs.size() == 1 && length > 0 && program.output(0) == first + length - 1;
    for (int i = 0; i < length; i++) {
      Program.Instruction code = program.instruction(i);
      int a = code.a();
      int b = code.b() < 0 ? a : code.b();
      int c = code.c() < 0 ? a : code.c();
      int o = first + i;
      if (direct && i == length - 1) {
        array[o] = CpuBuffer.array(outputs.get(0));
        at[o] = (int) outputs.get(0).offset();
      } else {
        array[o] = HostArrays.create(program.dtype(o), n);
      }
      Loop loop = kernels.loop(program, code);
      loop.run(array[a], at[a], array[b], at[b], array[c], at[c], array[o], at[o], n);
    }
    for (int j = 0; j < outputs.size() && !direct; j++) {
      View output = outputs.get(j);
      int value = program.output(j);
      int to = (int) output.offset();
      HostArrays.copyRuns(array[value], at[value], 0, CpuBuffer.array(output), to, 0, 1, n);
    }
  }
}
