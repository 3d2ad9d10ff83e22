package dev.quern.cpu;

import dev.quern.cpu.F32Oracle.Routine;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Tries the routines of {@link F32} on every float and prints a table row for each: the largest
 * error in ULP and where it is, on how many arguments {@link F32Simd} gives other bits, and how
 * often the result falls from one float to the next, for functions that should not. For pow it
 * tries 2^30 pairs instead, of the kinds of {@link F32Oracle#powArguments}.
 *
 * <p>Arguments: names of routines (none: all); {@code --threads=N} (1); {@code --step=N} (1) to try
 * one float, or pair, in N.
 */
final class F32Sweep {
  private static final int BLOCK = 1 << 16;

  /** Blocks of consecutive bit patterns that make up all floats. */
  private static final int BLOCKS = 1 << 16;

  private static final int POW_BLOCKS = 1 << 14;

  /** What falls somewhere, as it should. */
  private static final Set<String> FALLING =
      Set.of("sin", "cos", "tan", "acos", "cosh", "sin2pi", "cos2pi", "pow");

  private static final boolean SIMD =
      ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();

  private F32Sweep() {}

  public static void main(String[] args) throws InterruptedException, ExecutionException {
    int threads = 1;
    int step = 1;
    List<String> names = new ArrayList<>();
    for (String arg : args) {
      if (arg.startsWith("--threads=")) {
        threads = Integer.parseInt(arg.substring("--threads=".length()));
      } else if (arg.startsWith("--step=")) {
        step = Integer.parseInt(arg.substring("--step=".length()));
      } else {
        names.add(arg);
      }
    }
    System.out.println("| routine | max ULP | at | vector differs | decreases | arguments |");
    System.out.println("|---|---|---|---|---|---|");
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      for (Routine routine : F32Oracle.ROUTINES) {
        if (names.isEmpty() || names.contains(routine.name())) {
          int each = step;
          report(routine.name(), run(pool, threads, BLOCKS, b -> sweep(routine, b, each)));
        }
      }
      if (names.isEmpty() || names.contains("pow")) {
        report("pow", run(pool, threads, POW_BLOCKS / step, F32Sweep::sweepPow));
      }
    } finally {
      pool.shutdown();
    }
  }

  private interface BlockSweep {
    Result run(int block);
  }

  /** What was found so far; {@code at} is the argument of the largest error. */
  private record Result(double error, String at, long differences, long decreases, long count) {
    static final Result NONE = new Result(-1, "", 0, 0, 0);

    Result plus(Result other) {
      Result worse = other.error > error ? other : this;
      return new Result(
          worse.error,
          worse.at,
          differences + other.differences,
          decreases + other.decreases,
          count + other.count);
    }
  }

  private static Result run(ExecutorService pool, int threads, int blocks, BlockSweep sweep)
      throws InterruptedException, ExecutionException {
    AtomicInteger next = new AtomicInteger();
    List<Future<Result>> parts = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      parts.add(
          pool.submit(
              () -> {
                Result sum = Result.NONE;
                for (int b = next.getAndIncrement(); b < blocks; b = next.getAndIncrement()) {
                  sum = sum.plus(sweep.run(b));
                }
                return sum;
              }));
    }
    Result sum = Result.NONE;
    for (Future<Result> part : parts) {
      sum = sum.plus(part.get());
    }
    return sum;
  }

  private static void report(String name, Result result) {
    System.out.printf(
        "| %s | %.4f | %s | %s | %s | %d |%n",
        name,
        result.error,
        result.at,
        SIMD ? String.valueOf(result.differences) : "not run",
        FALLING.contains(name) ? "" : String.valueOf(result.decreases),
        result.count);
  }

  private static Result sweep(Routine routine, int block, int step) {
    float[] x = new float[BLOCK];
    long first = (long) block * BLOCK;
    int offset = (int) Math.floorMod(-first, (long) step);
    int count = 0;
    for (int i = offset; i < BLOCK; i += step) {
      float argument = Float.intBitsToFloat((int) first + i);
      if (routine.accepts(argument)) {
        x[count++] = argument;
      }
    }
    float[] out = new float[BLOCK];
    if (SIMD && count > 0) {
      F32Vectors.apply(routine.name(), x, out);
    }
    double error = -1;
    int at = 0;
    long differences = 0;
    long decreases = 0;
    // The last pattern of the block before: NaN, which compares with nothing, if there is none
    float last = Float.intBitsToFloat((int) first + offset - step);
    float before = count > 0 ? routine.scalar().apply(last) : Float.NaN;
    for (int i = 0; i < count; i++) {
      float y = routine.scalar().apply(x[i]);
      double e = F32Oracle.ulps(y, routine.oracle().applyAsDouble(x[i]));
      if (e > error) {
        error = e;
        at = i;
      }
      if (SIMD && Float.compare(y, out[i]) != 0) {
        differences++;
      }
      // Bit patterns of negative floats ascend as the floats descend
      if (x[i] > last ? y < before : x[i] < last && y > before) {
        decreases++;
      }
      last = x[i];
      before = y;
    }
    return new Result(error, Float.toHexString(x[at]), differences, decreases, count);
  }

  private static Result sweepPow(int block) {
    SplittableRandom random = new SplittableRandom(block);
    float[] x = new float[BLOCK];
    float[] y = new float[BLOCK];
    for (int i = 0; i < BLOCK; i++) {
      float[] pair = F32Oracle.powArguments(random, i);
      x[i] = pair[0];
      y[i] = pair[1];
    }
    float[] out = new float[BLOCK];
    if (SIMD) {
      F32Vectors.pow(x, y, out);
    }
    double error = -1;
    int at = 0;
    long differences = 0;
    for (int i = 0; i < BLOCK; i++) {
      float power = F32.pow(x[i], y[i]);
      double e = F32Oracle.ulps(power, F32Oracle.pow(x[i], y[i]));
      if (e > error) {
        error = e;
        at = i;
      }
      if (SIMD && Float.compare(power, out[i]) != 0) {
        differences++;
      }
    }
    String pair = Float.toHexString(x[at]) + ", " + Float.toHexString(y[at]);
    return new Result(error, pair, differences, 0, BLOCK);
  }
}
