package dev.quern.kernels;

import dev.quern.DType;
import dev.quern.random.Philox;
import dev.quern.spi.RandomKind;
import dev.quern.spi.View;
import java.util.Map;

/** Random numbers, {@code random.cl}. */
final class RandomKernel {
  private static final int HEADER = 5;

  /** How many F64 normals are made on the host at a time. */
  private static final int HOST_PIECE = 1 << 16;

  private final Launcher launcher;

  RandomKernel(Launcher launcher) {
    this.launcher = launcher;
  }

  /** See {@link dev.quern.spi.Backend#random}. */
  void run(RandomKind kind, long seed, long counter, View output) {
    DType dtype = output.dtype();
    long size = output.size();
    if (kind == RandomKind.NORMAL && dtype == DType.F64) {
      onHost(seed, counter, output);
      return;
    }
    int perBlock = kind.perBlock(dtype);
    long blocks = (size + perBlock - 1) / perBlock;
    long[] words = {blocks, size, output.offset(), seed, counter};
    Kernel kernel = launcher.traits().prebuilt() ? prebuilt(kind, dtype) : rendered(kind, output);
    launcher.launch(kernel, launcher.items(blocks), words, GpuBuffer.block(output));
  }

  private Kernel prebuilt(RandomKind kind, DType dtype) {
    return launcher.prebuilt(
        "random",
        kind == RandomKind.BITS32
            ? "random_bits32"
            : CTypes.named(kind == RandomKind.NORMAL ? "random_normal" : "random_uniform", dtype));
  }

  private Kernel rendered(RandomKind kind, View output) {
    DType dtype = output.dtype();
    boolean narrow = output.size() < Integer.MAX_VALUE / 2;
    String name = kind == RandomKind.BITS32 ? "BITS32" : kind.name() + "_" + dtype.name();
    return launcher.kernel(
        name + narrow,
        "random",
        "random_fill",
        () -> {
          Map<String, String> defines = launcher.common(narrow, HEADER);
          defines.put(name, "1");
          defines.put("PER_BLOCK", Integer.toString(kind.perBlock(dtype)));
          defines.put("T", CTypes.name(dtype));
          return defines;
        });
  }

  // StrictMath has the same bits everywhere; no device's double functions do.
  private void onHost(long seed, long counter, View output) {
    int[] words = new int[4];
    double[] numbers = new double[(int) Math.min(HOST_PIECE, output.size() + 1)];
    for (long done = 0; done < output.size(); done += HOST_PIECE) {
      int count = (int) Math.min(HOST_PIECE, output.size() - done);
      double[] pair = new double[2];
      for (int i = 0; i < count; i += 2) {
        Philox.block(seed, counter + (done + i) / 2, words);
        RandomKind.normal(words, pair);
        System.arraycopy(pair, 0, numbers, i, Math.min(2, count - i));
      }
      long at = (output.offset() + done) * DType.F64.bytes();
      launcher.driver().upload(numbers, 0, GpuBuffer.block(output), at, count);
    }
  }
}
