package dev.quern.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.BackendException;
import dev.quern.DType;
import dev.quern.Precision;
import dev.quern.kernels.RecordingDriver.Elements;
import dev.quern.kernels.RecordingDriver.Launch;
import dev.quern.spi.Epilogue;
import dev.quern.spi.View;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which products go to tensor cores, and what is copied for them first. */
class TensorMatmulTest {
  // Places among the words of matmul.h's Params.
  private static final int A = 6;
  private static final int B = 10;
  private static final int C = 18;
  private static final int ROUNDED = 25;

  private static View view(String name, long[] shape, long[] strides, long offset) {
    return new View(new Elements(DType.F32, 1L << 40, name), shape, strides, offset);
  }

  private static View rows(String name, long batch, long rows, long columns) {
    long[] shape = {batch, rows, columns};
    return view(name, shape, new long[] {rows * columns, columns, 1}, 0);
  }

  private static RecordingDriver driver(int units, long localBytes, boolean tensorCores) {
    return new RecordingDriver(
        new Traits(true, units, 1024, localBytes, 1L << 40, 64, true, true, tensorCores));
  }

  private static RecordingDriver driver() {
    return driver(132, 227 << 10, true);
  }

  private static void run(RecordingDriver driver, View a, View b, Precision precision, View c) {
    new MatmulKernel(
            driver,
            buffer -> ((Elements) buffer).memory(),
            MatmulTiles.of(DType.F32, 64),
            MatmulTiles.of(DType.F64, 64))
        .run(a, b, Epilogue.NONE, precision, c);
  }

  private static RecordingDriver run(
      RecordingDriver driver, Precision precision, long m, long k, long n) {
    run(driver, rows("a", 1, m, k), rows("b", 1, k, n), precision, rows("c", 1, m, n));
    return driver;
  }

  private static List<String> names(Launch launch) {
    return launch.blocks().stream().map(b -> ((RecordingDriver.Memory) b).name()).toList();
  }

  private static List<Long> operand(Launch launch, int at) {
    return launch.words().subList(at, at + 4);
  }

  @Test
  void shouldReadAlignedOperandsWhereTheyAre() {
    RecordingDriver driver = run(driver(), Precision.TF32, 4096, 4096, 4096);

    Launch launch = driver.launches.get(0);
    assertEquals("matmul_tensor", driver.compiled.get(0).family());
    assertEquals(List.of("matmul_tensor_tf32_128x256"), driver.entries());
    assertEquals(new Grid(512, 1, 1, 256, 1, 96 << 10), launch.grid());
    assertEquals(List.of("a", "b", "a", "c"), names(launch));
  }

  @Test
  void shouldKeepToF32UnlessRoundingIsAllowed() {
    RecordingDriver exact = run(driver(), Precision.F32, 4096, 4096, 4096);
    RecordingDriver old = run(driver(8, 48 << 10, false), Precision.BF16, 4096, 4096, 4096);

    assertEquals(List.of("matmul_local_f32_128x128"), exact.entries());
    assertEquals(List.of("matmul_local_f32_128x128"), old.entries());
  }

  @Test
  void shouldNotRoundF64() {
    RecordingDriver driver = driver();
    View matrix =
        new View(
            new Elements(DType.F64, 1 << 20, "x"),
            new long[] {1, 512, 512},
            new long[] {0, 512, 1},
            0);

    run(driver, matrix, matrix, Precision.TF32, matrix);

    assertEquals("matmul_f64", driver.compiled.get(0).family());
  }

  @Test
  void shouldLeaveFewRowsToThreads() {
    assertEquals(
        List.of("matmul_columns_f32_16"), run(driver(), Precision.TF32, 10, 64, 9999).entries());
  }

  @Test
  void shouldCopyRowsThatAreNotAligned() {
    RecordingDriver driver = run(driver(), Precision.TF32, 300, 200, 301);

    Launch copy = driver.launches.get(0);
    Launch product = driver.launches.get(1);
    assertEquals("matmul_pack_32", copy.entry());
    assertEquals(List.of("b", "b", "b", "scratch0"), names(copy));
    assertEquals(List.of(200L, 1L, 301L, 1L), copy.words().subList(0, 4));
    assertEquals(List.of(0L, 0L, 304L, 1L), operand(copy, C));
    assertEquals(200 * 304 * 4, driver.allocated.get(0).bytes());
    assertEquals(List.of("a", "scratch0", "a", "c"), names(product));
    assertEquals(List.of(0L, 60_000L, 200L, 1L), operand(product, A));
    assertEquals(List.of(0L, 0L, 304L, 1L), operand(product, B));
    assertEquals(driver.allocated, driver.freed);
  }

  @Test
  void shouldCopyAStridedOperandAlongItsShorterStride() {
    RecordingDriver driver = driver();
    View a = view("a", new long[] {3, 100, 64}, new long[] {0, 2, 1000}, 8);

    run(driver, a, rows("b", 3, 64, 128), Precision.TF32, rows("c", 3, 100, 128));

    Launch copy = driver.launches.get(0);
    Launch product = driver.launches.get(1);
    assertEquals(List.of(64L, 1L, 100L, 1L), copy.words().subList(0, 4));
    assertEquals(List.of(8L, 0L, 1000L, 2L), operand(copy, A));
    assertEquals(List.of(0L, 0L, 1L, 100L), operand(product, A));
  }

  @Test
  void shouldRoundToBf16WhereThatGains() {
    RecordingDriver large = run(driver(), Precision.BF16, 4096, 4096, 4096);
    RecordingDriver small = run(driver(), Precision.BF16, 512, 512, 512);

    assertEquals(
        List.of("matmul_pack_bf16", "matmul_pack_bf16", "matmul_tensor_bf16_128x256"),
        large.entries());
    assertEquals(List.of("scratch0", "scratch1", "scratch0", "c"), names(large.launches.get(2)));
    assertEquals(4096L * 4096 * 2, large.allocated.get(0).bytes());
    assertTrue(small.entries().get(0).startsWith("matmul_tensor_tf32_"), small.entries()::toString);
  }

  @Test
  void shouldTakeATileThatFitsTheMemoryOfAGroup() {
    RecordingDriver driver = run(driver(8, 64 << 10, true), Precision.TF32, 4096, 4096, 4096);

    assertEquals(List.of("matmul_tensor_tf32_128x128"), driver.entries());
    assertEquals(64 << 10, driver.launches.get(0).grid().localBytes());
  }

  @Test
  void shouldSplitADeepProduct() {
    RecordingDriver driver = run(driver(), Precision.TF32, 64, 1 << 20, 64);

    assertEquals(List.of("matmul_tensor_tf32_64x64", "matmul_sum_f32"), driver.entries());
    assertEquals(0, driver.launches.get(0).words().get(5) % 16);
  }

  private static View half(DType dtype, String name, long rows, long columns) {
    long[] shape = {1, rows, columns};
    return new View(new Elements(dtype, 1L << 40, name), shape, new long[] {0, columns, 1}, 0);
  }

  @Test
  void shouldMultiplyHalvesAsTheyAre() {
    RecordingDriver driver = driver();
    View a = half(DType.F16, "a", 4, 64);
    View b = half(DType.F16, "b", 64, 80);

    run(driver, a, b, Precision.F32, rows("c", 1, 4, 80));
    run(driver, a, b, Precision.F32, half(DType.F16, "h", 4, 80));

    assertEquals(List.of("matmul_tensor_f16_64x64", "matmul_tensor_f16_64x64"), driver.entries());
    assertEquals(0, driver.launches.get(0).words().get(ROUNDED));
    assertEquals(1, driver.launches.get(1).words().get(ROUNDED));
  }

  @Test
  void shouldRoundTheSumOfPartsOnce() {
    RecordingDriver driver = driver();
    View a = half(DType.BF16, "a", 8, 1 << 16);
    View b = half(DType.BF16, "b", 1 << 16, 33);

    run(driver, a, b, Precision.F32, half(DType.BF16, "c", 8, 33));

    assertEquals(
        List.of("matmul_pack_16", "matmul_tensor_bf16_64x64", "matmul_tensor_sum_bf16"),
        driver.entries());
    assertEquals(0, driver.launches.get(1).words().get(ROUNDED));
    assertEquals(1, driver.launches.get(2).words().get(ROUNDED));
    assertEquals((1 << 16) * 40 * 2, driver.allocated.get(0).bytes());
  }

  @Test
  void shouldNameOnlyKernelsThatWereBuilt() {
    String built = Ptx.of("matmul_tensor", 8, 0);

    for (long size = 17; size < 9000; size *= 2) {
      for (Precision precision : List.of(Precision.TF32, Precision.BF16)) {
        RecordingDriver driver = run(driver(), precision, size, size, size);
        for (KernelKey key : driver.compiled) {
          if (key.family().equals("matmul_tensor")) {
            assertTrue(built.contains(".visible .entry " + key.entry() + "("), key.entry());
          }
        }
      }
    }
  }

  @Test
  void shouldGiveCopiesBackWhenALaunchFails() {
    RecordingDriver driver = driver();
    driver.failing = true;

    assertThrows(BackendException.class, () -> run(driver, Precision.TF32, 99, 99, 99));

    assertEquals(1, driver.allocated.size());
    assertEquals(driver.allocated, driver.freed);
  }
}
