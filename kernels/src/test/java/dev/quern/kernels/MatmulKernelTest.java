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
import dev.quern.spi.Op;
import dev.quern.spi.View;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which kernels a product starts, with which macros, grid and arguments. */
class MatmulKernelTest {
  // Places in the structure Params of matmul.cl.
  private static final int SPLITS = 4;
  private static final int DEPTH = 5;
  private static final int A = 6;
  private static final int B = 10;
  private static final int BIAS = 14;
  private static final int C = 18;
  private static final int C_SPLIT = 22;
  private static final int BIASED = 23;
  private static final int ACTIVATION = 24;
  private static final int WIDTH = 25;

  private static View view(String name, DType dtype, long[] shape, long[] strides, long offset) {
    return new View(new Elements(dtype, 1L << 40, name), shape, strides, offset);
  }

  private static View rows(String name, long batch, long rows, long columns) {
    long[] strides = {rows * columns, columns, 1};
    return view(name, DType.F32, new long[] {batch, rows, columns}, strides, 0);
  }

  private static View columns(String name, long batch, long rows, long columns) {
    long[] strides = {rows * columns, 1, rows};
    return view(name, DType.F32, new long[] {batch, rows, columns}, strides, 0);
  }

  private static void run(RecordingDriver driver, View a, View b, Epilogue epilogue, View c) {
    new MatmulKernel(
            driver,
            buffer -> ((Elements) buffer).memory(),
            MatmulTiles.of(DType.F32, 64),
            MatmulTiles.of(DType.F64, 64))
        .run(a, b, epilogue, Precision.F32, c);
  }

  private static void run(RecordingDriver driver, long m, long k, long n) {
    run(driver, rows("a", 1, m, k), rows("b", 1, k, n), Epilogue.NONE, rows("c", 1, m, n));
  }

  private static List<String> names(Launch launch) {
    return launch.blocks().stream().map(b -> ((RecordingDriver.Memory) b).name()).toList();
  }

  private static List<Long> operand(Launch launch, int at) {
    return launch.words().subList(at, at + 4);
  }

  private static List<Long> sizes(Launch launch) {
    return launch.words().subList(0, 4);
  }

  @Test
  void shouldPackALargeRightMatrixOnAProcessor() {
    RecordingDriver driver = RecordingDriver.processor();

    run(driver, 257, 1000, 1025);

    assertEquals(List.of("matmul_pack", "matmul_tile"), driver.entries());
    Launch pack = driver.launches.get(0);
    Launch tile = driver.launches.get(1);
    assertEquals(List.of("b", "scratch0"), names(pack));
    assertEquals(List.of("a", "scratch0", "a", "c"), names(tile));
    assertEquals(Grid.of(33 * 16, 1), pack.grid());
    assertEquals(Grid.of(33 * 9, 1), tile.grid());
    assertEquals(33 * 32 * 1000 * 4, driver.allocated.get(0).bytes());
    assertEquals(List.of(0L, 33 * 32 * 1000L, 32L, 1L), operand(tile, B));
    assertEquals(32, tile.words().get(WIDTH));
    assertEquals(driver.allocated, driver.freed);
  }

  @Test
  void shouldReadASmallRightMatrixWhereItIs() {
    RecordingDriver driver = RecordingDriver.processor();

    run(driver, 100, 65, 65);

    Launch tile = driver.launches.get(0);
    assertEquals(List.of("matmul_tile"), driver.entries());
    assertEquals(List.of("a", "b", "a", "c"), names(tile));
    assertEquals(Grid.of(4 * 3, 1), tile.grid());
    assertEquals(0, tile.words().get(WIDTH));
  }

  @Test
  void shouldPackColumnsTooFewForATile() {
    RecordingDriver driver = RecordingDriver.processor();

    run(driver, 100, 65, 31);

    assertEquals(List.of("matmul_pack", "matmul_tile"), driver.entries());
  }

  @Test
  void shouldTakeTheNarrowTileForFewColumns() {
    RecordingDriver driver = RecordingDriver.processor();

    run(driver, 1024, 784, 10);

    Launch tile = driver.launches.get(1);
    assertEquals(List.of("matmul_pack", "matmul_tile"), driver.entries());
    assertEquals("1", tile.macros().get("VECTORS"));
    assertEquals(List.of(1024L, 10L, 784L, 1L), sizes(tile));
  }

  @Test
  void shouldTurnFewRowsOfATransposedRightMatrixIntoColumns() {
    RecordingDriver driver = RecordingDriver.processor();

    run(
        driver,
        rows("a", 1, 10, 784),
        columns("b", 1, 784, 1024),
        Epilogue.NONE,
        rows("c", 1, 10, 1024));

    Launch tile = driver.launches.get(1);
    assertEquals(List.of(1024L, 10L, 784L, 1L), sizes(tile));
    assertEquals(List.of("b", "scratch0", "b", "c"), names(tile));
    assertEquals(List.of(0L, 784 * 1024L, 784L, 1L), operand(tile, A));
    assertEquals(List.of(0L, 10240L, 1L, 1024L), operand(tile, C));
  }

  @Test
  void shouldTakeRowsOfFewRowsWhereTheyAre() {
    for (int m : new int[] {1, 2, 3, 4}) {
      RecordingDriver driver = RecordingDriver.processor();

      run(driver, m, 300, 1000);

      Launch tile = driver.launches.get(0);
      assertEquals(List.of("matmul_tile"), driver.entries());
      assertEquals(m == 3 ? "4" : String.valueOf(m), tile.macros().get("ROWS"));
    }
  }

  @Test
  void shouldTakeDotProductsForAMatrixTimesAVector() {
    RecordingDriver driver = RecordingDriver.processor();

    run(driver, 1001, 300, 1);

    Launch dot = driver.launches.get(0);
    assertEquals(List.of("matmul_dot"), driver.entries());
    assertEquals(List.of(1L, 1001L, 300L, 1L), sizes(dot));
    assertEquals(List.of("b", "a", "b", "c"), names(dot));
    assertEquals(Grid.of(251, 1), dot.grid());
  }

  @Test
  void shouldMakeAStridedVectorContiguousForDotProducts() {
    RecordingDriver driver = RecordingDriver.processor();

    run(driver, 1001, 300, 3);

    assertEquals(List.of("matmul_pack", "matmul_dot"), driver.entries());
    assertEquals(1, driver.launches.get(0).words().get(WIDTH));
    assertEquals(List.of(0L, 0L, 300L, 1L), operand(driver.launches.get(1), A));
  }

  @Test
  void shouldStartNothingForAnEmptyResult() {
    RecordingDriver driver = RecordingDriver.gpu(8);

    run(driver, 0, 3, 5);
    run(driver, 5, 3, 0);

    assertEquals(List.of(), driver.entries());
  }

  @Test
  void shouldWriteTheEpilogueOfNothingWhereKIsZero() {
    for (RecordingDriver driver : List.of(RecordingDriver.processor(), RecordingDriver.gpu(8))) {
      run(driver, 40, 0, 7);
      run(driver, 40, 0, 70);
      run(driver, 1, 0, 1);

      assertEquals(3, driver.launches.size());
      for (Launch launch : driver.launches) {
        assertEquals(0, launch.words().get(2));
        assertEquals(1, splits(launch));
      }
    }
  }

  private static long splits(Launch launch) {
    return launch.words().get(SPLITS);
  }

  @Test
  void shouldPassStridesAndOffsetsOn() {
    RecordingDriver driver = RecordingDriver.gpu(1);
    View a = view("a", DType.F64, new long[] {3, 70, 40}, new long[] {-5, 0, 1L << 33}, 1L << 40);
    View b = view("b", DType.F64, new long[] {3, 40, 50}, new long[] {0, -7, 3}, 900);
    View bias = view("bias", DType.F64, new long[] {3, 70, 50}, new long[] {0, 0, 1}, 11);
    View c = view("c", DType.F64, new long[] {3, 70, 50}, new long[] {9000, 100, 2}, 13);

    run(driver, a, b, new Epilogue(bias, Op.TANH), c);

    Launch launch = driver.launches.get(0);
    assertEquals(List.of("a", "b", "bias", "c"), names(launch));
    assertEquals("1", launch.macros().get("F64"));
    assertEquals("3", launch.macros().get("ACTIVATION"));
    assertEquals(List.of(70L, 50L, 40L, 3L), sizes(launch));
    assertEquals(List.of(1L << 40, -5L, 0L, 1L << 33), operand(launch, A));
    assertEquals(List.of(900L, 0L, -7L, 3L), operand(launch, B));
    assertEquals(List.of(11L, 0L, 0L, 1L), operand(launch, BIAS));
    assertEquals(List.of(13L, 9000L, 100L, 2L), operand(launch, C));
    assertEquals(1, launch.words().get(BIASED));
    assertEquals(3, launch.words().get(ACTIVATION));
  }

  @Test
  void shouldTurnAProductWhoseResultHasContiguousColumns() {
    RecordingDriver driver = RecordingDriver.gpu(1);

    run(driver, rows("a", 1, 70, 40), rows("b", 1, 40, 50), Epilogue.NONE, columns("c", 1, 70, 50));

    Launch launch = driver.launches.get(0);
    assertEquals(List.of("b", "a", "b", "c"), names(launch));
    assertEquals(List.of(50L, 70L, 40L, 1L), sizes(launch));
    assertEquals(List.of(0L, 3500L, 70L, 1L), operand(launch, C));
  }

  @Test
  void shouldMergeABatchThatSharesAMatrix() {
    View shared = view("b", DType.F32, new long[] {5, 40, 50}, new long[] {0, 50, 1}, 0);
    RecordingDriver right = RecordingDriver.gpu(1);
    RecordingDriver left = RecordingDriver.gpu(1);

    run(right, rows("a", 5, 30, 40), shared, Epilogue.NONE, rows("c", 5, 30, 50));
    // The matrices beside one another: column j of matrix l is column 30 l + j.
    View beside = view("a", DType.F32, new long[] {5, 50, 30}, new long[] {30, 150, 1}, 0);
    View result = view("c", DType.F32, new long[] {5, 40, 30}, new long[] {30, 150, 1}, 0);
    run(left, shared, beside, Epilogue.NONE, result);

    assertEquals(List.of(150L, 50L, 40L, 1L), sizes(right.launches.get(0)));
    assertEquals(List.of(40L, 150L, 50L, 1L), sizes(left.launches.get(0)));
  }

  @Test
  void shouldNotMergeABatchWhoseBiasDiffers() {
    View shared = view("b", DType.F32, new long[] {5, 40, 50}, new long[] {0, 50, 1}, 0);
    View bias = view("bias", DType.F32, new long[] {5, 30, 50}, new long[] {50, 0, 1}, 0);
    RecordingDriver driver = RecordingDriver.gpu(1);

    run(driver, rows("a", 5, 30, 40), shared, new Epilogue(bias, null), rows("c", 5, 30, 50));

    assertEquals(List.of(30L, 50L, 40L, 5L), sizes(driver.launches.get(0)));
  }

  @Test
  void shouldTakeSmallerTilesWhereLargeOnesAreTooFew() {
    RecordingDriver few = RecordingDriver.gpu(16);
    RecordingDriver many = RecordingDriver.gpu(64);

    run(few, 500, 40, 510);
    run(many, 500, 40, 510);

    assertEquals("128", few.launches.get(0).macros().get("TILE_M"));
    assertEquals(new Grid(16, 1, 1, 16, 16), few.launches.get(0).grid());
    assertEquals("64", many.launches.get(0).macros().get("TILE_M"));
    assertEquals(new Grid(64, 1, 1, 16, 16), many.launches.get(0).grid());
  }

  @Test
  void shouldRefuseADeviceThatNoTileFits() {
    RecordingDriver driver =
        new RecordingDriver(new Traits(true, 8, 64, 32 << 10, 1L << 30, 64, true, false));

    assertThrows(IllegalStateException.class, () -> run(driver, 500, 40, 510));
  }

  @Test
  void shouldSplitADeepProductAndAddTheEpilogueOnce() {
    RecordingDriver driver = RecordingDriver.gpu(16);
    View bias = view("bias", DType.F32, new long[] {1, 30, 31}, new long[] {0, 0, 1}, 0);

    run(
        driver,
        rows("a", 1, 30, 10001),
        rows("b", 1, 10001, 31),
        new Epilogue(bias, Op.RELU),
        rows("c", 1, 30, 31));

    Launch parts = driver.launches.get(0);
    Launch sum = driver.launches.get(1);
    assertEquals(List.of("matmul_local", "matmul_sum"), driver.entries());
    assertEquals(32, splits(parts));
    assertEquals(313, parts.words().get(DEPTH));
    assertEquals(new Grid(32, 1, 1, 16, 16), parts.grid());
    assertEquals(List.of("a", "b", "a", "scratch0"), names(parts));
    assertEquals(30 * 31, parts.words().get(C_SPLIT));
    assertEquals(0, parts.words().get(BIASED));
    assertEquals(0, parts.words().get(ACTIVATION));
    assertEquals("0", parts.macros().get("ACTIVATION"));
    assertEquals(32L * 30 * 31 * 4, driver.allocated.get(0).bytes());
    assertEquals(List.of("scratch0", "bias", "c"), names(sum));
    assertEquals(32, splits(sum));
    assertEquals(1, sum.words().get(BIASED));
    assertEquals(1, sum.words().get(ACTIVATION));
  }

  @Test
  void shouldLeaveNoPartOfASplitProductEmpty() {
    for (int k = 1; k < 3000; k += 37) {
      RecordingDriver driver = RecordingDriver.gpu(100);

      run(driver, 1, k, 1);

      Launch launch = driver.launches.get(0);
      long depth = launch.words().get(DEPTH);
      assertTrue(splits(launch) * depth >= k, () -> launch.toString());
      assertTrue((splits(launch) - 1) * depth < k, () -> launch.toString());
    }
  }

  @Test
  void shouldTakeAWorkItemPerColumnWhereColumnsAreNeighbours() {
    RecordingDriver driver = RecordingDriver.gpu(1);

    run(driver, 5, 40, 1000);

    Launch launch = driver.launches.get(0);
    assertEquals(List.of("matmul_columns"), driver.entries());
    assertEquals("8", launch.macros().get("ROWS"));
    assertEquals(Grid.of(16, 64), launch.grid());
  }

  @Test
  void shouldTakeAGroupPerColumnWhereColumnsAreFarApart() {
    RecordingDriver driver = RecordingDriver.gpu(1);

    run(driver, 1000, 40, 16);

    Launch launch = driver.launches.get(0);
    assertEquals(List.of("matmul_rows"), driver.entries());
    assertEquals("16", launch.macros().get("ROWS"));
    assertEquals(Grid.of(1000, 128), launch.grid());
    assertEquals(List.of(16L, 1000L, 40L, 1L), sizes(launch));
  }

  @Test
  void shouldPackPiecesThatFitTheDevice() {
    // A block holds three panels of 32 columns, or three small matrices.
    long most = 3L * 300 * 32 * 4;
    RecordingDriver wide =
        new RecordingDriver(new Traits(false, 1, 4096, 2 << 20, most, 64, true, false));
    RecordingDriver batch =
        new RecordingDriver(new Traits(false, 1, 4096, 2 << 20, most, 64, true, false));

    run(wide, 200, 300, 1000);
    run(
        batch,
        rows("a", 8, 200, 300),
        columns("b", 8, 300, 20),
        Epilogue.NONE,
        rows("c", 8, 200, 20));

    assertEquals(List.of(most), sizesOf(wide.allocated));
    assertEquals(List.of(96L, 96L, 96L, 96L, 96L, 96L, 96L, 96L, 96L, 96L, 40L), taken(wide, 1));
    assertEquals(List.of(0L, 96L, 192L), taken(wide, C).subList(0, 3));
    assertEquals(List.of(most), sizesOf(batch.allocated));
    assertEquals(List.of(3L, 3L, 2L), taken(batch, 3));
    assertEquals(List.of(0L, 180_000L, 360_000L), taken(batch, A));
    assertEquals(List.of(0L, 12_000L, 24_000L), taken(batch, C));
  }

  private static List<Long> sizesOf(List<Block> blocks) {
    return blocks.stream().map(Block::bytes).toList();
  }

  private static List<Long> taken(RecordingDriver driver, int word) {
    List<Long> found = new ArrayList<>();
    for (Launch launch : driver.launches) {
      if (launch.entry().equals("matmul_tile")) {
        found.add(launch.words().get(word));
      }
    }
    return found;
  }

  @Test
  void shouldPackASharedMatrixOnce() {
    View shared = view("b", DType.F32, new long[] {5, 400, 500}, new long[] {0, 500, 1}, 0);
    View apart = view("a", DType.F32, new long[] {5, 30, 400}, new long[] {99_999, 400, 1}, 0);
    RecordingDriver driver = RecordingDriver.processor();

    run(driver, apart, shared, Epilogue.NONE, rows("c", 5, 30, 500));

    assertEquals(List.of("matmul_pack", "matmul_tile"), driver.entries());
    assertEquals(1, driver.launches.get(0).words().get(3));
    assertEquals(5, driver.launches.get(1).words().get(3));
    assertEquals(List.of(0L, 0L, 32L, 1L), operand(driver.launches.get(1), B));
  }

  @Test
  void shouldGiveScratchMemoryBackWhenALaunchFails() {
    RecordingDriver driver = RecordingDriver.processor();
    driver.failing = true;

    assertThrows(BackendException.class, () -> run(driver, 257, 1000, 1025));

    assertEquals(1, driver.allocated.size());
    assertEquals(driver.allocated, driver.freed);
  }

  @Test
  void shouldCompileEachVariantOnce() {
    RecordingDriver driver = RecordingDriver.processor();
    MatmulKernel kernel =
        new MatmulKernel(
            driver,
            buffer -> ((Elements) buffer).memory(),
            MatmulTiles.of(DType.F32, 64),
            MatmulTiles.of(DType.F64, 64));

    for (int m : new int[] {100, 200, 300}) {
      kernel.run(
          rows("a", 1, m, 50),
          rows("b", 1, 50, 31),
          Epilogue.NONE,
          Precision.F32,
          rows("c", 1, m, 31));
    }

    assertEquals(6, driver.launches.size());
    assertEquals(2, driver.compiled.size());
  }

  @Test
  void shouldRefuseAnotherActivation() {
    RecordingDriver driver = RecordingDriver.processor();
    View matrix = rows("x", 1, 4, 4);

    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> run(driver, matrix, matrix, new Epilogue(null, Op.EXP), matrix));

    assertEquals("matmul: not an activation: EXP", e.getMessage());
  }

  @Test
  void shouldKeepEveryGridWithinItsLimit() {
    for (RecordingDriver driver : List.of(RecordingDriver.processor(), RecordingDriver.gpu(8))) {
      run(driver, 1L << 20, 100, 1L << 20);
      run(driver, 1L << 30, 100, 5);
      run(driver, 5, 100, 1L << 30);

      List<Long> groups = driver.launches.stream().map(launch -> launch.grid().groupsX()).toList();
      assertTrue(Collections.max(groups) <= 1 << 20, groups::toString);
    }
  }

  @Test
  void shouldOfferOnlySizesThatFitTogether() {
    for (RecordingDriver driver : List.of(RecordingDriver.processor(), RecordingDriver.gpu(8))) {
      for (DType dtype : List.of(DType.F32, DType.F64)) {
        List<MatmulTiles> candidates = MatmulTiles.candidates(dtype, driver.traits());

        assertEquals(MatmulTiles.of(dtype, 64), candidates.get(0));
        assertTrue(candidates.size() > 5);
      }
    }
    assertThrows(IllegalArgumentException.class, () -> new MatmulTiles.Local(128, 96, 16, 8, 8, 4));
    assertThrows(IllegalArgumentException.class, () -> new MatmulTiles.Vector(8, 2, 16, 20, 256));
  }
}
