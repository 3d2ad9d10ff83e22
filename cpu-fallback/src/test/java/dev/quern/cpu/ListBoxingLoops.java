package dev.quern.cpu;

import com.sun.management.ThreadMXBean;
import dev.quern.DType;
import dev.quern.spi.Epilogue;
import dev.quern.spi.Op;
import dev.quern.spi.Program;
import dev.quern.spi.Reduction;
import dev.quern.spi.View;
import java.lang.management.ManagementFactory;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Runs the SIMD loops one after the other until each is compiled, and prints which never stop to
 * make objects: there the compiler has not kept vectors in registers.
 */
final class ListBoxingLoops {
  private static final int N = 4096;
  private static final int RUNS = 50;

  /** One object for each vector is twice as much at least. */
  private static final long FEW_BYTES = 10_000;

  private static final long PATIENCE_NANOS = 30_000_000_000L;

  private ListBoxingLoops() {}

  public static void main(String[] args) {
    Kernels kernels = SimdSupport.kernels();
    Map<String, Runnable> loops = new LinkedHashMap<>();
    // Much of one kind before anything else, which is what misleads the compiler.
    loops.put("matmul", matmul(kernels));
    float[] a = new float[N];
    byte[] condition = new byte[N];
    for (int i = 0; i < N; i++) {
      a[i] = (i - 500) / 300f;
      condition[i] = (byte) (i & 1);
    }
    Set<Op> others = EnumSet.of(Op.CAST, Op.NOT, Op.AND, Op.OR, Op.XOR);
    // A power is computed by a method that takes and returns a vector as an object.
    others.add(Op.POW);
    for (Op op : Op.values()) {
      if (!others.contains(op)) {
        Loop loop = kernels.loop(op, DType.F32);
        Object first = op == Op.WHERE ? condition : a;
        Object out = op.resultType(DType.F32) == DType.BOOL ? new byte[N] : new float[N];
        loops.put(op.name(), () -> loop.run(first, 0, a, 0, a, 0, out, 0, N));
      }
    }
    for (Reduction reduction : List.of(Reduction.SUM, Reduction.MAX, Reduction.MIN)) {
      Segment segment = kernels.segment(reduction, DType.F32);
      float[] results = new float[5];
      loops.put("reduce " + reduction, () -> segment.run(a, 0, N / 5, 5, N / 5, results, 0));
    }
    View rows = view(a, 8, N / 8);
    View softmax = view(new float[N], 8, N / 8);
    CpuContext context = context(kernels);
    loops.put("softmax", () -> SoftmaxKernel.run(context, false, rows, softmax));
    View row = view(new float[16 * N], 1, 16 * N);
    View sum = view(new float[1], 1, 1);
    Program copy = Program.copy(DType.F32);
    loops.put(
        "long sum", () -> ReduceKernel.run(context, Reduction.SUM, copy, List.of(row), 2, sum));
    Loop pair = kernels.pair(Op.MUL, Op.ADD, false, true);
    float[] out = new float[N];
    loops.put("pair", () -> pair.run(a, 0, a, 0, a, 0, out, 0, N));
    int many = 4 * N;
    float[] far = new float[many];
    Loop add = kernels.loop(Op.ADD, DType.F32);
    loops.put("far ADD", () -> add.run(far, 0, far, 0, far, 0, far, 0, many));
    loops.put("far pair", () -> pair.run(far, 0, far, 0, far, 0, far, 0, many));

    // A few names tell enough, and each takes its time.
    int boxing = 0;
    for (String name : loops.keySet()) {
      if (boxing < 3 && !stopsAllocating(loops.get(name))) {
        System.out.println("boxes: " + name);
        boxing++;
      }
    }
  }

  private static boolean stopsAllocating(Runnable loop) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long end = System.nanoTime() + PATIENCE_NANOS;
    // Compiled loops are compiled again where they are called from: it has to last.
    int quiet = 0;
    while (quiet < 50 && System.nanoTime() < end) {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < RUNS; i++) {
        loop.run();
      }
      long bytes = threads.getCurrentThreadAllocatedBytes() - before;
      quiet = bytes < RUNS * FEW_BYTES ? quiet + 1 : 0;
    }
    return quiet == 50;
  }

  private static Runnable matmul(Kernels kernels) {
    int n = 128;
    CpuContext context = context(kernels);
    View a = view(new float[n * n], n, n);
    Product product = new Product(kernels, a, view(new float[n * n], n, n), Epilogue.NONE, a, 0);
    Gemm gemm = kernels.gemm(DType.F32);
    return () -> gemm.run(context, product);
  }

  private static CpuContext context(Kernels kernels) {
    return new CpuContext(new ArrayPool(1 << 26), new Threads(1), kernels);
  }

  private static View view(float[] array, int rows, int columns) {
    return new View(
        new CpuBuffer(DType.F32, array.length, array, null),
        new long[] {1, rows, columns},
        new long[] {(long) rows * columns, columns, 1},
        0);
  }
}
