package dev.quern.kernels;

import dev.quern.DType;
import dev.quern.spi.View;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Gather and its reverse, {@code index.cl}. */
final class IndexKernel {
  private final Launcher launcher;
  private final Supplier<Faults> faults;

  /**
   * Creates the family.
   *
   * @param faults where a thread's launches report
   */
  IndexKernel(Launcher launcher, Supplier<Faults> faults) {
    this.launcher = launcher;
    this.faults = faults;
  }

  /** See {@link dev.quern.spi.Backend#gather}. */
  void gather(String op, View source, View index, int axis, View output) {
    if (index.size() == 0) {
      return;
    }
    if (index.rank() > Geometry.MAX_AXES) {
      int peeled = axis == 0 ? 1 : 0;
      for (long i = 0; i < index.shape()[peeled]; i++) {
        gather(
            op,
            Launcher.slice(source, peeled, i),
            Launcher.slice(index, peeled, i),
            axis - (axis == 0 ? 0 : 1),
            Launcher.slice(output, peeled, i));
      }
      return;
    }
    int missing = missing(index.rank());
    List<View> views = Launcher.pad(List.of(index, still(source, axis, index), output), 0, missing);
    Geometry geometry = new Geometry(4, index.rank() + missing, 3);
    long[] words = geometry.words(views.get(0).shape(), views, Launcher.NOTHING);
    words[0] = index.size();
    words[1] = source.shape()[axis];
    words[2] = source.strides()[axis];
    boolean narrow = Geometry.isNarrow(List.of(index, source, output));
    String key = "gather" + index.rank() + narrow + index.dtype() + source.dtype();
    Kernel kernel =
        kernel(
            key,
            "gather",
            index,
            source,
            () -> defines("GATHER", index, source, geometry, narrow, words.length));
    Faults.Launch launch = faults.get().launch(op, words[1], index.shape());
    start(launch, kernel, words, 3, index, source, output);
  }

  /** See {@link dev.quern.spi.Backend#scatterAdd}. */
  void scatterAdd(String op, View source, View index, int axis, View target) {
    if (index.size() == 0) {
      return;
    }
    if (index.rank() - 1 > Geometry.MAX_AXES) {
      int peeled = axis == 0 ? 1 : 0;
      for (long i = 0; i < index.shape()[peeled]; i++) {
        scatterAdd(
            op,
            Launcher.slice(source, peeled, i),
            Launcher.slice(index, peeled, i),
            axis - (axis == 0 ? 0 : 1),
            Launcher.slice(target, peeled, i));
      }
      return;
    }
    List<View> lines =
        List.of(
            Launcher.slice(index, axis, 0),
            Launcher.slice(source, axis, 0),
            Launcher.slice(still(target, axis, index), axis, 0));
    int missing = missing(index.rank() - 1);
    lines = Launcher.pad(lines, 0, missing);
    Geometry geometry = new Geometry(7, index.rank() - 1 + missing, 3);
    long[] words = geometry.words(lines.get(0).shape(), lines, Launcher.NOTHING);
    long length = index.shape()[axis];
    words[0] = lines.get(0).size();
    words[1] = length;
    words[2] = target.shape()[axis];
    words[3] = index.strides()[axis];
    words[4] = source.strides()[axis];
    words[5] = target.strides()[axis];
    boolean narrow = Geometry.isNarrow(List.of(index, source, target));
    String key = "scatter" + index.rank() + narrow + index.dtype() + source.dtype();
    Kernel kernel =
        kernel(
            key,
            "scatter_add",
            index,
            source,
            () -> defines("SCATTER_ADD", index, source, geometry, narrow, words.length));
    Faults.Launch launch = faults.get().launch(op, words[2], lineMajor(index.shape(), axis), axis);
    start(launch, kernel, words, 6, index, source, target);
  }

  // Prebuilt kernels take views of the most axes.
  private int missing(int rank) {
    return launcher.traits().prebuilt() ? Geometry.MAX_AXES - rank : 0;
  }

  private Kernel kernel(
      String key, String entry, View index, View source, Supplier<Map<String, String>> defines) {
    return launcher.traits().prebuilt()
        ? launcher.prebuilt("index", CTypes.named(entry, source.dtype(), index.dtype()))
        : launcher.kernel(key, "index", entry, defines);
  }

  private void start(
      Faults.Launch launch, Kernel kernel, long[] words, int slot, View index, View from, View to) {
    try {
      words[slot] = launch.offset();
      launcher.launch(
          kernel,
          launcher.items(words[0]),
          words,
          GpuBuffer.block(index),
          GpuBuffer.block(from),
          GpuBuffer.block(to),
          launch.block());
      launch.launched();
    } finally {
      launch.withdraw();
    }
  }

  // The view of an indexed array in the index's shape, standing still on the axis.
  private static View still(View view, int axis, View index) {
    long[] strides = view.strides().clone();
    strides[axis] = 0;
    return new View(view.buffer(), index.shape(), strides, view.offset());
  }

  // The extents in the order in which the kernel counts places: the axis last.
  private static long[] lineMajor(long[] shape, int axis) {
    long[] dims = new long[shape.length];
    int next = 0;
    for (int i = 0; i < shape.length; i++) {
      if (i != axis) {
        dims[next++] = shape[i];
      }
    }
    dims[next] = shape[axis];
    return dims;
  }

  private static String nothing(DType dtype) {
    return switch (dtype) {
      case F16 -> "0x7e00";
      case BF16 -> "0x7fc0";
      case F32, F64 -> "NAN";
      case I32, I64, BOOL -> "0";
    };
  }

  private Map<String, String> defines(
      String which, View index, View source, Geometry geometry, boolean narrow, int words) {
    Map<String, String> defines = launcher.common(narrow, words);
    defines.put(which, "1");
    defines.put("I", CTypes.name(index.dtype()));
    DType dtype = source.dtype();
    defines.put("T", CTypes.name(dtype));
    defines.put("NOTHING", nothing(dtype));
    boolean whole = dtype == DType.I32 || dtype == DType.I64;
    String unsigned = dtype == DType.I32 ? "(uint)" : "(ulong)";
    defines.put(
        "ADD(a, b)", whole ? "(T)(" + unsigned + "(a) + " + unsigned + "(b))" : "(a) + (b)");
    StringBuilder locate = new StringBuilder();
    geometry.start(locate, 0, 3);
    geometry.walk(locate, "o", "at", 0, geometry.axes(), 0, 3);
    defines.put("LOCATE", locate.toString());
    return defines;
  }
}
