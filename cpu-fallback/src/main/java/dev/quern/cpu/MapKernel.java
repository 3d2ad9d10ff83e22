package dev.quern.cpu;

import dev.quern.DType;
import dev.quern.spi.Op;
import dev.quern.spi.Program;
import dev.quern.spi.View;
import java.util.ArrayList;
import java.util.List;

/** Runs elementwise programs. */
final class MapKernel {
  /** Rows at least this long are worth blocks of their own; shorter ones share a block. */
  private static final int LONG_ROW = BlockProgram.BLOCK / 2;

  /** The greatest number of elements of a block of a program that waits for memory alone. */
  private static final int LONG_BLOCK = 16 * BlockProgram.BLOCK;

  /** Up to this many instructions take less time than their operands take to arrive. */
  private static final int FEW_INSTRUCTIONS = 3;

  /** From so many elements on, operands lie in memory rather than in a cache. */
  private static final int IN_MEMORY = 1 << 20;

  private MapKernel() {}

  /** Runs a program once per element of the views, which have one shape. */
  static void run(CpuContext context, Program program, List<View> inputs, List<View> outputs) {
    if (ShortMap.accepts(program, inputs, outputs)) {
      ShortMap.run(context.kernels(), program, inputs, outputs);
      return;
    }
    List<View> views = new ArrayList<>(inputs.size() + outputs.size());
    views.addAll(inputs);
    for (int i = 0; i < outputs.size(); i++) {
      views.add(outputs.get(i));
    }
    Space space = Space.of(views, outputs.get(0).shape());
    if (space.size() == 0) {
      return;
    }
    long inner = space.inner();
    boolean rows = space.rank() == 1 || inner >= LONG_ROW;
    int most = isStreaming(program, space, views.size()) ? LONG_BLOCK : BlockProgram.BLOCK;
    int block = rows ? rowBlock(inner, most) : (int) (BlockProgram.BLOCK / inner * inner);
    int early = early(views, inputs.size(), space);
    long perRow = rows ? (inner + early + block - 1) / block : 1;
    long blocks = rows ? space.size() / inner * perRow : (space.size() + block - 1) / block;
    BlockProgram prepared =
        new BlockProgram(
            context.kernels(),
            program,
            inputs,
            outputs,
            space,
            block,
            rows,
            !rows || block == inner);
    double nanos = nanos(program) * Math.min(block, space.size());
    context
        .threads()
        .ranges(
            blocks,
            nanos,
            (from, to) -> {
              try (BlockProgram.Frame frame = prepared.open(context.pool())) {
                for (long i = from; i < to; i++) {
                  long start = rows ? i / perRow * inner + i % perRow * block - early : i * block;
                  long end = rows ? (i / perRow + 1) * inner : space.size();
                  long stop = Math.min(start + block, end);
                  start = Math.max(0, start);
                  frame.run(start, (int) (stop - start));
                }
              }
            });
  }

  // How many elements the first block is short of, so that the others start with a line of the
  // cache and no vector is written to two. Where an array lies is unknown, but under G1 a long one
  // starts where a region of memory does; elsewhere nothing is lost.
  private static int early(List<View> views, int output, Space space) {
    int bytes = views.get(output).dtype().bytes();
    if (space.rank() > 1 || space.size() * bytes < Lines.OWN_REGION) {
      return 0;
    }
    for (int v = 0; v < views.size(); v++) {
      if (!space.isContiguous(v) && !space.isScalar(v)) {
        return 0;
      }
    }
    return Lines.before(space.offset(output), bytes);
  }

  // Memory has nothing to do for a moment between two blocks. Where stopping gains no more than a
  // faster cache for a value or two, long blocks are faster.
  private static boolean isStreaming(Program program, Space space, int views) {
    int most = space.size() >= IN_MEMORY ? FEW_INSTRUCTIONS : 1;
    if (space.rank() > 1 || program.length() > most || program.constantCount() > 0) {
      return false;
    }
    for (int v = 0; v < views; v++) {
      if (!space.isContiguous(v)) {
        return false;
      }
    }
    return true;
  }

  // Equal blocks rather than full ones and a short rest.
  private static int rowBlock(long inner, int most) {
    long blocks = (inner + most - 1) / most;
    long even = (inner + blocks - 1) / blocks;
    return (int) Math.min(most, (even + 15) / 16 * 16);
  }

  /** Returns about how many nanoseconds an element takes. */
  static double nanos(Program program) {
    double nanos = 0.2 + 0.1 * program.inputCount();
    for (int i = 0; i < program.length(); i++) {
      Program.Instruction code = program.instruction(i);
      nanos += nanos(code.op(), code.dtype());
    }
    return nanos;
  }

  private static double nanos(Op op, DType dtype) {
    return switch (op) {
      case EXP, EXPM1, LOG, LOG1P, TANH, SIGMOID, ERF, SOFTPLUS, POW -> dtype == DType.F32 ? 1 : 20;
      case SIN, COS, TAN, ASIN, ACOS, ATAN -> dtype == DType.F32 ? 1 : 20;
      case SINH, COSH, ASINH, ACOSH, ATANH -> dtype == DType.F32 ? 1 : 20;
      case DIV, MOD, FMOD, SQRT -> 1;
      case NEG, ABS, SIGN, RELU, FLOOR, CEIL, ROUND, TRUNC, CAST, IS_NAN, IS_INF, NOT -> 0.15;
      case ADD, SUB, MUL, MAX, MIN, EQ, NE, LT, LE, GT, GE, AND, OR, XOR, WHERE, CLAMP -> 0.15;
    };
  }
}
