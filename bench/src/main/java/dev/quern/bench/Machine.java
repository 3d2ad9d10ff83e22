package dev.quern.bench;

import java.util.Optional;
import java.util.concurrent.ForkJoinPool;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * What the processor can do at most, measured like any contender and in turns with them: multiplies
 * and adds in the first-level cache where arithmetic is the bound, else copies from one large array
 * to another.
 */
public final class Machine implements Contender {
  /** The operations of one run of each thread. */
  static final double OPERATIONS = 2.0 * 6 * Fma.LENGTH * Fma.REPEATS;

  /** The bytes that one run reads and writes. */
  static final double BYTES = 2.0 * Copy.BYTES;

  private int threads = 1;

  /** Creates it; {@link java.util.ServiceLoader} does. */
  public Machine() {}

  @Override
  public String name() {
    return "machine";
  }

  @Override
  public void threads(int count) {
    threads = count;
  }

  @Override
  public String version() {
    return "limits of " + System.getProperty("os.arch");
  }

  @Override
  public Optional<Work> prepare(Spec spec) {
    return Optional.of(spec.isArithmetic() ? new Fma(threads) : new Copy(threads));
  }

  /** Splits work over threads that are always the same. */
  private abstract static class Parallel implements Work {
    private final ForkJoinPool pool;
    private final int threads;

    Parallel(int threads) {
      this.threads = threads;
      pool = new ForkJoinPool(threads);
    }

    final void each(IntConsumer part) {
      if (threads == 1) {
        part.accept(0);
      } else {
        pool.submit(() -> IntStream.range(0, threads).parallel().forEach(part)).join();
      }
    }

    @Override
    public float[] result() {
      return new float[0];
    }

    @Override
    public void close() {
      pool.shutdown();
    }
  }

  private static final class Fma extends Parallel {
    static final int LENGTH = 2048;
    static final int REPEATS = 400;
    private final float[][] data;

    Fma(int threads) {
      super(threads);
      data = new float[threads][LENGTH];
    }

    @Override
    public void run() {
      each(
          t -> {
            for (int i = 0; i < REPEATS; i++) {
              chain(data[t], 0.5f, 0.25f);
            }
          });
    }

    // Six at a time: the compiler turns elements into vectors, whose chains overlap; loads and
    // stores do not show.
    private static void chain(float[] x, float a, float b) {
      for (int i = 0; i < x.length; i++) {
        float y = Math.fma(Math.fma(Math.fma(x[i], a, b), a, b), a, b);
        x[i] = Math.fma(Math.fma(Math.fma(y, a, b), a, b), a, b);
      }
    }
  }

  private static final class Copy extends Parallel {
    static final int BYTES = 64 << 20;
    private final float[] from = new float[BYTES / 4];
    private final float[] to = new float[BYTES / 4];
    private final int threads;

    Copy(int threads) {
      super(threads);
      this.threads = threads;
    }

    @Override
    public void run() {
      int part = to.length / threads;
      each(t -> System.arraycopy(from, t * part, to, t * part, part));
    }
  }
}
