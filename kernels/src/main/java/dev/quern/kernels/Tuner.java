package dev.quern.kernels;

import dev.quern.DType;
import dev.quern.Precision;
import dev.quern.spi.Epilogue;
import dev.quern.spi.RandomKind;
import dev.quern.spi.View;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Tries sizes of matrix product tiles on a device and stores the fastest for this user. */
final class Tuner {
  /** Rows, depth and columns of the products that are timed: square ones, and a layer's. */
  private static final int[][] SHAPES = {{512, 512, 512}, {1024, 1024, 1024}, {256, 784, 128}};

  private static final int REPETITIONS = 5;

  private final GpuBackend backend;
  private final Driver driver;

  Tuner(GpuBackend backend, Driver driver) {
    this.backend = backend;
    this.driver = driver;
  }

  /**
   * Tunes the device.
   *
   * @param progress told of each thing that was tried
   * @return what was found, a line each
   */
  List<String> run(Consumer<String> progress) {
    List<String> found = new ArrayList<>();
    Tuning defaults = Tuning.defaults(driver.traits());
    MatmulTiles f32 = best(DType.F32, defaults.f32(), progress, found);
    MatmulTiles f64 =
        driver.traits().float64()
            ? best(DType.F64, defaults.f64(), progress, found)
            : defaults.f64();
    try {
      found.add("stored in " + new Tuning(f32, f64).store(driver.info(), driver.traits()));
    } catch (IOException e) {
      throw new UncheckedIOException("tuning: cannot be stored: " + e, e);
    }
    return found;
  }

  private MatmulTiles best(
      DType dtype, MatmulTiles start, Consumer<String> progress, List<String> found) {
    List<View[]> operands = new ArrayList<>();
    try {
      for (int[] shape : SHAPES) {
        operands.add(
            new View[] {
              random(dtype, 1, shape[0], shape[1]),
              random(dtype, 2, shape[1], shape[2]),
              random(dtype, 3, shape[0], shape[2])
            });
      }
      double base = speed(dtype, start, operands, null);
      List<double[]> truth = results(operands);
      MatmulTiles best = start;
      double most = base;
      for (MatmulTiles tiles : MatmulTiles.candidates(dtype, driver.traits())) {
        if (!fits(dtype, tiles) || tiles.equals(start)) {
          continue;
        }
        double speed = speed(dtype, tiles, operands, truth);
        progress.accept(
            String.format(
                Locale.ROOT,
                "%s %s %s: %.1f GFLOP/s",
                dtype,
                tiles.local().get(0),
                tiles.wide(),
                speed));
        if (speed > most) {
          most = speed;
          best = tiles;
        }
      }
      found.add(
          String.format(
              Locale.ROOT,
              "%s matmul: %.1f GFLOP/s by default, %.1f with %s %s",
              dtype,
              base,
              most,
              best.local().get(0),
              best.wide()));
      return best;
    } finally {
      for (View[] views : operands) {
        for (View view : views) {
          view.buffer().close();
        }
      }
    }
  }

  private boolean fits(DType dtype, MatmulTiles tiles) {
    return tiles.local().stream()
        .allMatch(
            tile ->
                tile.items() <= driver.traits().maxGroup()
                    && tile.bytes(dtype) <= driver.traits().localBytes());
  }

  private View random(DType dtype, long seed, long rows, long columns) {
    View view =
        new View(
            backend.allocate(dtype, rows * columns),
            new long[] {1, rows, columns},
            new long[] {rows * columns, columns, 1},
            0);
    View flat = new View(view.buffer(), new long[] {rows * columns}, new long[] {1}, 0);
    backend.random(RandomKind.UNIFORM, seed, 0, flat);
    return view;
  }

  // The geometric mean over the shapes of the best of a few runs; 0 for wrong results.
  private double speed(
      DType dtype, MatmulTiles tiles, List<View[]> operands, @Nullable List<double[]> truth) {
    MatmulKernel kernel = new MatmulKernel(driver, GpuBuffer::block, tiles, tiles);
    double logs = 0;
    for (int i = 0; i < operands.size(); i++) {
      View[] views = operands.get(i);
      Runnable work = () -> kernel.run(views[0], views[1], Epilogue.NONE, Precision.F32, views[2]);
      long best = Long.MAX_VALUE;
      work.run();
      for (int r = 0; r < REPETITIONS; r++) {
        best = Math.min(best, backend.timed(work));
      }
      if (truth != null && !isClose(dtype, truth.get(i), read(views[2]), SHAPES[i][1])) {
        return 0;
      }
      double flops = 2.0 * SHAPES[i][0] * SHAPES[i][1] * SHAPES[i][2];
      logs += Math.log(flops / Math.max(1, best));
    }
    return Math.exp(logs / operands.size());
  }

  private List<double[]> results(List<View[]> operands) {
    return operands.stream().map(views -> read(views[2])).toList();
  }

  private double[] read(View view) {
    int size = Math.toIntExact(view.size());
    double[] out = new double[size];
    if (view.dtype() == DType.F64) {
      backend.download(view.buffer(), 0, out, 0, size);
    } else {
      float[] floats = new float[size];
      backend.download(view.buffer(), 0, floats, 0, size);
      for (int i = 0; i < size; i++) {
        out[i] = floats[i];
      }
    }
    return out;
  }

  // All elements are sums of k products of numbers from [0, 1).
  private static boolean isClose(DType dtype, double[] expected, double[] actual, int k) {
    double bound = (dtype == DType.F64 ? 0x1p-52 : 0x1p-23) * k * k;
    for (int i = 0; i < expected.length; i++) {
      if (!(Math.abs(expected[i] - actual[i]) <= bound)) {
        return false;
      }
    }
    return true;
  }
}
