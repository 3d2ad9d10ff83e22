package dev.quern.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.BackendException;
import dev.quern.kernels.Block;
import dev.quern.kernels.Counters;
import dev.quern.kernels.Grid;
import dev.quern.kernels.Kernel;
import dev.quern.kernels.KernelKey;
import dev.quern.kernels.Run;
import dev.quern.random.Philox;
import dev.quern.spi.OutOfDeviceMemoryException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CudaDriverTest {
  private static final Grid ONE = Grid.of(1, 1);

  private CudaDriver driver;

  @BeforeEach
  void open() {
    driver = new CudaDriver(Required.device());
  }

  @AfterEach
  void close() {
    if (driver != null) {
      driver.close();
    }
  }

  static KernelKey key(String entry) {
    return new KernelKey("drivertest", entry, new TreeMap<>());
  }

  static CudaDevice with(long memory) {
    CudaDevice device = Required.device();
    return new CudaDevice(
        device.info(),
        device.traits(),
        device.ordinal(),
        device.major(),
        device.minor(),
        device.driver(),
        memory,
        device.blocking());
  }

  @Test
  void shouldScaleNumbers() {
    Kernel kernel = driver.kernel(key("scale"));
    Block in = driver.allocate(40);
    Block out = driver.allocate(40);
    driver.upload(new float[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 1, in, 0, 10);

    driver.launch(kernel, Grid.of(2, 4), new Block[] {in, out}, new long[] {10, 7});

    float[] got = new float[12];
    driver.download(out, 0, got, 1, 10);
    assertArrayEquals(new float[] {0, 10, 13, 16, 19, 22, 25, 28, 31, 34, 37, 0}, got);
  }

  @Test
  void shouldMakeTheRandomBitsOfTheHost() {
    Kernel kernel = driver.kernel(new KernelKey("random", "random_bits32", new TreeMap<>()));
    int size = 1003;
    long blocks = (size + 3L) / 4;
    Block out = driver.allocate(8L * size);

    long[] words = {blocks, size, 0, 42, 7};
    driver.launch(kernel, Grid.of(3, 64), new Block[] {out}, words);

    long[] got = new long[size];
    driver.download(out, 0, got, 0, size);
    int[] four = new int[4];
    for (int i = 0; i < size; i++) {
      if (i % 4 == 0) {
        Philox.block(42, 7 + i / 4, four);
      }
      assertEquals(Integer.toUnsignedLong(four[i % 4]), got[i], "at " + i);
    }
  }

  @Test
  void shouldCopyEveryTypeAtAnyOffset() {
    Block block = driver.allocate(64);
    double[] doubles = {1, 2.5, -3};
    int[] ints = {5, 6, 7};
    long[] longs = {1L << 40, -2};
    byte[] bytes = {1, 2, 3};
    short[] shorts = {-9, 10};
    driver.upload(doubles, 1, block, 8, 2);
    driver.upload(ints, 0, block, 24, 3);
    driver.upload(longs, 1, block, 40, 1);
    driver.upload(bytes, 2, block, 61, 1);
    driver.upload(shorts, 0, block, 50, 2);

    double[] gotDoubles = new double[3];
    int[] gotInts = new int[3];
    long[] gotLongs = new long[3];
    byte[] gotBytes = new byte[3];
    short[] gotShorts = new short[3];
    driver.download(block, 8, gotDoubles, 0, 2);
    driver.download(block, 28, gotInts, 1, 2);
    driver.download(block, 40, gotLongs, 2, 1);
    driver.download(block, 61, gotBytes, 0, 1);
    driver.download(block, 50, gotShorts, 1, 2);

    assertArrayEquals(new double[] {2.5, -3, 0}, gotDoubles);
    assertArrayEquals(new int[] {0, 6, 7}, gotInts);
    assertArrayEquals(new long[] {0, 0, -2}, gotLongs);
    assertArrayEquals(new byte[] {3, 0, 0}, gotBytes);
    assertArrayEquals(new short[] {0, -9, 10}, gotShorts);
  }

  /** Around the length of a slot, of all slots, and of more. */
  @ParameterizedTest
  @ValueSource(
      ints = {
        0,
        1,
        31,
        33,
        257,
        65_537,
        Slot.BYTES / 4 - 1,
        Slot.BYTES / 4,
        Slot.BYTES / 4 + 1,
        Slot.COUNT * Slot.BYTES / 4 - 1,
        Slot.COUNT * Slot.BYTES / 4 + 1,
        3 * Slot.COUNT * Slot.BYTES / 4 + 5
      })
  void shouldCopyAnyLength(int length) {
    Block block = driver.allocate(4L * length + 8);
    float[] sent = new float[length + 3];
    for (int i = 0; i < sent.length; i++) {
      sent[i] = i;
    }
    float[] expected = Arrays.copyOfRange(sent, 2, length + 2);
    driver.upload(new float[] {-1}, 0, block, 0, 1);
    driver.upload(sent, 2, block, 4, length);
    // What was uploaded is what the array held then.
    Arrays.fill(sent, -5);

    float[] got = new float[length + 2];
    driver.download(block, 4, got, 1, length);
    float[] first = new float[1];
    driver.download(block, 0, first, 0, 1);

    assertArrayEquals(expected, Arrays.copyOfRange(got, 1, length + 1));
    assertEquals(0, got[0]);
    assertEquals(0, got[length + 1]);
    assertEquals(-1, first[0]);
  }

  @Test
  void shouldKeepManySmallUploadsApart() {
    int count = 3000;
    int length = 700;
    Block block = driver.allocate(4L * count * length);
    int[] piece = new int[length];
    for (int i = 0; i < count; i++) {
      Arrays.fill(piece, i);
      driver.upload(piece, 0, block, 4L * i * length, length);
    }

    int[] got = new int[count * length];
    driver.download(block, 0, got, 0, got.length);

    for (int i = 0; i < got.length; i++) {
      assertEquals(i / length, got[i]);
    }
  }

  @Test
  void shouldRunAGridOfThreeAxes() {
    Block out = driver.allocate(4L * 4 * 6 * 5);
    Kernel kernel = driver.kernel(key("places"));
    Grid grid = new Grid(2, 3, 5, 2, 2);

    driver.launch(kernel, grid, new Block[] {out}, new long[] {120, 0});

    int[] got = new int[120];
    driver.download(out, 0, got, 0, 120);
    for (int z = 0, at = 0; z < 5; z++) {
      for (int y = 0; y < 6; y++) {
        for (int x = 0; x < 4; x++) {
          assertEquals(x + 100 * y + 10000 * z, got[at++]);
        }
      }
    }
  }

  @Test
  void shouldNotLaunchAnEmptyGrid() {
    Block out = driver.allocate(4);
    driver.upload(new int[] {5}, 0, out, 0, 1);
    Kernel kernel = driver.kernel(key("count"));

    driver.launch(kernel, new Grid(0, 1, 1, 8, 1), new Block[] {out}, new long[] {1, 0});

    int[] got = new int[1];
    driver.download(out, 0, got, 0, 1);
    assertEquals(5, got[0]);
    assertEquals(0, driver.counters().launches());
  }

  @Test
  void shouldKeepWorkInOrder() {
    Block out = driver.allocate(4);
    driver.upload(new int[] {0}, 0, out, 0, 1);
    Kernel kernel = driver.kernel(key("count"));

    for (int i = 0; i < 1000; i++) {
      driver.launch(kernel, ONE, new Block[] {out}, new long[] {1, 0});
    }

    int[] got = new int[1];
    driver.download(out, 0, got, 0, 1);
    assertEquals(1000, got[0]);
  }

  @Test
  void shouldKeepArgumentsOfThreadsApart() throws Exception {
    int threads = 4;
    Kernel kernel = driver.kernel(key("count"));
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    List<Future<Integer>> results = new ArrayList<>();

    for (int thread = 0; thread < threads; thread++) {
      int number = thread;
      results.add(executor.submit(() -> addOften(kernel, number)));
    }

    for (int thread = 0; thread < threads; thread++) {
      assertEquals(500 * thread, results.get(thread).get());
    }
    executor.shutdown();
  }

  private int addOften(Kernel kernel, int number) {
    Block block = driver.allocate(4);
    driver.upload(new int[1], 0, block, 0, 1);
    for (int i = 0; i < 500; i++) {
      driver.launch(kernel, ONE, new Block[] {block}, new long[] {number, 0});
    }
    int[] got = new int[1];
    driver.download(block, 0, got, 0, 1);
    driver.free(block);
    return got[0];
  }

  @Test
  void shouldLetQueuedWorkUseAFreedBlock() {
    Block out = driver.allocate(4 << 20);
    Block in = driver.allocate(4 << 20);
    float[] ones = new float[1 << 20];
    Arrays.fill(ones, 1f);
    driver.upload(ones, 0, in, 0, ones.length);
    Kernel kernel = driver.kernel(key("scale"));

    driver.launch(kernel, Grid.of(8, 32), new Block[] {in, out}, new long[] {1 << 20, 1});
    driver.free(in);
    driver.free(in);

    float[] got = new float[1 << 20];
    driver.download(out, 0, got, 0, got.length);
    Arrays.fill(ones, 4f);
    assertArrayEquals(ones, got);
  }

  @Test
  void shouldGiveAKernelZerosWhereNothingIsGiven() {
    Block out = driver.allocate(8);
    Kernel kernel = driver.kernel(key("words"));

    driver.launch(kernel, ONE, new Block[] {out}, new long[] {11, 12});
    driver.launch(kernel, ONE, new Block[] {out}, new long[] {13});

    int[] got = new int[2];
    driver.download(out, 0, got, 0, 2);
    assertArrayEquals(new int[] {13, 0}, got);
  }

  @ParameterizedTest
  @ValueSource(ints = {256, 32 << 10, 48 << 10, (48 << 10) + 4, 64 << 10})
  void shouldShareMuchMemory(int bytes) {
    Block block = driver.allocate(128);
    int[] numbers = new int[32];
    Arrays.setAll(numbers, i -> i);
    driver.upload(numbers, 0, block, 0, 32);
    Kernel kernel = driver.kernel(key("reverse"));

    Grid grid = new Grid(1, 1, 1, 32, 1, bytes);
    driver.launch(kernel, grid, new Block[] {block}, new long[] {0, bytes / 4});

    int[] got = new int[32];
    driver.download(block, 0, got, 0, 32);
    Arrays.setAll(numbers, i -> 31 - i);
    assertArrayEquals(numbers, got);
  }

  @Test
  void shouldRefuseToShareMoreThanThereIs() {
    long most = driver.traits().localBytes();
    Kernel kernel = driver.kernel(key("reverse"));
    Block[] blocks = {driver.allocate(128)};
    Grid grid = new Grid(1, 1, 1, 32, 1, (int) most + 4);

    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> driver.launch(kernel, grid, blocks, new long[] {0, 32}))
            .getMessage();

    assertEquals(
        "launch: reverse: a group cannot share "
            + (most + 4)
            + " bytes, at most "
            + most
            + " on cuda:0",
        message);
  }

  @Test
  void shouldReturnTheSameKernelForTheSameKey() {
    Kernel kernel = driver.kernel(key("scale"));

    assertSame(kernel, driver.kernel(key("scale")));
    assertNotEquals(kernel, driver.kernel(key("count")));
    assertEquals("scale", kernel.name());
  }

  @Test
  void shouldCountCalls() {
    Block block = driver.allocate(4);
    Kernel kernel = driver.kernel(key("count"));
    driver.upload(new int[1], 0, block, 0, 1);
    driver.upload(new int[1], 0, block, 0, 0);
    driver.launch(kernel, ONE, new Block[] {block}, new long[] {1, 0});
    driver.launch(kernel, ONE, new Block[] {block}, new long[] {1, 0});
    driver.download(block, 0, new int[1], 0, 1);

    assertEquals(new Counters(1, 1, 1, 2), driver.counters());
  }

  @Test
  void shouldTimeKernelsWhileSomebodyListens() {
    Block block = driver.allocate(4 << 20);
    driver.upload(new float[1 << 20], 0, block, 0, 1 << 20);
    Kernel kernel = driver.kernel(key("scale"));
    Block[] blocks = {block, block};
    List<Run> runs = new ArrayList<>();

    driver.profile(runs::add);
    driver.launch(kernel, Grid.of(3, 32), blocks, new long[] {1 << 20, 0});
    driver.profile(null);
    driver.launch(kernel, ONE, blocks, new long[] {1, 0});

    assertEquals(1, runs.size());
    assertEquals("scale", runs.get(0).kernel());
    assertEquals(Grid.of(3, 32), runs.get(0).grid());
    assertTrue(runs.get(0).nanoseconds() > 0, () -> runs.get(0).toString());
    assertEquals(2, driver.counters().launches());
  }

  @Test
  void shouldNameAKernelThatIsNotThere() {
    String message =
        assertThrows(BackendException.class, () -> driver.kernel(key("absent"))).getMessage();

    assertTrue(
        message.startsWith(
            "cuModuleGetFunction: kernel absent of drivertest: CUDA_ERROR_NOT_FOUND (500), "),
        message);
    assertTrue(message.endsWith(" on cuda:0"), message);
  }

  @Test
  void shouldNameAFamilyThatIsNotThere() {
    KernelKey key = new KernelKey("absent", "x", new TreeMap<>());

    String message =
        assertThrows(IllegalArgumentException.class, () -> driver.kernel(key)).getMessage();

    assertTrue(message.startsWith("kernel absent: no PTX for compute capability "), message);
  }

  @Test
  void shouldRefuseMacros() {
    KernelKey key = new KernelKey("drivertest", "scale", new TreeMap<>(Map.of("T", "float")));

    String message =
        assertThrows(IllegalArgumentException.class, () -> driver.kernel(key)).getMessage();

    assertEquals(
        "kernel scale of drivertest: was compiled ahead of time, without {T=float}", message);
  }

  @Test
  void shouldRefuseAKernelWithLooseParameters() {
    String message =
        assertThrows(IllegalStateException.class, () -> driver.kernel(key("loose"))).getMessage();

    assertEquals("kernel loose of drivertest: its parameter is not one structure", message);
  }

  @Test
  void shouldRefuseMoreArgumentsThanThereAreParameters() {
    Kernel kernel = driver.kernel(key("count"));
    Block[] blocks = {driver.allocate(4), driver.allocate(4)};

    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> driver.launch(kernel, ONE, blocks, new long[] {1, 0}))
            .getMessage();

    assertEquals("launch: count takes 24 bytes, not 2 blocks and 2 words", message);
  }

  @Test
  void shouldRefuseGridsThatAreTooLarge() {
    Kernel kernel = driver.kernel(key("bounded"));
    Block[] blocks = {driver.allocate(4)};
    long[] words = {1, 0};

    List<Grid> large =
        List.of(
            Grid.of(1L << 31, 1),
            new Grid(1, 65536, 1, 1, 1),
            new Grid(1, 1, 65536, 1, 1),
            Grid.of(1, 65),
            new Grid(1, 1, 1, 33, 2),
            Grid.of(1, 0));

    for (Grid grid : large) {
      String message =
          assertThrows(
                  IllegalArgumentException.class,
                  () -> driver.launch(kernel, grid, blocks, words),
                  grid.toString())
              .getMessage();
      assertTrue(message.startsWith("launch: bounded: "), message);
      assertTrue(message.endsWith(grid.toString()), message);
    }
    driver.launch(kernel, Grid.of(1, 64), blocks, words);
    driver.synchronize();
  }

  @Test
  void shouldRefuseCopiesBeyondTheEnd() {
    Block block = driver.allocate(8);

    assertThrows(IllegalArgumentException.class, () -> driver.upload(new float[3], 0, block, 0, 3));
    assertThrows(
        IllegalArgumentException.class, () -> driver.download(block, 8, new byte[1], 0, 1));
    assertThrows(IllegalArgumentException.class, () -> driver.upload(new float[1], 1, block, 0, 1));
    assertThrows(IllegalArgumentException.class, () -> driver.upload(new char[1], 0, block, 0, 1));
  }

  @Test
  void shouldRunOutOfMemoryAndGoOn() {
    try (CudaDriver limited = new CudaDriver(with(5000))) {
      Block first = limited.allocate(3000);

      String message =
          assertThrows(OutOfDeviceMemoryException.class, () -> limited.allocate(2001)).getMessage();

      assertEquals("free 2000 of 5000 bytes", message);
      assertEquals(2000, limited.allocate(2000).bytes());
      limited.free(first);
      assertEquals(3000, limited.allocate(3000).bytes());
    }
  }

  @Test
  void shouldPassOnThatTheDriverHasNoMore() {
    try (CudaDriver greedy = new CudaDriver(with(Long.MAX_VALUE / 2))) {
      long all = Required.device().memory();

      String message =
          assertThrows(OutOfDeviceMemoryException.class, () -> greedy.allocate(2 * all))
              .getMessage();

      assertTrue(
          message.matches(
              "free \\d+ of \\d+ bytes: CUDA_ERROR_OUT_OF_MEMORY \\(2\\), out of memory"),
          message);
      assertEquals(1000, greedy.allocate(1000).bytes());
    }
  }

  @Test
  void shouldRefuseWorkOnceClosed() {
    Block block = driver.allocate(4);
    Kernel kernel = driver.kernel(key("count"));
    driver.close();
    driver.close();
    driver.free(block);

    List<Runnable> calls =
        List.of(
            () -> driver.allocate(1),
            () -> driver.upload(new int[1], 0, block, 0, 1),
            () -> driver.download(block, 0, new int[1], 0, 1),
            () -> driver.kernel(key("count")),
            () -> driver.launch(kernel, ONE, new Block[] {block}, new long[] {1, 0}),
            () -> driver.profile(null),
            () -> driver.synchronize());

    for (Runnable call : calls) {
      assertEquals(
          "cuda:0 is closed", assertThrows(IllegalStateException.class, call::run).getMessage());
    }
  }

  @Test
  void shouldRefuseFreedAndForeignBlocks() {
    Block freed = driver.allocate(4);
    driver.free(freed);
    Kernel kernel = driver.kernel(key("count"));
    try (CudaDriver other = new CudaDriver(Required.device())) {
      Block foreign = other.allocate(4);
      driver.free(foreign);

      for (Block block : List.of(freed, foreign)) {
        Block[] blocks = {block};
        assertThrows(IllegalStateException.class, () -> driver.upload(new int[1], 0, block, 0, 1));
        assertThrows(
            IllegalStateException.class, () -> driver.download(block, 0, new int[1], 0, 1));
        assertThrows(
            IllegalStateException.class,
            () -> driver.launch(kernel, ONE, blocks, new long[] {1, 0}));
      }
      assertThrows(
          IllegalArgumentException.class,
          () -> other.launch(kernel, ONE, new Block[] {foreign}, new long[] {1, 0}));
      other.upload(new int[1], 0, foreign, 0, 1);
    }
  }

  @Test
  void shouldGoOnWhereAnotherDriverOfTheDeviceIsClosed() throws InterruptedException {
    Block block = driver.allocate(4);
    CudaDriver other = new CudaDriver(Required.device());
    other.upload(new int[1], 0, other.allocate(4), 0, 1);
    Thread thread = new Thread(other::close);
    thread.start();
    thread.join();

    driver.upload(new int[] {3}, 0, block, 0, 1);
    int[] got = new int[1];
    driver.download(block, 0, got, 0, 1);

    assertEquals(3, got[0]);
  }

  @Test
  void shouldOpenAgainOnceClosed() {
    driver.close();
    driver = new CudaDriver(Required.device());
    Block block = driver.allocate(4);

    driver.upload(new int[] {3}, 0, block, 0, 1);
    int[] got = new int[1];
    driver.download(block, 0, got, 0, 1);

    assertEquals(3, got[0]);
  }
}
