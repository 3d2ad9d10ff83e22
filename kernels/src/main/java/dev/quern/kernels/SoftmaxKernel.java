package dev.quern.kernels;

import dev.quern.spi.View;
import java.util.List;
import java.util.Map;

/** Softmax and its logarithm along the last axis, {@code softmax.cl}. */
final class SoftmaxKernel {
  private static final int HEADER = 4;

  /** Rows up to this length have one work item each. */
  private static final int SHORT = 64;

  // Of softmax.cu: the work items of a group, those that run in step, and how many elements each
  // keeps; then how large a row is that a group keeps.
  private static final int GROUP = 256;
  private static final int WARP = 32;
  private static final long HELD = 8;
  private static final int HELD_BYTES = 46 << 10;

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
    if (launcher.traits().prebuilt()) {
      prebuilt(log, input, output);
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

  private void prebuilt(boolean log, View input, View output) {
    int last = input.rank() - 1;
    long length = input.shape()[last];
    View from = Launcher.row(input);
    View to = Launcher.row(output);
    int team = 1;
    while (team < WARP && team * HELD < length) {
      team *= 2;
    }
    boolean block = team * HELD < length;
    int bytes = (int) Math.min(HELD_BYTES + 1, length * input.dtype().bytes());
    boolean held = bytes <= HELD_BYTES;
    Geometry geometry = new Geometry(7, Geometry.MAX_AXES, 2);
    long[] words = geometry.words(from.shape(), List.of(from, to), Launcher.NOTHING);
    words[0] = from.size();
    words[1] = length;
    words[2] = input.strides()[last];
    words[3] = output.strides()[last];
    words[4] = log ? 1 : 0;
    words[5] = team;
    words[6] = held ? 1 : 0;
    String entry = CTypes.named(block ? "softmax_block" : "softmax", input.dtype());
    long most = (long) launcher.traits().computeUnits() * 32;
    long each = block ? 1 : GROUP / team;
    Grid grid =
        new Grid(
            Math.min(most, (words[0] + each - 1) / each),
            1,
            1,
            GROUP,
            1,
            block && held ? bytes : 0);
    launcher.launch(
        launcher.prebuilt("softmax", entry),
        grid,
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
