package dev.quern.cpu;

import dev.quern.random.Philox;
import dev.quern.spi.RandomKind;
import dev.quern.spi.View;

/** Random numbers; see {@link RandomKind} for what each is. */
final class RandomKernel {
  private static final float ULP24 = 0x1p-24f;
  private static final double ULP53 = 0x1p-53;
  private static final double NANOS_PER_BLOCK = 40;

  private RandomKernel() {}

  /** Fills a contiguous view from block {@code counter} on. */
  static void run(CpuContext context, RandomKind kind, long seed, long counter, View output) {
    int perBlock = kind.perBlock(output.dtype());
    long size = output.size();
    int start = (int) output.offset();
    Object target = CpuBuffer.array(output);
    context
        .threads()
        .ranges(
            (size + perBlock - 1) / perBlock,
            NANOS_PER_BLOCK,
            (from, to) -> {
              int[] words = new int[4];
              Object four = HostArrays.create(output.dtype(), perBlock);
              for (long block = from; block < to; block++) {
                Philox.block(seed, counter + block, words);
                fill(kind, words, four);
                int n = (int) Math.min(perBlock, size - block * perBlock);
                System.arraycopy(four, 0, target, (int) (start + block * perBlock), n);
              }
            });
  }

  private static void fill(RandomKind kind, int[] w, Object out) {
    switch (kind) {
      case UNIFORM -> {
        if (out instanceof float[] f) {
          for (int j = 0; j < 4; j++) {
            f[j] = (w[j] >>> 8) * ULP24;
          }
        } else {
          double[] d = (double[]) out;
          d[0] = (wide(w[0], w[1]) >>> 11) * ULP53;
          d[1] = (wide(w[2], w[3]) >>> 11) * ULP53;
        }
      }
      case NORMAL -> {
        if (out instanceof float[] f) {
          normal(w[0], w[1], f, 0);
          normal(w[2], w[3], f, 2);
        } else {
          RandomKind.normal(w, (double[]) out);
        }
      }
      case BITS32 -> {
        long[] l = (long[]) out;
        for (int j = 0; j < 4; j++) {
          l[j] = w[j] & 0xffffffffL;
        }
      }
    }
  }

  private static long wide(int low, int high) {
    return (low & 0xffffffffL) | (long) high << 32;
  }

  private static void normal(int w0, int w1, float[] out, int at) {
    float u = ((w0 >>> 8) + 1) * ULP24;
    float v = (w1 >>> 8) * ULP24;
    float r = (float) Math.sqrt(-2 * F32.log(u));
    out[at] = r * F32.cos2pi(v);
    out[at + 1] = r * F32.sin2pi(v);
  }
}
