package dev.quern.bench;

import dev.quern.DType;
import dev.quern.Precision;
import dev.quern.kernels.Block;
import dev.quern.kernels.Counters;
import dev.quern.kernels.Driver;
import dev.quern.kernels.Grid;
import dev.quern.kernels.Kernel;
import dev.quern.kernels.KernelKey;
import dev.quern.kernels.MatmulKernel;
import dev.quern.kernels.MatmulTiles;
import dev.quern.kernels.Run;
import dev.quern.kernels.Traits;
import dev.quern.spi.Buffer;
import dev.quern.spi.DeviceInfo;
import dev.quern.spi.Epilogue;
import dev.quern.spi.Op;
import dev.quern.spi.View;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Prints which kernels the launcher starts for a list of matrix products, with their macros,
 * geometry and arguments, for a C program to run them beside those of another library.
 *
 * <p>Usage: {@code MatmulPlan speed|check|small gpu|processor UNITS VECTOR_BYTES MAX_GROUP
 * LOCAL_BYTES}: the products that are timed, on a device with these traits; those whose results are
 * checked, on both classes of devices; or few and small ones for a slow simulator.
 */
public final class MatmulPlan {
  private static final long MIB = 1 << 20;

  private final PrintStream out;
  private final Traits traits;
  private int cases;

  private MatmulPlan(PrintStream out, Traits traits) {
    this.out = out;
    this.traits = traits;
  }

  /** Prints the plan. */
  public static void main(String[] args) {
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    int group = Integer.parseInt(args[4]);
    long local = Long.parseLong(args[5]);
    Traits traits =
        new Traits(
            args[1].equals("gpu"),
            Integer.parseInt(args[2]),
            group,
            local,
            512 * MIB,
            Integer.parseInt(args[3]),
            true,
            false);
    MatmulPlan plan = new MatmulPlan(out, traits);
    switch (args[0]) {
      case "speed" -> plan.speed();
      case "check" ->
          plan.check(new int[] {1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 63, 65, 100, 257});
      case "small" -> plan.small();
      default -> throw new IllegalArgumentException("plan: unknown list: " + args[0]);
    }
    out.flush();
  }

  private void speed() {
    int[][] shapes = {
      {256, 256, 256},
      {512, 512, 512},
      {1024, 1024, 1024},
      {256, 784, 128},
      {1024, 784, 10},
      {10, 784, 1024},
      {1024, 1024, 1},
      {1, 1024, 1024}
    };
    for (int[] s : shapes) {
      print(new Case(DType.F32, 1, s[0], s[2], s[1], 'n', 'n', '-', 'n', null, traits));
    }
    print(new Case(DType.F32, 1, 784, 128, 256, 't', 'n', '-', 'n', null, traits));
    print(new Case(DType.F32, 1, 1024, 1024, 1024, 'n', 't', '-', 'n', null, traits));
  }

  // Every pair of sizes with every other one and all layouts, types and epilogues in turn.
  private void check(int[] sizes) {
    for (boolean gpu : new boolean[] {false, true}) {
      for (int m : sizes) {
        for (int n : sizes) {
          for (int i = 0; i < 3; i++) {
            varied(gpu, m, n, sizes[(cases * 7 + i * 5) % sizes.length]);
          }
        }
      }
      for (int few : new int[] {1, 2, 4, 5, 16, 40}) {
        varied(gpu, few, 3, 9001);
        varied(gpu, few, 300, 2050);
        varied(gpu, 300, few, 2050);
      }
      varied(gpu, 300, 300, 600);
      for (int size : new int[] {1, 5, 33}) {
        varied(gpu, size, 2, 0);
        varied(gpu, size, 65, 0);
      }
    }
  }

  private void small() {
    int[] sizes = {1, 3, 17, 33};
    for (boolean gpu : new boolean[] {false, true}) {
      for (int m : sizes) {
        for (int n : sizes) {
          varied(gpu, m, n, sizes[(cases * 3 + 2) % sizes.length]);
        }
      }
      for (int few : new int[] {1, 4, 16}) {
        varied(gpu, few, 40, 129);
        varied(gpu, 140, few, 70);
      }
      varied(gpu, 2, 2, 9000);
      varied(gpu, 40, 3, 0);
      varied(gpu, 65, 140, 33);
    }
  }

  private void varied(boolean gpu, int m, int n, int k) {
    int i = cases;
    String layouts = "ntgrz";
    Op[] activations = {Op.RELU, Op.SIGMOID, Op.TANH};
    print(
        new Case(
            i % 3 == 2 ? DType.F64 : DType.F32,
            i % 4 == 3 ? 3 : 1,
            m,
            n,
            k,
            layouts.charAt(i / 2 % 5),
            layouts.charAt((i / 3 + i / 11) % 5),
            "-nvcs".charAt(i / 5 % 5),
            "nntgr".charAt(i / 7 % 5),
            i % 2 == 0 ? null : activations[i / 2 % 3],
            new Traits(
                gpu,
                i % 5 < 2 ? 2 : 64,
                256,
                32 << 10,
                512 * MIB,
                traits.vectorBytes(),
                true,
                false)));
  }

  private void print(Case c) {
    PrintedDriver driver = new PrintedDriver(c);
    View a = driver.view('a', c.left, c.m, c.k);
    View b = driver.view('b', c.right, c.k, c.n);
    View bias = c.bias == '-' ? null : driver.view('v', c.bias, c.m, c.n);
    View output = driver.view('c', c.output, c.m, c.n);
    out.printf(
        "case %s %d %d %d %d %d%n",
        c.dtype,
        c.batches,
        c.m,
        c.n,
        c.k,
        c.activation == null ? 0 : List.of(Op.RELU, Op.SIGMOID, Op.TANH).indexOf(c.activation) + 1);
    out.printf(
        "name %s%d:%dx%dx%d:%s%s%s%s%n",
        c.traits.gpu() ? "gpu:" : "",
        c.batches,
        c.m,
        c.k,
        c.n,
        c.left,
        c.right,
        c.output,
        (c.bias == '-' ? "" : ":" + c.bias) + (c.activation == null ? "" : ":" + c.activation));
    printView(a);
    printView(b);
    printView(bias);
    printView(output);
    new MatmulKernel(
            driver,
            buffer -> ((Memory) buffer).block,
            MatmulTiles.of(DType.F32, traits.vectorBytes()),
            MatmulTiles.of(DType.F64, traits.vectorBytes()))
        .run(a, b, new Epilogue(bias, c.activation), Precision.F32, output);
    out.println("end");
    cases++;
  }

  private void printView(@Nullable View v) {
    if (v == null) {
      out.println("view 0 0 0 0 0");
    } else {
      long[] s = v.strides();
      out.printf("view %d %d %d %d %d%n", v.buffer().size(), v.offset(), s[0], s[1], s[2]);
    }
  }

  // Layouts: n row-major, t column-major, g with gaps, r backwards, z the same matrix for the whole
  // batch; for a bias also v one row, c one column, s one value.
  private record Case(
      DType dtype,
      int batches,
      int m,
      int n,
      int k,
      char left,
      char right,
      char bias,
      char output,
      @Nullable Op activation,
      Traits traits) {}

  private record Place(int id, long bytes) implements Block {}

  private record Memory(DType dtype, long size, Place block) implements Buffer {
    @Override
    public void close() {}
  }

  private record Named(KernelKey key) implements Kernel {
    @Override
    public String name() {
      return key.entry();
    }
  }

  /** Prints what it is told to start. */
  private final class PrintedDriver implements Driver {
    private final Case task;
    private final Map<Character, Integer> ids =
        new HashMap<>(Map.of('a', 0, 'b', 1, 'v', 2, 'c', 3));
    private int blocks = 4;

    PrintedDriver(Case task) {
      this.task = task;
    }

    View view(char what, char layout, long rows, long columns) {
      long batch = rows * columns;
      long[] strides =
          switch (layout) {
            case 'n' -> new long[] {batch, columns, 1};
            case 't' -> new long[] {batch, 1, rows};
            case 'g' -> new long[] {(columns * 3 + 2) * rows + 1, columns * 3 + 2, 3};
            case 'r' -> new long[] {batch, -columns, -1};
            case 'z' -> new long[] {0, columns, 1};
            case 'v' -> new long[] {0, 0, 1};
            case 'c' -> new long[] {rows, 1, 0};
            case 's' -> new long[] {0, 0, 0};
            default -> throw new IllegalArgumentException("plan: unknown layout: " + layout);
          };
      long[] shape = {task.batches, rows, columns};
      long low = 0;
      long high = 0;
      for (int i = 0; i < 3; i++) {
        long reach = strides[i] * Math.max(0, shape[i] - 1);
        low += Math.min(0, reach);
        high += Math.max(0, reach);
      }
      long offset = (layout == 'n' ? 0 : 5) - low;
      long size = offset + high + 1;
      Place place = new Place(ids.getOrDefault(what, -1), size * task.dtype.bytes());
      return new View(new Memory(task.dtype, size, place), shape, strides, offset);
    }

    @Override
    public DeviceInfo info() {
      return new DeviceInfo("opencl:0", "plan", task.traits.gpu(), "");
    }

    @Override
    public Traits traits() {
      return task.traits;
    }

    @Override
    public Block allocate(long bytes) {
      Place place = new Place(blocks++, bytes);
      out.printf("alloc %d %d%n", place.id, bytes);
      return place;
    }

    @Override
    public void free(Block block) {}

    @Override
    public void upload(Object array, int start, Block target, long byteOffset, int count) {
      throw new UnsupportedOperationException("plan: upload");
    }

    @Override
    public void download(Block source, long byteOffset, Object array, int start, int count) {
      throw new UnsupportedOperationException("plan: download");
    }

    @Override
    public Kernel kernel(KernelKey key) {
      return new Named(key);
    }

    @Override
    public void launch(Kernel kernel, Grid grid, Block[] arguments, long[] parameters) {
      StringBuilder line = new StringBuilder("launch " + kernel.name());
      line.append(" %d %d %d".formatted(grid.groupsX(), grid.groupsY(), grid.groupsZ()));
      line.append(" %d %d %d".formatted(grid.sizeX(), grid.sizeY(), arguments.length));
      for (Block block : arguments) {
        line.append(' ').append(((Place) block).id);
      }
      line.append(' ').append(parameters.length);
      for (long word : parameters) {
        line.append(' ').append(word);
      }
      ((Named) kernel).key.defines().forEach((k, v) -> line.append(" -D" + k + "=" + v));
      out.println(line);
    }

    @Override
    public void synchronize() {}

    @Override
    public Counters counters() {
      throw new UnsupportedOperationException("plan: counters");
    }

    @Override
    public void profile(@Nullable Consumer<Run> listener) {
      throw new UnsupportedOperationException("plan: profile");
    }

    @Override
    public void close() {}
  }
}
