package dev.quern.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.DType;
import dev.quern.Precision;
import dev.quern.kernels.RecordingDriver.Elements;
import dev.quern.kernels.RecordingDriver.Launch;
import dev.quern.spi.Epilogue;
import dev.quern.spi.Op;
import dev.quern.spi.View;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Which of the kernels compiled ahead of time a product starts, with which grid and arguments. */
class PrebuiltMatmulTest {
  // Places among the words of matmul.h's Params.
  private static final int SPLITS = 4;
  private static final int DEPTH = 5;
  private static final int C_SPLIT = 22;
  private static final int BIASED = 23;
  private static final int ACTIVATION = 24;
  private static final int WORDS = 27;

  private static View rows(DType dtype, String name, long batch, long rows, long columns) {
    long[] shape = {batch, rows, columns};
    long[] strides = {rows * columns, columns, 1};
    return new View(new Elements(dtype, 1L << 40, name), shape, strides, 0);
  }

  private static View columns(DType dtype, String name, long batch, long rows, long columns) {
    long[] shape = {batch, rows, columns};
    long[] strides = {rows * columns, 1, rows};
    return new View(new Elements(dtype, 1L << 40, name), shape, strides, 0);
  }

  private static void run(RecordingDriver driver, View a, View b, Epilogue epilogue, View c) {
    new MatmulKernel(
            driver,
            buffer -> ((Elements) buffer).memory(),
            MatmulTiles.of(DType.F32, 64),
            MatmulTiles.of(DType.F64, 64))
        .run(a, b, epilogue, Precision.F32, c);
  }

  private static RecordingDriver run(DType dtype, int units, long m, long k, long n) {
    RecordingDriver driver = RecordingDriver.prebuilt(units);
    View a = rows(dtype, "a", 1, m, k);
    View b = rows(dtype, "b", 1, k, n);
    run(driver, a, b, Epilogue.NONE, rows(dtype, "c", 1, m, n));
    return driver;
  }

  private static List<String> names(Launch launch) {
    return launch.blocks().stream().map(b -> ((RecordingDriver.Memory) b).name()).toList();
  }

  @Test
  void shouldNameAllOfAKernelInItsEntry() {
    RecordingDriver driver = run(DType.F32, 8, 1024, 1024, 1024);

    KernelKey key = driver.compiled.get(0);
    assertEquals("matmul", key.family());
    assertEquals("matmul_local_f32_128x128", key.entry());
    assertTrue(key.defines().isEmpty());
    assertEquals(List.of("a", "b", "a", "c"), names(driver.launches.get(0)));
    assertEquals(WORDS, driver.launches.get(0).words().size());
    assertEquals(Grid.of(64, 256), driver.launches.get(0).grid());
  }

  @Test
  void shouldTakeF64FromAFamilyOfItsOwn() {
    RecordingDriver driver = run(DType.F64, 8, 1024, 1024, 1024);

    assertEquals("matmul_f64", driver.compiled.get(0).family());
    assertEquals(List.of("matmul_local_f64_64x64"), driver.entries());
    assertEquals(Grid.of(256, 128), driver.launches.get(0).grid());
  }

  @Test
  void shouldTakeSmallerTilesWhereLargeOnesLeaveUnitsIdle() {
    assertEquals(List.of("matmul_local_f32_128x128"), run(DType.F32, 1, 256, 64, 256).entries());
    assertEquals(List.of("matmul_local_f32_64x64"), run(DType.F32, 16, 256, 64, 256).entries());
    assertEquals(List.of("matmul_local_f32_32x32"), run(DType.F32, 64, 256, 64, 256).entries());
  }

  @Test
  void shouldSplitADeepProductAndAddTheEpilogueOnce() {
    RecordingDriver driver = RecordingDriver.prebuilt(64);
    View bias = rows(DType.F32, "bias", 1, 100, 100);

    run(
        driver,
        columns(DType.F32, "a", 1, 100, 100_001),
        rows(DType.F32, "b", 1, 100_001, 100),
        new Epilogue(bias, Op.TANH),
        rows(DType.F32, "c", 1, 100, 100));

    Launch parts = driver.launches.get(0);
    Launch sum = driver.launches.get(1);
    long splits = parts.words().get(SPLITS);
    long depth = parts.words().get(DEPTH);
    assertEquals("matmul_sum_f32", sum.entry());
    assertTrue(splits > 1);
    assertEquals(0, depth % 16);
    assertTrue(splits * depth >= 100_001 && (splits - 1) * depth < 100_001);
    assertEquals(List.of("a", "b", "a", "scratch0"), names(parts));
    assertEquals(10_000, parts.words().get(C_SPLIT));
    assertEquals(0, parts.words().get(BIASED));
    assertEquals(0, parts.words().get(ACTIVATION));
    assertEquals(List.of("scratch0", "scratch0", "bias", "c"), names(sum));
    assertEquals(splits, sum.words().get(SPLITS));
    assertEquals(1, sum.words().get(BIASED));
    assertEquals(3, sum.words().get(ACTIVATION));
    assertEquals(driver.allocated, driver.freed);
  }

  @Test
  void shouldNotSplitWhereTheLaunchCostsMore() {
    assertEquals(1, run(DType.F32, 64, 100, 512, 100).launches.size());
  }

  @Test
  void shouldTakeThreadsForColumnsWhereTheyAreNeighbours() {
    RecordingDriver driver = run(DType.F32, 1, 5, 40, 3000);

    assertEquals(List.of("matmul_columns_f32_8"), driver.entries());
    assertEquals(Grid.of(6, 128), driver.launches.get(0).grid());
  }

  @Test
  void shouldTakeWarpsForColumnsThatAreFarApart() {
    RecordingDriver driver = run(DType.F32, 1, 1000, 40, 16);
    RecordingDriver one = run(DType.F64, 1, 1000, 40, 1);

    assertEquals(List.of("matmul_rows_f32_16"), driver.entries());
    assertEquals(Grid.of(63, 128), driver.launches.get(0).grid());
    assertEquals(List.of("matmul_rows_f64_1"), one.entries());
    assertEquals(Grid.of(250, 128), one.launches.get(0).grid());
  }

  @Test
  void shouldSplitADotProduct() {
    RecordingDriver driver = run(DType.F32, 16, 1, 1 << 20, 1);

    assertEquals(List.of("matmul_rows_f32_1", "matmul_sum_f32"), driver.entries());
    assertEquals(Grid.of(64, 128), driver.launches.get(0).grid());
    assertEquals(0, driver.launches.get(0).words().get(DEPTH) % 128);
  }

  @Test
  void shouldWriteTheEpilogueOfNothingWhereKIsZero() {
    for (long n : new long[] {1, 7, 70}) {
      RecordingDriver driver = run(DType.F32, 8, 40, 0, n);

      assertEquals(1, driver.launches.size());
      assertEquals(1, driver.launches.get(0).words().get(SPLITS));
    }
  }

  @Test
  void shouldKeepEveryGridWithinItsLimit() {
    for (long[] size : new long[][] {{1L << 20, 1L << 20}, {1L << 30, 5}, {5, 1L << 30}}) {
      RecordingDriver driver = run(DType.F32, 8, size[0], 100, size[1]);

      assertTrue(driver.launches.get(0).grid().groupsX() <= 1 << 20);
    }
  }

  @Test
  void shouldNameOnlyKernelsThatWereBuilt() {
    Set<String> built = new TreeSet<>();
    for (String family : List.of("matmul", "matmul_f64")) {
      for (int major : new int[] {7, 8}) {
        Ptx.of(family, major, major == 7 ? 5 : 0)
            .lines()
            .filter(line -> line.startsWith(".visible .entry "))
            .forEach(line -> built.add(major + line.substring(15, line.indexOf('('))));
      }
    }

    for (DType dtype : List.of(DType.F32, DType.F64)) {
      for (long m = 1; m < 300; m = m * 3 / 2 + 1) {
        for (long n = 1; n < 3000; n = n * 3 / 2 + 1) {
          for (String entry : run(dtype, 16, m, 2000, n).entries()) {
            assertTrue(built.contains("7 " + entry), entry);
            assertTrue(built.contains("8 " + entry), entry);
          }
        }
      }
    }
  }
}
