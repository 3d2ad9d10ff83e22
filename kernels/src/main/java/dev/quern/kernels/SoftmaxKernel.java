package dev.quern.kernels;

import dev.quern.spi.View;
import java.util.List;
import java.util.Map;

/** Softmax and its logarithm along the last axis, {@code softmax.cl}. */
final class SoftmaxKernel {
  private static final int HEADER = 4;

  /** Rows up to this length have one work item each. */
  private static final int SHORT = 64;

  private final Launcher launcher;

  SoftmaxKernel(Launcher launcher) {
    this.launcher = launcher;
  }

  /** See {@link dev.quern.spi.Backend#softmax}. */
  void run(boolean log, View input, View output) {
    int last = input.rank() - 1;
    if (input.size() == 0) {
      return;
    }
    if (last > Geometry.MAX_AXES) {
      for (long i = 0; i < input.shape()[0]; i++) {
        run(log, Launcher.slice(input, 0, i), Launcher.slice(output, 0, i));
      }
      return;
    }
    long length = input.shape()[last];
    List<View> rows = List.of(Launcher.slice(input, last, 0), Launcher.slice(output, last, 0));
    Geometry geometry = new Geometry(HEADER, last, 2);
    long[] words = geometry.words(rows.get(0).shape(), rows, Launcher.NOTHING);
    words[0] = rows.get(0).size();
    words[1] = length;
    words[2] = input.strides()[last];
    words[3] = output.strides()[last];
    boolean group = launcher.traits().gpu() && length > SHORT;
    boolean narrow = Geometry.isNarrow(List.of(input, output));
    String entry = group ? "softmax_group" : "softmax_item";
    String key = entry + log + last + narrow + input.dtype();
    Kernel kernel =
        launcher.kernel(
            key,
            "softmax",
            entry,
            () -> defines(log, input, geometry, group, narrow, words.length));
    launcher.launch(
        kernel,
        group ? launcher.groups(words[0]) : launcher.items(words[0]),
        words,
        GpuBuffer.block(input),
        GpuBuffer.block(output));
  }

  private Map<String, String> defines(
      boolean log, View input, Geometry geometry, boolean group, boolean narrow, int words) {
    Map<String, String> defines = launcher.common(narrow, words);
    defines.put("T", CTypes.name(input.dtype()));
    ReduceKernel.functions(defines, input.dtype());
    if (log) {
      defines.put("LOG_SOFTMAX", "1");
    }
    if (group) {
      defines.put("GROUP", Integer.toString(launcher.group()));
    }
    StringBuilder locate = new StringBuilder();
    geometry.start(locate, 0, 2);
    geometry.walk(locate, "o", "at", 0, geometry.axes(), 0, 2);
    defines.put("LOCATE", locate.toString());
    return defines;
  }
}
