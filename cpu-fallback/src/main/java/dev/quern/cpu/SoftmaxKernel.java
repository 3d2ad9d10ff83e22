package dev.quern.cpu;

import dev.quern.DType;
import dev.quern.cpu.SoftmaxLoops.Pass;
import dev.quern.spi.Op;
import dev.quern.spi.Reduction;
import dev.quern.spi.View;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Softmax and its logarithm along the last axis. */
final class SoftmaxKernel {
  private static final int BLOCK = BlockProgram.BLOCK;

  /** From this length on a row had better be done alone, with several operations in a pass. */
  private static final int FUSED = 64;

  private final boolean log;
  private final DType dtype;
  private final int length;
  private final Loop sub;
  private final Loop exp;
  private final Loop last;
  private final Loop logarithm;
  private final Loop add;
  private final Segment max;
  private final Segment sum;
  private final @Nullable SoftmaxLoops fused;

  private SoftmaxKernel(Kernels kernels, boolean log, DType dtype, int length) {
    this.log = log;
    this.dtype = dtype;
    this.length = length;
    sub = kernels.loop(Op.SUB, dtype);
    exp = kernels.loop(Op.EXP, dtype);
    last = log ? sub : kernels.loop(Op.DIV, dtype);
    logarithm = kernels.loop(Op.LOG, dtype);
    add = kernels.loop(Op.ADD, dtype);
    max = kernels.segment(Reduction.MAX, dtype);
    sum = kernels.segment(Reduction.SUM, dtype);
    fused = dtype == DType.F32 && length >= FUSED ? kernels.softmax() : null;
  }

  /** Computes the softmax of each row; see {@link dev.quern.spi.Backend#softmax}. */
  static void run(CpuContext context, boolean log, View input, View output) {
    Space space = Space.of(List.of(input, output), input.shape());
    if (space.size() == 0) {
      return;
    }
    int length = (int) input.shape()[input.rank() - 1];
    SoftmaxKernel kernel = new SoftmaxKernel(context.kernels(), log, input.dtype(), length);
    long rows = space.size() / length;
    int group = Math.max(1, BLOCK / length);
    double nanos = (input.dtype() == DType.F32 ? 2 : 30) * length;
    context
        .threads()
        .ranges(
            (rows + group - 1) / group,
            nanos * group,
            (from, to) -> {
              try (Worker worker = kernel.new Worker(context.pool(), space, input, output, group)) {
                for (long g = from; g < to; g++) {
                  worker.run(g * group, (int) Math.min(group, rows - g * group));
                }
              }
            });
  }

  /** What one thread holds. */
  private final class Worker implements AutoCloseable {
    private final Space space;
    private final Object source;
    private final Object target;
    private final Object scalar = HostArrays.create(dtype, 1);
    private final Scratch copy;
    private final Scratch result;
    private final Scratch lanes;
    private final Scratch powers;
    private final Counter counter = new Counter(add, dtype, 1);
    private final long[] at;
    private final float[] found = new float[1];
    private final float[] partialSum = new float[1];
    private final Pass findMax =
        (a, i, with, o, k, n) -> {
          max.run(a, i, n, found, 0);
          return found[0];
        };

    Worker(ArrayPool pool, Space space, View input, View output, int group) {
      this.space = space;
      source = CpuBuffer.array(input);
      target = CpuBuffer.array(output);
      long size = (long) group * length;
      copy = new Scratch(pool, dtype, space.isContiguous(0) ? 0 : size);
      result = new Scratch(pool, dtype, space.isContiguous(1) ? 0 : size);
      lanes = new Scratch(pool, dtype, Math.min(size, BLOCK));
      powers = new Scratch(pool, dtype, log ? Math.min(size, BLOCK) : 0);
      at = new long[space.rank()];
    }

    void run(long row, int rows) {
      long start = row * length;
      int n = rows * length;
      Object from = source;
      int i = (int) (space.offset(0) + start);
      if (!space.isContiguous(0)) {
        space.locate(start, at);
        from = copy.array();
        i = 0;
        space.gather(0, source, at, from, 0, n);
      }
      boolean inPlace = space.isContiguous(1);
      Object to = inPlace ? target : result.array();
      int k = inPlace ? (int) (space.offset(1) + start) : 0;
      if (fused != null) {
        for (int r = 0; r < rows; r++) {
          fusedRow(fused, (float[]) from, i + r * length, (float[]) to, k + r * length);
        }
      } else if (n <= BLOCK) {
        shortRows(from, i, to, k, rows);
      } else {
        longRow(from, i, to, k);
      }
      if (!inPlace) {
        space.locate(start, at);
        space.scatter(1, to, 0, target, at, n);
      }
    }

    // All rows of the block at once, so that few-element rows do not cost a call each per step.
    private void shortRows(Object from, int i, Object to, int k, int rows) {
      int n = rows * length;
      Object spread = lanes.array();
      for (int r = 0; r < rows; r++) {
        max.run(from, i + r * length, length, scalar, 0);
        HostArrays.gather(scalar, 0, 0, spread, r * length, length);
      }
      sub.run(from, i, spread, 0, from, i, to, k, n);
      Object e = log ? powers.array() : to;
      int at = log ? 0 : k;
      exp.run(to, k, to, k, to, k, e, at, n);
      for (int r = 0; r < rows; r++) {
        sum.run(e, at + r * length, length, scalar, 0);
        spreadSum(r * length, length);
      }
      last.run(to, k, spread, 0, to, k, to, k, n);
    }

    private void fusedRow(SoftmaxLoops loops, float[] from, int i, float[] to, int k) {
      float greatest = pass(findMax, from, i, 0, from, i, length);
      counter.clear(1);
      for (int x = 0; x < length; x += BLOCK) {
        int n = Math.min(BLOCK, length - x);
        float[] powersTo = log ? (float[]) powers.array() : to;
        int at = log ? 0 : k + x;
        partialSum[0] = pass(loops.exp(), from, i + x, greatest, powersTo, at, n);
        counter.push(partialSum, 0);
      }
      float total = ((float[]) counter.fold())[0];
      if (log) {
        float shift = F32.log(total);
        for (int x = 0; x < length; x++) {
          to[k + x] = from[i + x] - greatest - shift;
        }
      } else {
        pass(loops.divide(), to, k, total, to, k, length);
      }
    }

    // The one place that calls passes: of so many the compiler inlines one at most. All of
    // them in one method are more than it inlines vectors for (see F32Simd).
    private float pass(Pass pass, float[] a, int i, float with, float[] o, int k, int n) {
      return pass.run(a, i, with, o, k, n);
    }

    private void spreadSum(int start, int n) {
      if (log) {
        logarithm.run(scalar, 0, scalar, 0, scalar, 0, scalar, 0, 1);
      }
      HostArrays.gather(scalar, 0, 0, lanes.array(), start, n);
    }

    private void longRow(Object from, int i, Object to, int k) {
      Object spread = lanes.array();
      max.run(from, i, length, scalar, 0);
      HostArrays.gather(scalar, 0, 0, spread, 0, BLOCK);
      counter.clear(1);
      for (int x = 0; x < length; x += BLOCK) {
        int n = Math.min(BLOCK, length - x);
        sub.run(from, i + x, spread, 0, from, i, to, k + x, n);
        Object e = log ? powers.array() : to;
        int at = log ? 0 : k + x;
        exp.run(to, k + x, to, k + x, to, k + x, e, at, n);
        sum.run(e, at, n, scalar, 0);
        counter.push(scalar, 0);
      }
      System.arraycopy(counter.fold(), 0, scalar, 0, 1);
      spreadSum(0, BLOCK);
      for (int x = 0; x < length; x += BLOCK) {
        int n = Math.min(BLOCK, length - x);
        last.run(to, k + x, spread, 0, to, k + x, to, k + x, n);
      }
    }

    @Override
    public void close() {
      copy.close();
      result.close();
      lanes.close();
      powers.close();
    }
  }
}
