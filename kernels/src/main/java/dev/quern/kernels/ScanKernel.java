package dev.quern.kernels;

import dev.quern.DType;
import dev.quern.spi.Reduction;
import dev.quern.spi.View;
import java.util.List;
import java.util.Map;

/** Running sums and products along the last axis, {@code scan.cl}. */
final class ScanKernel {
  private static final int HEADER = 6;

  /** The least length of a chunk, and the most chunks of a row. */
  private static final int CHUNK = 1024;

  private static final int MOST_CHUNKS = 256;

  private final Launcher launcher;

  ScanKernel(Launcher launcher) {
    this.launcher = launcher;
  }

  /** See {@link dev.quern.spi.Backend#scan}. */
  void run(Reduction reduction, View input, View output) {
    int last = input.rank() - 1;
    if (input.size() == 0) {
      return;
    }
    if (last > Geometry.MAX_AXES) {
      for (long i = 0; i < input.shape()[0]; i++) {
        run(reduction, Launcher.slice(input, 0, i), Launcher.slice(output, 0, i));
      }
      return;
    }
    long length = input.shape()[last];
    int missing = launcher.traits().prebuilt() ? Geometry.MAX_AXES - last : 0;
    List<View> rows =
        Launcher.pad(
            List.of(Launcher.slice(input, last, 0), Launcher.slice(output, last, 0)), 0, missing);
    Geometry geometry = new Geometry(HEADER, last + missing, 2);
    long[] words = geometry.words(rows.get(0).shape(), rows, Launcher.NOTHING);
    // The length alone decides, so that the same sums have the same bits.
    long chunk = Math.max(CHUNK, (length + MOST_CHUNKS - 1) / MOST_CHUNKS);
    long chunks = (length + chunk - 1) / chunk;
    words[0] = rows.get(0).size();
    words[1] = length;
    words[2] = input.strides()[last];
    words[3] = output.strides()[last];
    words[4] = chunk;
    words[5] = chunks;
    boolean narrow = Geometry.isNarrow(List.of(input, output));
    Block from = GpuBuffer.block(input);
    Block to = GpuBuffer.block(output);
    View totals = launcher.scratch(input.dtype(), 2 * words[0] * chunks);
    try (var buffer = totals.buffer()) {
      if (chunks > 1) {
        Kernel first = kernel("scan_totals", reduction, input.dtype(), geometry, narrow, words);
        launcher.launch(
            first,
            launcher.items(words[0] * (chunks - 1)),
            words,
            arguments(from, to, GpuBuffer.block(buffer), true));
      }
      Kernel second = kernel("scan", reduction, input.dtype(), geometry, narrow, words);
      launcher.launch(
          second,
          launcher.items(words[0] * chunks),
          words,
          arguments(from, to, GpuBuffer.block(buffer), false));
    }
  }

  // Prebuilt kernels of a family have one structure.
  private Block[] arguments(Block from, Block to, Block totals, boolean totalsOnly) {
    return totalsOnly && !launcher.traits().prebuilt()
        ? new Block[] {from, totals}
        : new Block[] {from, to, totals};
  }

  private Kernel kernel(
      String entry,
      Reduction reduction,
      DType dtype,
      Geometry geometry,
      boolean narrow,
      long[] words) {
    if (launcher.traits().prebuilt()) {
      String how = reduction == Reduction.SUM ? "_sum" : "_prod";
      return launcher.prebuilt("scan", CTypes.named(entry + how, dtype));
    }
    String key = entry + reduction + dtype + geometry.axes() + narrow;
    return launcher.kernel(
        key,
        "scan",
        entry,
        () -> {
          Map<String, String> defines = launcher.common(narrow, words.length);
          defines.put("T", CTypes.name(dtype));
          if (reduction == Reduction.SUM) {
            defines.put("SUM", "1");
          }
          if (dtype == DType.F32 || dtype == DType.F64) {
            defines.put("FLOATING", "1");
          }
          StringBuilder locate = new StringBuilder();
          geometry.start(locate, 0, 2);
          geometry.walk(locate, "o", "at", 0, geometry.axes(), 0, 2);
          defines.put("LOCATE", locate.toString());
          return defines;
        });
  }
}
