package dev.quern.kernels;

import dev.quern.DType;
import dev.quern.spi.Program;
import dev.quern.spi.View;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** What all families of kernels need: the driver, the pool, and kernels by a short key. */
final class Launcher {
  /** A program without instructions, for kernels that run none. */
  static final Program NOTHING =
      new Program(new DType[0], new DType[0], new long[0], new Program.Instruction[0], new int[0]);

  private static final long SMALL = 1 << 17;

  private final Driver driver;
  private final BlockPool pool;
  private final Map<String, Kernel> kernels = new ConcurrentHashMap<>();

  Launcher(Driver driver, BlockPool pool) {
    this.driver = driver;
    this.pool = pool;
  }

  Driver driver() {
    return driver;
  }

  Traits traits() {
    return driver.traits();
  }

  /** Returns a kernel, rendering its macros only the first time its key is seen. */
  Kernel kernel(String key, String family, String entry, Supplier<Map<String, String>> defines) {
    Kernel known = kernels.get(key);
    if (known != null) {
      return known;
    }
    TreeMap<String, String> sorted = new TreeMap<>(defines.get());
    Kernel made = driver.kernel(new KernelKey(family, entry, sorted));
    kernels.put(key, made);
    return made;
  }

  /** Returns a kernel that was compiled ahead of time. */
  Kernel prebuilt(String family, String entry) {
    return kernel(entry, family, entry, Map::of);
  }

  /** Returns the macros that every kernel needs, in a map to be added to. */
  Map<String, String> common(boolean narrow, int words) {
    Map<String, String> defines = new TreeMap<>();
    defines.put("INDEX", narrow ? "int" : "long");
    defines.put("WORDS", Integer.toString(words));
    if (traits().float64()) {
      defines.put("FLOAT64", "1");
    }
    return defines;
  }

  void launch(Kernel kernel, Grid grid, long[] words, Block... blocks) {
    driver.launch(kernel, grid, blocks, words);
  }

  /** Returns a new contiguous view in scratch memory, whose buffer the caller closes. */
  View scratch(DType dtype, long... shape) {
    long size = 1;
    long[] strides = new long[shape.length];
    for (int i = shape.length - 1; i >= 0; i--) {
      strides[i] = size;
      size *= shape[i];
    }
    Block block = pool.scratch(Math.max(1, size) * dtype.bytes());
    return new View(new GpuBuffer(dtype, size, block, pool), shape, strides, 0);
  }

  /** Returns how many work items a group has by default. */
  int group() {
    return traits().gpu() ? Math.min(256, traits().maxGroup()) : 1;
  }

  /** Returns a grid for so many independent items, few enough that each is worth starting. */
  Grid items(long count) {
    int size = group();
    long most = (long) traits().computeUnits() * (traits().gpu() ? 32 : 4);
    return Grid.of(Math.max(1, Math.min(most, (count + size - 1) / size)), size);
  }

  /** Returns a grid of so many groups of {@link #group}, few enough to be worth starting. */
  Grid groups(long count) {
    long most = (long) traits().computeUnits() * 32;
    return Grid.of(Math.max(1, Math.min(most, count)), group());
  }

  /**
   * Returns whether work is too little for a kernel of its own kind to pay: compiling one takes far
   * longer than a general one loses on it.
   */
  static boolean isSmall(long elements) {
    return elements <= SMALL;
  }

  /** Returns views with axes of 1 inserted, so that fewer kernels serve more ranks. */
  static List<View> pad(List<View> views, int at, int count) {
    return count == 0 ? views : views.stream().map(view -> pad(view, at, count)).toList();
  }

  /** Returns a view with axes of 1 inserted. */
  static View pad(View view, int at, int count) {
    int rank = view.rank();
    long[] shape = new long[rank + count];
    long[] strides = new long[rank + count];
    System.arraycopy(view.shape(), 0, shape, 0, at);
    System.arraycopy(view.strides(), 0, strides, 0, at);
    Arrays.fill(shape, at, at + count, 1);
    System.arraycopy(view.shape(), at, shape, at + count, rank - at);
    System.arraycopy(view.strides(), at, strides, at + count, rank - at);
    return new View(view.buffer(), shape, strides, view.offset());
  }

  /** Returns the view of the first elements of rows, padded to the most axes. */
  static View row(View view) {
    View rows = slice(view, view.rank() - 1, 0);
    return pad(rows, 0, Geometry.MAX_AXES - rows.rank());
  }

  static long product(long[] shape, int from, int to) {
    long product = 1;
    for (int i = from; i < to; i++) {
      product *= shape[i];
    }
    return product;
  }

  /** Returns views at one index of an axis, without that axis. */
  static List<View> slice(List<View> views, int axis, long index) {
    return views.stream().map(view -> slice(view, axis, index)).toList();
  }

  /** Returns a view at one index of an axis, without that axis. */
  static View slice(View view, int axis, long index) {
    int rank = view.rank();
    long[] shape = new long[rank - 1];
    long[] strides = new long[rank - 1];
    for (int i = 0, j = 0; i < rank; i++) {
      if (i != axis) {
        shape[j] = view.shape()[i];
        strides[j++] = view.strides()[i];
      }
    }
    long offset = view.offset() + index * view.strides()[axis];
    return new View(view.buffer(), shape, strides, offset);
  }
}
