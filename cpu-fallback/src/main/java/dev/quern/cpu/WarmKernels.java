package dev.quern.cpu;

import dev.quern.DType;
import dev.quern.spi.Epilogue;
import dev.quern.spi.Op;
import dev.quern.spi.Program;
import dev.quern.spi.Reduction;
import dev.quern.spi.View;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * SIMD loops once they are fast, and until then the plain ones, which give the same bits. Vector
 * code that the compiler has not got to yet runs hundreds of times slower than plain code, and what
 * else has run may keep the compiler from making it fast at all: so every SIMD loop is first tried
 * on made-up data, in the background, until it beats its plain twin.
 */
final class WarmKernels implements Kernels {
  // As much time as a compiler usually takes, and as many runs as it needs; where many programs
  // share a processor it may be through much later.
  private static final Patience PATIENCE = new Patience(200, 5000, 5_000_000_000L);
  private static final long SLICE_NANOS = 50_000_000;
  private static final long LONGEST_PAUSE = 300_000_000_000L;
  private static final int WINS = 3;
  private static final int TRIAL = 1024;

  private final Kernels plain;
  private final Kernels simd;
  private final Patience patience;
  // Of all trials, which run one after the other.
  private final ArrayPool pool = new ArrayPool(1 << 26);
  private final ThreadPoolExecutor background =
      new ThreadPoolExecutor(
          1,
          1,
          1,
          TimeUnit.SECONDS,
          new LinkedBlockingQueue<>(),
          task -> {
            Thread thread = new Thread(task, "quern-cpu-warmup");
            thread.setDaemon(true);
            return thread;
          });
  private final AtomicReferenceArray<Loop> loops = new AtomicReferenceArray<>(Op.values().length);
  private final AtomicReferenceArray<Pair> pairs =
      new AtomicReferenceArray<>(4 * Op.values().length * Op.values().length);
  private final AtomicReferenceArray<Segment> segments =
      new AtomicReferenceArray<>(Reduction.values().length);
  private final Gemm gemmF32;
  private final Gemm gemmF64;
  private final Gate forEightRows;
  private final Gate forLongRuns;
  private final Gate forSoftmax;

  /**
   * How long a loop is tried without a pause: for so many slices of time and rounds, whichever ends
   * later. Then after pauses, each twice as long as the one before.
   */
  record Patience(int slices, int rounds, long pauseNanos) {}

  /**
   * Pairs plain and SIMD loops.
   *
   * @param first what runs in the background before any loop is tried
   */
  WarmKernels(Kernels plain, Kernels simd, Runnable first) {
    this(plain, simd, first, PATIENCE);
  }

  WarmKernels(Kernels plain, Kernels simd, Runnable first, Patience patience) {
    this.plain = plain;
    this.simd = simd;
    this.patience = patience;
    background.allowCoreThreadTimeOut(true);
    background.execute(first);
    gemmF32 = gemmOf(DType.F32);
    gemmF64 = gemmOf(DType.F64);
    forEightRows = new Gate(columnsOf(plain), columnsOf(simd));
    forLongRuns = new Gate(rowOf(plain), rowOf(simd));
    forSoftmax = new Gate(softmaxOf(plain), softmaxOf(simd));
  }

  @Override
  public Loop loop(Op op, DType operand) {
    return operand == DType.F32
        ? cached(loops, op.ordinal(), () -> loop(op))
        : plain.loop(op, operand);
  }

  @Override
  public @Nullable Loop pair(Op first, Op second, boolean turned, boolean relu) {
    int both = first.ordinal() * Op.values().length + second.ordinal();
    int index = 4 * both + (turned ? 1 : 0) + (relu ? 2 : 0);
    Pair pair = cached(pairs, index, () -> pairOf(first, second, turned, relu));
    return pair.gate() != null && pair.gate().isOpen() ? pair.fast() : null;
  }

  private Pair pairOf(Op first, Op second, boolean turned, boolean relu) {
    Loop fast = simd.pair(first, second, turned, relu);
    if (fast == null) {
      return new Pair(null, null);
    }
    Loop plainFirst = plain.loop(first, DType.F32);
    Loop plainSecond = plain.loop(second, DType.F32);
    Loop plainRelu = plain.loop(Op.RELU, DType.F32);
    float[] a = numbers(TRIAL);
    float[] o = new float[TRIAL];
    Runnable slow =
        () -> {
          plainFirst.run(a, 0, a, 0, a, 0, o, 0, TRIAL);
          plainSecond.run(o, 0, a, 0, a, 0, o, 0, TRIAL);
          if (relu) {
            plainRelu.run(o, 0, o, 0, o, 0, o, 0, TRIAL);
          }
        };
    return new Pair(new Gate(slow, () -> fast.run(a, 0, a, 0, a, 0, o, 0, TRIAL)), fast);
  }

  /** A loop of two or three operations, if there is one. */
  private record Pair(@Nullable Gate gate, @Nullable Loop fast) {}

  @Override
  public Segment segment(Reduction reduction, DType dtype) {
    return dtype == DType.F32
        ? cached(segments, reduction.ordinal(), () -> segment(reduction))
        : plain.segment(reduction, dtype);
  }

  @Override
  public @Nullable EightRows eightRows() {
    return forEightRows.isOpen() ? simd.eightRows() : null;
  }

  @Override
  public @Nullable LongRuns longRuns() {
    return forLongRuns.isOpen() ? simd.longRuns() : null;
  }

  @Override
  public Gemm gemm(DType dtype) {
    return dtype == DType.F32 ? gemmF32 : gemmF64;
  }

  private static <T> T cached(AtomicReferenceArray<T> cache, int index, Supplier<T> maker) {
    T known = cache.get(index);
    if (known != null) {
      return known;
    }
    T made = maker.get();
    return cache.compareAndSet(index, null, made) ? made : cache.get(index);
  }

  private Loop loop(Op op) {
    Loop slow = plain.loop(op, DType.F32);
    Loop fast = simd.loop(op, DType.F32);
    Gate gate = new Gate(trial(op, slow), trial(op, fast));
    return (a, i, b, j, c, l, o, k, n) ->
        (gate.isOpen() ? fast : slow).run(a, i, b, j, c, l, o, k, n);
  }

  private static Runnable trial(Op op, Loop loop) {
    Object a = op == Op.WHERE ? new byte[TRIAL] : numbers(TRIAL);
    Object b = numbers(TRIAL);
    Object o = op.resultType(DType.F32) == DType.BOOL ? new byte[TRIAL] : new float[TRIAL];
    return () -> loop.run(a, 0, b, 0, b, 0, o, 0, TRIAL);
  }

  private Segment segment(Reduction reduction) {
    Segment slow = plain.segment(reduction, DType.F32);
    Segment fast = simd.segment(reduction, DType.F32);
    Gate gate = new Gate(trial(slow), trial(fast));
    return (a, i, step, runs, n, out, o) ->
        (gate.isOpen() ? fast : slow).run(a, i, step, runs, n, out, o);
  }

  // Several runs at once, and one that is left over.
  private static Runnable trial(Segment segment) {
    int n = TRIAL / 5;
    float[] data = numbers(TRIAL);
    float[] result = new float[5];
    return () -> segment.run(data, 0, n, 5, n, result, 0);
  }

  private Gemm gemmOf(DType dtype) {
    Gemm slow = plain.gemm(dtype);
    Gemm fast = simd.gemm(dtype);
    BlockedGemm.Form[] forms = BlockedGemm.Form.values();
    Gate[] gates = new Gate[forms.length];
    for (BlockedGemm.Form form : forms) {
      gates[form.ordinal()] = new Gate(trial(dtype, slow, form), trial(dtype, fast, form));
    }
    return (context, p) -> {
      Gate gate = gates[BlockedGemm.form(p).ordinal()];
      (gate.isOpen() ? fast : slow).run(context, p);
    };
  }

  // Whole tiles, lower ones for the last rows, edges of both sides; deep enough for a second step.
  private Runnable trial(DType dtype, Gemm gemm, BlockedGemm.Form form) {
    return switch (form) {
      // A column, by rows and by columns of A, and a row.
      case THIN ->
          all(
              trial(dtype, gemm, 43, 1, false),
              trial(dtype, gemm, 75, 1, true),
              trial(dtype, gemm, 1, 75, false));
      case DEEP -> trial(dtype, gemm, 11, 7, false);
      case NARROW -> all(trial(dtype, gemm, 32, 16, false), trial(dtype, gemm, 33, 13, false));
      case TURNED -> all(trial(dtype, gemm, 150, 10, true), trial(dtype, gemm, 150, 8, true));
      case SHALLOW ->
          all(trial(dtype, gemm, 41, 80, 20, false), trial(dtype, gemm, 41, 80, 20, true));
      case ACROSS -> all(trial(dtype, gemm, 20, 80, true), trial(dtype, gemm, 17, 80, true));
      case SPREAD -> all(trial(dtype, gemm, 12, 80, false), trial(dtype, gemm, 18, 80, false));
      case PACKED -> all(trial(dtype, gemm, 22, 80, false), trial(dtype, gemm, 28, 80, false));
    };
  }

  private static Runnable all(Runnable... trials) {
    return () -> {
      for (Runnable trial : trials) {
        trial.run();
      }
    };
  }

  @Override
  public @Nullable SoftmaxLoops softmax() {
    return forSoftmax.isOpen() ? simd.softmax() : null;
  }

  private Runnable columnsOf(Kernels kernels) {
    int rows = 24;
    int columns = TRIAL - 1;
    View x = view(DType.F32, new long[] {columns, rows}, new long[] {1, columns});
    View sums = view(DType.F32, new long[] {columns}, new long[] {1});
    CpuContext alone = aloneWith(kernels);
    Program copy = Program.copy(DType.F32);
    return () -> ReduceKernel.run(alone, Reduction.SUM, copy, List.of(x), 1, sums);
  }

  // Long enough for runs, and a rest.
  private Runnable rowOf(Kernels kernels) {
    int length = 40 * TRIAL;
    View x = view(DType.F32, new long[] {length}, new long[] {1});
    View sum = view(DType.F32, new long[0], new long[0]);
    CpuContext alone = aloneWith(kernels);
    Program copy = Program.copy(DType.F32);
    return () -> ReduceKernel.run(alone, Reduction.SUM, copy, List.of(x), 0, sum);
  }

  private Runnable softmaxOf(Kernels kernels) {
    View x = matrix(DType.F32, 2, TRIAL - 1);
    View y = matrix(DType.F32, 2, TRIAL - 1);
    CpuContext alone = aloneWith(kernels);
    return () -> SoftmaxKernel.run(alone, false, x, y);
  }

  private Runnable trial(DType dtype, Gemm gemm, int m, int n, boolean transposed) {
    return trial(dtype, gemm, m, n, BlockedGemm.greatestDepth(dtype) + 32, transposed);
  }

  private Runnable trial(DType dtype, Gemm gemm, int m, int n, int k, boolean transposed) {
    CpuContext alone = aloneWith(plain);
    View a = transposed ? MatmulKernel.transpose(matrix(dtype, k, m)) : matrix(dtype, m, k);
    Product product =
        new Product(plain, a, matrix(dtype, k, n), Epilogue.NONE, matrix(dtype, m, n), 0);
    return () -> gemm.run(alone, product);
  }

  private CpuContext aloneWith(Kernels kernels) {
    return new CpuContext(pool, new Threads(1), kernels);
  }

  private static View matrix(DType dtype, int rows, int columns) {
    return view(
        dtype, new long[] {1, rows, columns}, new long[] {(long) rows * columns, columns, 1});
  }

  private static View view(DType dtype, long[] shape, long[] strides) {
    int size = (int) ReduceKernel.product(shape, 0, shape.length);
    Object array = dtype == DType.F32 ? numbers(size) : new double[size];
    return new View(new CpuBuffer(dtype, size, array, null), shape, strides, 0);
  }

  private static float[] numbers(int n) {
    float[] numbers = new float[n];
    for (int i = 0; i < n; i++) {
      numbers[i] = 0.5f + i % 64 / 64f;
    }
    return numbers;
  }

  /** Decides between two loops. */
  private final class Gate {
    private volatile boolean open;
    private volatile boolean asked;
    // Only the background thread uses these. What is tried is forgotten once it is decided.
    private @Nullable Runnable slow;
    private @Nullable Runnable fast;
    private int wins;
    private int rounds;
    private int slices;
    private long pause;

    Gate(Runnable slow, Runnable fast) {
      this.slow = slow;
      this.fast = fast;
      pause = patience.pauseNanos();
    }

    /** Returns whether the SIMD loop is known to be fast; the first call has that found out. */
    boolean isOpen() {
      if (!open && !asked) {
        ask();
      }
      return open;
    }

    private synchronized void ask() {
      if (!asked) {
        asked = true;
        background.execute(this::warm);
      }
    }

    // In slices, so that a loop that takes long does not keep the others waiting.
    private void warm() {
      Runnable plainTrial = slow;
      Runnable simdTrial = fast;
      if (plainTrial == null || simdTrial == null) {
        return;
      }
      long sliceEnd = System.nanoTime() + SLICE_NANOS;
      while (System.nanoTime() < sliceEnd && !open) {
        rounds++;
        wins = nanos(simdTrial) <= nanos(plainTrial) ? wins + 1 : 0;
        open = wins == WINS;
      }
      slices++;
      if (open) {
        slow = null;
        fast = null;
        pool.trim();
      } else if (rounds < patience.rounds() || slices < patience.slices()) {
        background.execute(this::warm);
      } else {
        CompletableFuture.delayedExecutor(pause, TimeUnit.NANOSECONDS, background)
            .execute(this::warm);
        pause = Math.min(2 * pause, LONGEST_PAUSE);
      }
    }

    private long nanos(Runnable trial) {
      long best = Long.MAX_VALUE;
      for (int i = 0; i < 8; i++) {
        long start = System.nanoTime();
        trial.run();
        best = Math.min(best, System.nanoTime() - start);
      }
      return best;
    }
  }
}
