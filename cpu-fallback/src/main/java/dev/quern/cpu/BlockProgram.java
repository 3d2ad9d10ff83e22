package dev.quern.cpu;

import dev.quern.DType;
import dev.quern.spi.Op;
import dev.quern.spi.Program;
import dev.quern.spi.Program.Instruction;
import dev.quern.spi.View;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A program made ready to run over blocks of a space. A block's values lie in registers, arrays
 * that stay in the first-level cache and are used again when their value is dead, except that
 * inputs are read, and outputs written, in place where their elements lie one after the other.
 *
 * <p>Constants are spread over a register once: a loop with a scalar operand is no faster than one
 * that reads it from the first-level cache, where it writes to memory anyway.
 */
final class BlockProgram {
  /** The greatest number of elements of a block whose values are to stay in the cache. */
  static final int BLOCK = 1024;

  private static final int NONE = -1;

  private enum Access {
    /** Read or written where it lies. */
    IN_PLACE,
    /** Filled into a register once, since every block sees the same. */
    ONCE,
    /** Copied between array and register for each block. */
    COPIED
  }

  private final Program program;
  private final Space space;
  private final boolean insideRows;
  private final int block;
  private final Step[] steps;
  private final Object[] inputs;
  private final Object[] outputs;
  private final Access[] access;
  // Which register each value is in, or NONE.
  private final int[] register;
  // The last step that reads each value, or NONE; past the end if an output is the value.
  private final int[] lastUse;
  private final List<DType> registers = new ArrayList<>();
  // For each output, whether its value is computed right into it.
  private final boolean[] direct;
  private final boolean located;

  /**
   * Prepares a program.
   *
   * @param inputs the inputs; their places in {@code space} are 0, 1, ...
   * @param outputs what to write; their places follow. May be empty: then {@link Frame#result}
   *     tells where the value of the first output is
   * @param block the greatest number of elements of a block
   * @param insideRows whether no block will cross the end of a row along the space's last axis
   * @param aligned whether every block starts at a multiple of the last axis, or of the row
   */
  BlockProgram(
      Kernels kernels,
      Program program,
      List<View> inputs,
      List<View> outputs,
      Space space,
      int block,
      boolean insideRows,
      boolean aligned) {
    this.program = program;
    this.space = space;
    this.block = (int) Math.min(block, space.size());
    this.insideRows = insideRows;
    this.inputs = arrays(inputs);
    this.outputs = arrays(outputs);
    access = new Access[inputs.size() + outputs.size()];
    boolean anyLocated = insideRows && space.rank() > 1;
    for (int v = 0; v < access.length; v++) {
      boolean input = v < inputs.size();
      if (input && space.isScalar(v)) {
        access[v] = Access.ONCE;
      } else if (space.isContiguous(v) || (insideRows && space.innerStride(v) == 1)) {
        access[v] = Access.IN_PLACE;
      } else if (input && aligned && space.isPeriodic(v)) {
        access[v] = Access.ONCE;
      } else {
        access[v] = Access.COPIED;
        anyLocated = true;
      }
    }
    located = anyLocated;
    steps = steps(kernels, program);
    lastUse = lastUses();
    direct = new boolean[outputs.size()];
    for (int j = 0; j < direct.length; j++) {
      direct[j] = isDirect(j);
    }
    register = new int[program.firstResult() + program.length()];
    assignRegisters();
  }

  /** A loop with what it reads and the value that it computes. */
  private record Step(Loop loop, int a, int b, int c, int result) {}

  private static Step[] steps(Kernels kernels, Program program) {
    int[] uses = new int[program.firstResult() + program.length()];
    for (int i = 0; i < program.length(); i++) {
      Instruction code = program.instruction(i);
      for (int operand : new int[] {code.a(), code.b(), code.c()}) {
        if (operand >= 0) {
          uses[operand]++;
        }
      }
    }
    for (int j = 0; j < program.outputCount(); j++) {
      uses[program.output(j)]++;
    }
    List<Step> steps = new ArrayList<>(program.length());
    for (int i = 0; i < program.length(); i++) {
      int result = program.firstResult() + i;
      Step several =
          i + 1 < program.length() && uses[result] == 1 ? pair(kernels, program, i, uses) : null;
      if (several != null) {
        steps.add(several);
        i = several.result() - program.firstResult();
        continue;
      }
      Instruction code = program.instruction(i);
      int b = code.b() < 0 ? code.a() : code.b();
      int c = code.c() < 0 ? code.a() : code.c();
      steps.add(new Step(kernels.loop(program, code), code.a(), b, c, result));
    }
    return steps.toArray(new Step[0]);
  }

  // An instruction whose result only the next one reads may be one loop with that, and a RELU after
  // both too.
  private static @Nullable Step pair(Kernels kernels, Program program, int at, int[] uses) {
    Instruction code = program.instruction(at);
    Instruction next = program.instruction(at + 1);
    int result = program.firstResult() + at;
    boolean turned = next.b() == result;
    if (code.dtype() != DType.F32
        || next.dtype() != DType.F32
        || code.c() >= 0
        || next.c() >= 0
        || !(turned || next.a() == result)) {
      return null;
    }
    int other = turned ? next.a() : next.b();
    int b = code.b() < 0 ? code.a() : code.b();
    int c = other < 0 ? code.a() : other;
    boolean relu =
        at + 2 < program.length()
            && uses[result + 1] == 1
            && program.instruction(at + 2).op() == Op.RELU
            && program.instruction(at + 2).a() == result + 1;
    Loop three = relu ? kernels.pair(code.op(), next.op(), turned, true) : null;
    if (three != null) {
      return new Step(three, code.a(), b, c, result + 2);
    }
    Loop two = kernels.pair(code.op(), next.op(), turned, false);
    return two == null ? null : new Step(two, code.a(), b, c, result + 1);
  }

  private static Object[] arrays(List<View> views) {
    Object[] arrays = new Object[views.size()];
    for (int i = 0; i < arrays.length; i++) {
      arrays[i] = CpuBuffer.array(views.get(i));
    }
    return arrays;
  }

  private boolean isDirect(int output) {
    int value = program.output(output);
    if (value < program.firstResult() || access[inputs.length + output] != Access.IN_PLACE) {
      return false;
    }
    for (int j = 0; j < output; j++) {
      if (program.output(j) == value) {
        return false;
      }
    }
    // An output may be an input too: it must not be written while that is still to be read.
    for (int v = 0; v < inputs.length; v++) {
      if (inputs[v] == outputs[output]
          && access[v] == Access.IN_PLACE
          && lastUse[v] > stepOf(value)) {
        return false;
      }
    }
    return true;
  }

  private int stepOf(int result) {
    for (int s = 0; s < steps.length; s++) {
      if (steps[s].result() == result) {
        return s;
      }
    }
    throw new AssertionError("no step computes value " + result);
  }

  private int[] lastUses() {
    int[] last = new int[program.firstResult() + program.length()];
    Arrays.fill(last, NONE);
    for (int s = 0; s < steps.length; s++) {
      Step step = steps[s];
      last[step.a()] = s;
      last[step.b()] = s;
      last[step.c()] = s;
    }
    for (int j = 0; j < program.outputCount(); j++) {
      last[program.output(j)] = steps.length;
    }
    return last;
  }

  private void assignRegisters() {
    List<Integer> free = new ArrayList<>();
    for (int v = 0; v < register.length; v++) {
      boolean constant = v >= program.firstConstant() && v < program.firstResult();
      boolean copied = v < inputs.length && access[v] != Access.IN_PLACE;
      register[v] = constant || copied ? newRegister(v) : NONE;
    }
    for (int s = 0; s < steps.length; s++) {
      for (int v = 0; v < register.length; v++) {
        boolean recurs = v >= inputs.length && v < program.firstResult();
        recurs |= v < inputs.length && access[v] == Access.ONCE;
        if (register[v] != NONE && !recurs && lastUse[v] == s) {
          free.add(register[v]);
        }
      }
      int result = steps[s].result();
      if (!isDirectResult(result)) {
        register[result] = reuse(free, program.dtype(result));
        if (register[result] == NONE) {
          register[result] = newRegister(result);
        }
      }
    }
  }

  private boolean isDirectResult(int value) {
    for (int j = 0; j < direct.length; j++) {
      if (direct[j] && program.output(j) == value) {
        return true;
      }
    }
    return false;
  }

  private int reuse(List<Integer> free, DType dtype) {
    for (int f = free.size() - 1; f >= 0; f--) {
      if (registers.get(free.get(f)) == dtype) {
        return free.remove(f);
      }
    }
    return NONE;
  }

  private int newRegister(int value) {
    registers.add(program.dtype(value));
    return registers.size() - 1;
  }

  /**
   * Returns whether the first output is an input where it lies: the value of a row, or of the whole
   * space if that is one row, may then be read from where a block's value starts.
   */
  boolean isPlain() {
    int value = program.output(0);
    return value < inputs.length && access[value] == Access.IN_PLACE;
  }

  /** Opens a frame for one thread. */
  Frame open(ArrayPool pool) {
    return new Frame(pool);
  }

  /** What one thread holds while it runs blocks. */
  final class Frame implements AutoCloseable {
    private final ArrayPool pool;
    private final Object[] own;
    // Where each value of the current block is.
    private final Object[] array;
    private final int[] at;
    private final long[] first = new long[space.rank()];
    private final long[] walk = new long[space.rank()];

    private Frame(ArrayPool pool) {
      this.pool = pool;
      own = new Object[registers.size()];
      for (int r = 0; r < own.length; r++) {
        own[r] = pool.take(registers.get(r), block);
      }
      array = new Object[register.length];
      at = new int[register.length];
      for (int v = 0; v < array.length; v++) {
        if (register[v] != NONE) {
          array[v] = own[register[v]];
        } else if (v < inputs.length) {
          array[v] = inputs[v];
        }
      }
      for (int j = 0; j < direct.length; j++) {
        if (direct[j]) {
          array[program.output(j)] = outputs[j];
        }
      }
      for (int c = 0; c < program.constantCount(); c++) {
        HostArrays.fill(array[program.firstConstant() + c], 0, block, program.constantBits(c));
      }
      for (int v = 0; v < inputs.length; v++) {
        if (access[v] == Access.ONCE) {
          Arrays.fill(walk, 0);
          space.gather(v, inputs[v], walk, array[v], 0, block);
        }
      }
    }

    /** Runs the program over {@code n} elements from {@code start} on. */
    void run(long start, int n) {
      if (located) {
        space.locate(start, first);
      }
      for (int v = 0; v < inputs.length; v++) {
        if (access[v] == Access.IN_PLACE) {
          at[v] = place(v, start);
        } else if (access[v] == Access.COPIED) {
          System.arraycopy(first, 0, walk, 0, walk.length);
          space.gather(v, inputs[v], walk, array[v], 0, n);
        }
      }
      for (int j = 0; j < direct.length; j++) {
        if (direct[j]) {
          at[program.output(j)] = place(inputs.length + j, start);
        }
      }
      for (Step step : steps) {
        int a = step.a;
        int b = step.b;
        int c = step.c;
        int o = step.result;
        step.loop.run(array[a], at[a], array[b], at[b], array[c], at[c], array[o], at[o], n);
      }
      for (int j = 0; j < direct.length; j++) {
        if (!direct[j]) {
          write(j, start, n);
        }
      }
    }

    private int place(int view, long start) {
      return insideRows && space.rank() > 1
          ? space.position(view, first)
          : (int) (space.offset(view) + start);
    }

    private void write(int output, long start, int n) {
      int value = program.output(output);
      int view = inputs.length + output;
      if (access[view] == Access.IN_PLACE) {
        System.arraycopy(array[value], at[value], outputs[output], place(view, start), n);
      } else {
        System.arraycopy(first, 0, walk, 0, walk.length);
        space.scatter(view, array[value], at[value], outputs[output], walk, n);
      }
    }

    /** Returns the array that holds the first output's value of the last block. */
    Object result() {
      return array[program.output(0)];
    }

    /** Returns where in {@link #result} the value starts. */
    int resultStart() {
      return at[program.output(0)];
    }

    @Override
    public void close() {
      for (int r = 0; r < own.length; r++) {
        pool.give(registers.get(r), own[r]);
      }
    }
  }
}
