package dev.quern.cpu;

import dev.quern.DType;
import dev.quern.spi.Op;
import dev.quern.spi.Program;
import dev.quern.spi.Program.Instruction;
import dev.quern.spi.Reduction;
import dev.quern.spi.View;
import java.util.Arrays;
import java.util.List;

/**
 * Reductions, with a program as prologue. Blocks of the program's value are combined in a binary
 * tree whose form depends on the extents alone: neither the number of threads nor what the program
 * computes changes a result's bits.
 *
 * <p>Two forms. By rows, where the reduced elements lie closest together: a block is a piece of one
 * row, or several short rows, and is reduced to a number a row. By columns, where neighbouring
 * results lie closest: a block holds an element, or several, for each of up to 1024 results, and
 * whole blocks are combined element by element.
 */
final class ReduceKernel {
  private static final int BLOCK = BlockProgram.BLOCK;

  /** At how many places long rows are read in turns. */
  private static final int STREAMS = LongRuns.RUNS;

  private final CpuContext context;
  private final Reduction reduction;
  private final Program program;
  private final DType dtype;
  private final Loop combine;
  private final double blockNanos;
  private final long kept;
  private final long reduced;
  private final Object out;
  private final int outStart;

  private ReduceKernel(
      CpuContext context,
      Reduction reduction,
      Program program,
      long kept,
      long reduced,
      Object out,
      int outStart) {
    this.context = context;
    this.reduction = reduction;
    this.program = program;
    this.kept = kept;
    this.reduced = reduced;
    this.out = out;
    this.outStart = outStart;
    dtype = program.dtype(program.output(0));
    combine = context.kernels().loop(combiner(reduction, dtype), dtype);
    blockNanos = MapKernel.nanos(program) * BLOCK;
  }

  /** Reduces the value of a program; see {@link dev.quern.spi.Backend#reduce}. */
  static void run(
      CpuContext context,
      Reduction reduction,
      Program program,
      List<View> inputs,
      int kept,
      View output) {
    long[] shape = inputs.get(0).shape();
    long keptSize = product(shape, 0, kept);
    long reducedSize = product(shape, kept, shape.length);
    if (keptSize == 0) {
      return;
    }
    if (!output.isContiguous()) {
      try (Scratch scratch = new Scratch(context.pool(), output.dtype(), keptSize)) {
        View dense = scratch.view(output.shape());
        run(context, reduction, program, inputs, kept, dense);
        MapKernel.run(context, Program.copy(output.dtype()), List.of(dense), List.of(output));
      }
      return;
    }
    if (reducedSize == 0) {
      HostArrays.fill(
          CpuBuffer.array(output),
          (int) output.offset(),
          (int) keptSize,
          identity(reduction, output.dtype(), 0));
    } else if (reduction == Reduction.LOG_SUM_EXP) {
      LogSumExp.run(context, program, inputs, kept, output);
    } else {
      ReduceKernel kernel =
          new ReduceKernel(
              context,
              reduction,
              program,
              keptSize,
              reducedSize,
              CpuBuffer.array(output),
              (int) output.offset());
      if (isByColumns(inputs, shape, kept)) {
        kernel.byColumns(inputs, shape, kept);
      } else if (reducedSize <= BLOCK / 2) {
        kernel.byShortRows(inputs, shape);
      } else {
        kernel.byLongRows(inputs, shape);
      }
    }
  }

  static long product(long[] shape, int from, int to) {
    long product = 1;
    for (int i = from; i < to; i++) {
      product *= shape[i];
    }
    return product;
  }

  private static Op combiner(Reduction reduction, DType dtype) {
    return switch (reduction) {
      case SUM -> Op.ADD;
      case PROD -> Op.MUL;
      case MAX -> dtype == DType.BOOL ? Op.OR : Op.MAX;
      case MIN -> dtype == DType.BOOL ? Op.AND : Op.MIN;
      case LOG_SUM_EXP -> throw new AssertionError(reduction);
    };
  }

  /** Returns the identity as raw bits; for sums the zero given, since only -0.0 is neutral. */
  private static long identity(Reduction reduction, DType dtype, double zero) {
    return switch (reduction) {
      case SUM -> Program.bits(dtype, zero);
      case PROD -> Program.bits(dtype, 1);
      case MAX, LOG_SUM_EXP -> least(dtype);
      case MIN ->
          switch (dtype) {
            case F16, BF16, F32, F64 -> Program.bits(dtype, Double.POSITIVE_INFINITY);
            case I32 -> Integer.MAX_VALUE;
            case I64 -> Long.MAX_VALUE;
            case BOOL -> 1;
          };
    };
  }

  private static long least(DType dtype) {
    return switch (dtype) {
      case F16, BF16, F32, F64 -> Program.bits(dtype, Double.NEGATIVE_INFINITY);
      case I32 -> Integer.MIN_VALUE;
      case I64 -> Long.MIN_VALUE;
      case BOOL -> 0;
    };
  }

  // The input with the most elements decides.
  private static boolean isByColumns(List<View> inputs, long[] shape, int kept) {
    if (kept == 0 || kept == shape.length || shape[kept - 1] == 1) {
      return false;
    }
    long most = 0;
    boolean columns = false;
    for (View view : inputs) {
      long size = 1;
      for (int i = 0; i < shape.length; i++) {
        size *= view.strides()[i] == 0 ? 1 : shape[i];
      }
      if (size > most) {
        most = size;
        long across = Math.abs(view.strides()[kept - 1]);
        columns = across != 0 && across < Math.abs(view.strides()[shape.length - 1]);
      }
    }
    return columns;
  }

  private BlockProgram prepare(
      List<View> inputs, Space space, int block, boolean insideRows, boolean aligned) {
    return new BlockProgram(
        context.kernels(), program, inputs, List.of(), space, block, insideRows, aligned);
  }

  private void byShortRows(List<View> inputs, long[] shape) {
    Space space = Space.of(inputs, shape);
    Segment segment = context.kernels().segment(reduction, dtype);
    int length = (int) reduced;
    int rows = BLOCK / length;
    int block = rows * length;
    BlockProgram prepared =
        prepare(inputs, space, block, space.rank() == 1, block % space.inner() == 0);
    context
        .threads()
        .ranges(
            (kept + rows - 1) / rows,
            kept < rows ? 0 : blockNanos,
            (from, to) -> {
              try (BlockProgram.Frame frame = prepared.open(context.pool())) {
                for (long i = from; i < to; i++) {
                  int count = (int) Math.min(rows, kept - i * rows);
                  frame.run(i * block, count * length);
                  int slot = (int) (outStart + i * rows);
                  segment.run(
                      frame.result(), frame.resultStart(), length, count, length, out, slot);
                }
              }
            });
  }

  private void byLongRows(List<View> inputs, long[] shape) {
    Space space = Space.of(inputs, shape);
    Segment segment = context.kernels().segment(reduction, dtype);
    boolean insideRows = space.inner() % reduced == 0;
    BlockProgram prepared = prepare(inputs, space, BLOCK, insideRows, false);
    long blocks = (reduced + BLOCK - 1) / BLOCK;
    boolean sums = reduction == Reduction.SUM && dtype == DType.F32;
    LongRuns longRuns = sums && prepared.isPlain() ? context.kernels().longRuns() : null;
    Items items =
        new Items() {
          @Override
          public int width(long item) {
            return 1;
          }

          @Override
          public void push(
              BlockProgram.Frame frame, Object row, long item, long block, Counter counter) {
            reduceBlock(frame, row, 0, item, block);
            counter.push(row, 0);
          }

          private void reduceBlock(
              BlockProgram.Frame frame, Object row, int at, long item, long block) {
            long first = block * BLOCK;
            int n = (int) Math.min(BLOCK, reduced - first);
            frame.run(item * reduced + first, n);
            segment.run(frame.result(), frame.resultStart(), n, row, at);
          }

          // At several far apart places in turns, which memory answers sooner than one after the
          // other; and their results are combined in one loop.
          @Override
          public void pushAll(
              BlockProgram.Frame frame,
              Object row,
              long item,
              long first,
              long last,
              Counter counter) {
            long next = first;
            while (last - next >= STREAMS * 8) {
              int log = 63 - Long.numberOfLeadingZeros((last - next) / STREAMS);
              long group = 1L << log;
              if (longRuns != null && (next + STREAMS * group) * BLOCK <= reduced) {
                frame.run(item * reduced + next * BLOCK, BLOCK);
                float[] runs = (float[]) frame.result();
                int step = (int) group * BLOCK;
                longRuns.run(runs, frame.resultStart(), step, (int) group, (float[]) row);
                for (int s = 0; s < STREAMS; s++) {
                  counter.push(row, s, log);
                }
                next += STREAMS * group;
                continue;
              }
              Counter groups = new Counter(combine, dtype, STREAMS);
              groups.clear(STREAMS);
              for (long b = next; b < next + group; b++) {
                if (prepared.isPlain() && (b + (STREAMS - 1) * group + 1) * BLOCK <= reduced) {
                  frame.run(item * reduced + b * BLOCK, BLOCK);
                  int step = (int) (group * BLOCK);
                  segment.run(frame.result(), frame.resultStart(), step, STREAMS, BLOCK, row, 0);
                } else {
                  for (int s = 0; s < STREAMS; s++) {
                    reduceBlock(frame, row, s, item, b + s * group);
                  }
                }
                groups.push(row, 0);
              }
              Object results = groups.fold();
              for (int s = 0; s < STREAMS; s++) {
                counter.push(results, s, log);
              }
              next += STREAMS * group;
            }
            Items.super.pushAll(frame, row, item, next, last, counter);
          }

          @Override
          public void finish(long item, Object row, int at) {
            System.arraycopy(row, at, out, (int) (outStart + item), 1);
          }
        };
    tree(prepared, items, kept, blocks, 1);
  }

  private void byColumns(List<View> inputs, long[] shape, int keptAxes) {
    int rank = shape.length;
    int[] order = new int[rank];
    for (int i = 0; i < rank; i++) {
      order[i] = i < keptAxes - 1 ? i : i + 1;
    }
    order[rank - 1] = keptAxes - 1;
    Space space = Space.of(inputs, shape, order);
    long columns = shape[keptAxes - 1];
    if (columns > BLOCK / 2) {
      byWideColumns(inputs, space, columns);
    } else {
      byNarrowColumns(inputs, space, (int) columns);
    }
  }

  // A block is a piece of one row of neighbouring results.
  private void byWideColumns(List<View> inputs, Space space, long columns) {
    long tiles = (columns + BLOCK - 1) / BLOCK;
    int tile = (int) ((columns + tiles - 1) / tiles);
    boolean aligned = tiles == 1 && space.inner() == columns;
    BlockProgram prepared = prepare(inputs, space, tile, true, aligned);
    boolean sums = reduction == Reduction.SUM && dtype == DType.F32;
    EightRows eightRows =
        sums && prepared.isPlain() && space.isContiguous(0) ? context.kernels().eightRows() : null;
    Items items =
        new Items() {
          @Override
          public int width(long item) {
            return (int) Math.min(tile, columns - item % tiles * tile);
          }

          @Override
          public void push(
              BlockProgram.Frame frame, Object row, long item, long block, Counter counter) {
            frame.run(place(item, block), width(item));
            counter.push(frame.result(), frame.resultStart());
          }

          private long place(long item, long block) {
            return (item / tiles * reduced + block) * columns + item % tiles * tile;
          }

          @Override
          public void pushAll(
              BlockProgram.Frame frame,
              Object row,
              long item,
              long first,
              long last,
              Counter counter) {
            long next = first;
            if (eightRows != null) {
              for (; next <= last - 8; next += 8) {
                frame.run(place(item, next), width(item));
                float[] rows = (float[]) frame.result();
                int step = (int) columns;
                eightRows.run(rows, frame.resultStart(), step, (float[]) row, width(item));
                counter.push(row, 0, EightRows.LEVELS);
              }
            }
            Items.super.pushAll(frame, row, item, next, last, counter);
          }

          @Override
          public void finish(long item, Object row, int at) {
            long to = outStart + item / tiles * columns + item % tiles * tile;
            System.arraycopy(row, at, out, (int) to, width(item));
          }
        };
    tree(prepared, items, kept / columns * tiles, reduced, tile);
  }

  // A block is several such rows, whose places are combined last of all.
  private void byNarrowColumns(List<View> inputs, Space space, int columns) {
    int rows = (int) Math.min(BLOCK / columns, reduced);
    int width = rows * columns;
    BlockProgram prepared =
        prepare(inputs, space, width, space.rank() == 1, space.inner() == columns);
    long neutral = identity(reduction, dtype, -0.0);
    Items items =
        new Items() {
          @Override
          public int width(long item) {
            return width;
          }

          @Override
          public void push(
              BlockProgram.Frame frame, Object row, long item, long block, Counter counter) {
            long first = block * rows;
            int n = (int) Math.min(rows, reduced - first) * columns;
            frame.run((item * reduced + first) * columns, n);
            if (n == width) {
              counter.push(frame.result(), frame.resultStart());
            } else {
              System.arraycopy(frame.result(), frame.resultStart(), row, 0, n);
              HostArrays.fill(row, n, width - n, neutral);
              counter.push(row, 0);
            }
          }

          @Override
          public void finish(long item, Object row, int at) {
            for (int left = rows; left > 1; ) {
              int half = (left + 1) / 2;
              int from = at + half * columns;
              int n = (left - half) * columns;
              combine.run(row, at, row, from, row, from, row, at, n);
              left = half;
            }
            System.arraycopy(row, at, out, (int) (outStart + item * columns), columns);
          }
        };
    tree(prepared, items, kept / columns, (reduced + rows - 1) / rows, width);
  }

  /** What a tree combines: for each item, the same number of blocks. */
  private interface Items {
    /** Returns how many elements the item's rows have. */
    int width(long item);

    /** Computes a block and pushes it; {@code row} is there to be used. */
    void push(BlockProgram.Frame frame, Object row, long item, long block, Counter counter);

    /** Does so with all blocks from {@code first} to before {@code last}. */
    default void pushAll(
        BlockProgram.Frame frame, Object row, long item, long first, long last, Counter counter) {
      for (long b = first; b < last; b++) {
        push(frame, row, item, b, counter);
      }
    }

    /** Makes results of the combination of all blocks, which it may overwrite. */
    void finish(long item, Object row, int at);
  }

  private void tree(BlockProgram prepared, Items items, long count, long blocks, int width) {
    int log = chunkLog(count, blocks);
    long chunks = ((blocks - 1) >> log) + 1;
    long perChunk = 1L << log;
    try (Scratch partial =
        new Scratch(context.pool(), dtype, chunks == 1 ? 0 : count * chunks * width)) {
      double nanos = blockNanos * Math.min(blocks, perChunk) * Math.max(width, 64) / BLOCK;
      context
          .threads()
          .ranges(
              count * chunks,
              width == 1 ? blockNanos * Math.min(blocks, perChunk) : nanos,
              (from, to) -> {
                Counter counter = new Counter(combine, dtype, width);
                try (BlockProgram.Frame frame = prepared.open(context.pool());
                    Scratch row = new Scratch(context.pool(), dtype, Math.max(width, STREAMS))) {
                  for (long task = from; task < to; task++) {
                    long item = task / chunks;
                    long first = task % chunks * perChunk;
                    long last = Math.min(blocks, first + perChunk);
                    counter.clear(items.width(item));
                    items.pushAll(frame, row.array(), item, first, last, counter);
                    if (chunks == 1) {
                      items.finish(item, counter.fold(), 0);
                    } else {
                      int to0 = (int) (task * width);
                      System.arraycopy(counter.fold(), 0, partial.array(), to0, items.width(item));
                    }
                  }
                }
              });
      if (chunks > 1) {
        Counter counter = new Counter(combine, dtype, width);
        for (long item = 0; item < count; item++) {
          counter.clear(items.width(item));
          for (long c = 0; c < chunks; c++) {
            counter.push(partial.array(), (int) ((item * chunks + c) * width));
          }
          items.finish(item, counter.fold(), 0);
        }
      }
    }
  }

  // Aligned groups of a power of two of blocks are nodes of the tree, whoever computes them.
  private int chunkLog(long count, long blocks) {
    int threads = context.threads().size();
    if (threads == 1 || count >= 4L * threads || blocks < 32) {
      return 62;
    }
    long wanted = Math.max(8, blocks * count / (8L * threads));
    return 63 - Long.numberOfLeadingZeros(wanted);
  }

  /** The logarithm of a sum of exponentials, as passes of the other kernels. */
  private static final class LogSumExp {
    private LogSumExp() {}

    static void run(CpuContext context, Program program, List<View> inputs, int kept, View output) {
      DType dtype = output.dtype();
      long[] shape = inputs.get(0).shape();
      if (program.inputCount() == Program.MAX_INPUTS
          || program.length() + 2 > Program.MAX_INSTRUCTIONS) {
        try (Scratch scratch =
            new Scratch(context.pool(), dtype, product(shape, 0, shape.length))) {
          View dense = scratch.view(shape);
          MapKernel.run(context, program, inputs, List.of(dense));
          run(context, Program.copy(dtype), List.of(dense), kept, output);
        }
        return;
      }
      try (Scratch scratch = new Scratch(context.pool(), dtype, output.size())) {
        View max = scratch.view(output.shape());
        ReduceKernel.run(context, Reduction.MAX, program, inputs, kept, max);
        // What is subtracted must be finite, or infinity minus infinity would give NaN.
        MapKernel.run(context, finiteOrZero(dtype), List.of(max), List.of(max));
        View[] all = Arrays.copyOf(inputs.toArray(new View[0]), inputs.size() + 1);
        all[inputs.size()] =
            new View(max.buffer(), shape, Arrays.copyOf(max.strides(), shape.length), 0);
        ReduceKernel.run(
            context, Reduction.SUM, expOfDifference(program), List.of(all), kept, output);
        MapKernel.run(context, logPlus(dtype), List.of(output, max), List.of(output));
      }
    }

    private static Program finiteOrZero(DType dtype) {
      return new Program(
          new DType[] {dtype},
          new DType[] {dtype},
          new long[] {0},
          new Instruction[] {
            new Instruction(Op.IS_INF, DType.BOOL, 0, -1, -1),
            new Instruction(Op.WHERE, dtype, 2, 1, 0)
          },
          new int[] {3});
    }

    private static Program logPlus(DType dtype) {
      return new Program(
          new DType[] {dtype, dtype},
          new DType[0],
          new long[0],
          new Instruction[] {
            new Instruction(Op.LOG, dtype, 0, -1, -1), new Instruction(Op.ADD, dtype, 2, 1, -1)
          },
          new int[] {3});
    }

    private static Program expOfDifference(Program program) {
      int inputs = program.inputCount();
      int constants = program.constantCount();
      DType dtype = program.dtype(program.output(0));
      DType[] inputTypes = new DType[inputs + 1];
      for (int i = 0; i < inputs; i++) {
        inputTypes[i] = program.dtype(i);
      }
      inputTypes[inputs] = dtype;
      DType[] constantTypes = new DType[constants];
      long[] bits = new long[constants];
      for (int i = 0; i < constants; i++) {
        constantTypes[i] = program.dtype(inputs + i);
        bits[i] = program.constantBits(i);
      }
      Instruction[] code = new Instruction[program.length() + 2];
      for (int i = 0; i < program.length(); i++) {
        Instruction old = program.instruction(i);
        code[i] =
            new Instruction(
                old.op(),
                old.dtype(),
                shift(old.a(), inputs),
                shift(old.b(), inputs),
                shift(old.c(), inputs));
      }
      int last = inputs + 1 + constants + program.length();
      int value = shift(program.output(0), inputs);
      code[program.length()] = new Instruction(Op.SUB, dtype, value, inputs, -1);
      code[program.length() + 1] = new Instruction(Op.EXP, dtype, last, -1, -1);
      return new Program(inputTypes, constantTypes, bits, code, new int[] {last + 1});
    }

    // One more input moves everything after the inputs up by one.
    private static int shift(int value, int inputs) {
      return value < inputs ? value : value + 1;
    }
  }
}
