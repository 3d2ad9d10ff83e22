package dev.quern.opencl;

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

final class OpenClDriverTest {
  private OpenClDriver driver;

  @BeforeEach
  void open() {
    driver = new OpenClDriver(Required.device());
  }

  @AfterEach
  void close() {
    if (driver != null) {
      driver.close();
    }
  }

  static KernelKey key(String entry, String factor) {
    return new KernelKey("drivertest", entry, new TreeMap<>(Map.of("FACTOR", factor)));
  }

  @Test
  void shouldScaleNumbers() {
    Kernel kernel = driver.kernel(key("scale", "3.0f"));
    Block in = driver.allocate(40);
    Block out = driver.allocate(40);
    driver.upload(new float[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 1, in, 0, 10);

    driver.launch(kernel, Grid.of(2, 4), new Block[] {in, out}, new long[] {10, 7});

    float[] got = new float[12];
    driver.download(out, 0, got, 1, 10);
    assertArrayEquals(new float[] {0, 10, 13, 16, 19, 22, 25, 28, 31, 34, 37, 0}, got);
  }

  @Test
  void shouldCopyEveryTypeAtAnyOffset() {
    Block block = driver.allocate(64);
    double[] doubles = {1, 2.5, -3};
    int[] ints = {5, 6, 7};
    long[] longs = {1L << 40, -2};
    byte[] bytes = {1, 2, 3};
    driver.upload(doubles, 1, block, 8, 2);
    driver.upload(ints, 0, block, 24, 3);
    driver.upload(longs, 1, block, 40, 1);
    driver.upload(bytes, 2, block, 61, 1);

    double[] gotDoubles = new double[3];
    int[] gotInts = new int[3];
    long[] gotLongs = new long[3];
    byte[] gotBytes = new byte[3];
    driver.download(block, 8, gotDoubles, 0, 2);
    driver.download(block, 28, gotInts, 1, 2);
    driver.download(block, 40, gotLongs, 2, 1);
    driver.download(block, 61, gotBytes, 0, 1);

    assertArrayEquals(new double[] {2.5, -3, 0}, gotDoubles);
    assertArrayEquals(new int[] {0, 6, 7}, gotInts);
    assertArrayEquals(new long[] {0, 0, -2}, gotLongs);
    assertArrayEquals(new byte[] {3, 0, 0}, gotBytes);
  }

  @Test
  void shouldRunAGridOfThreeAxes() {
    Block out = driver.allocate(4L * 4 * 6 * 5);
    Kernel kernel = driver.kernel(key("places", "1"));
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
    Kernel kernel = driver.kernel(key("count", "1"));

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
    Kernel kernel = driver.kernel(key("count", "1"));

    for (int i = 0; i < 1000; i++) {
      driver.launch(kernel, Grid.of(1, 1), new Block[] {out}, new long[] {1, 0});
    }

    int[] got = new int[1];
    driver.download(out, 0, got, 0, 1);
    assertEquals(1000, got[0]);
  }

  @Test
  void shouldKeepArgumentsOfThreadsApart() throws Exception {
    int threads = 4;
    Kernel kernel = driver.kernel(key("scale", "1.0f"));
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    List<Future<float[]>> results = new ArrayList<>();

    for (int thread = 0; thread < threads; thread++) {
      int number = thread;
      results.add(executor.submit(() -> addOften(kernel, number)));
    }

    for (int thread = 0; thread < threads; thread++) {
      float[] expected = new float[100];
      Arrays.fill(expected, 500f * thread);
      assertArrayEquals(expected, results.get(thread).get());
    }
    executor.shutdown();
  }

  private float[] addOften(Kernel kernel, int shift) {
    Block block = driver.allocate(400);
    driver.upload(new float[100], 0, block, 0, 100);
    for (int i = 0; i < 500; i++) {
      driver.launch(kernel, Grid.of(4, 8), new Block[] {block, block}, new long[] {100, shift});
    }
    float[] got = new float[100];
    driver.download(block, 0, got, 0, 100);
    return got;
  }

  @Test
  void shouldLetQueuedWorkUseAFreedBlock() {
    Block out = driver.allocate(4 << 20);
    Block in = driver.allocate(4 << 20);
    float[] ones = new float[1 << 20];
    Arrays.fill(ones, 1f);
    driver.upload(ones, 0, in, 0, ones.length);
    Kernel kernel = driver.kernel(key("scale", "2.0f"));

    driver.launch(kernel, Grid.of(8, 8), new Block[] {in, out}, new long[] {1 << 20, 1});
    driver.free(in);
    driver.free(in);

    float[] got = new float[1 << 20];
    driver.download(out, 0, got, 0, got.length);
    Arrays.fill(ones, 3f);
    assertArrayEquals(ones, got);
  }

  @Test
  void shouldJoinTheLinesOfAMacro() {
    Kernel kernel = driver.kernel(key("scale", "(1.0f\n + 1.0f\r\n + 1.0f)"));
    Block block = driver.allocate(4);
    driver.upload(new float[] {2}, 0, block, 0, 1);

    driver.launch(kernel, Grid.of(1, 1), new Block[] {block, block}, new long[] {1, 0});

    float[] got = new float[1];
    driver.download(block, 0, got, 0, 1);
    assertEquals(6f, got[0]);
  }

  @Test
  void shouldReturnTheSameKernelForTheSameKey() {
    Kernel kernel = driver.kernel(key("scale", "1.0f"));

    assertSame(kernel, driver.kernel(key("scale", "1.0f")));
    assertNotEquals(kernel, driver.kernel(key("scale", "2.0f")));
    assertEquals("scale", kernel.name());
  }

  @Test
  void shouldCountCalls() {
    Block block = driver.allocate(4);
    Kernel kernel = driver.kernel(key("count", "1"));
    driver.upload(new int[1], 0, block, 0, 1);
    driver.upload(new int[1], 0, block, 0, 0);
    driver.launch(kernel, Grid.of(1, 1), new Block[] {block}, new long[] {1, 0});
    driver.launch(kernel, Grid.of(1, 1), new Block[] {block}, new long[] {1, 0});
    driver.download(block, 0, new int[1], 0, 1);

    assertEquals(new Counters(1, 1, 1, 2), driver.counters());
  }

  @Test
  void shouldTimeKernelsWhileSomebodyListens() {
    Block block = driver.allocate(4);
    driver.upload(new int[1], 0, block, 0, 1);
    Kernel kernel = driver.kernel(key("count", "1"));
    List<Run> runs = new ArrayList<>();

    driver.profile(runs::add);
    driver.launch(kernel, Grid.of(3, 2), new Block[] {block}, new long[] {1, 0});
    driver.profile(null);
    driver.launch(kernel, Grid.of(1, 1), new Block[] {block}, new long[] {1, 0});

    assertEquals(1, runs.size());
    assertEquals("count", runs.get(0).kernel());
    assertEquals(Grid.of(3, 2), runs.get(0).grid());
    assertTrue(runs.get(0).nanoseconds() > 0, () -> runs.get(0).toString());
  }

  @Test
  void shouldShowTheWholeBuildLog() {
    KernelKey key =
        new KernelKey("drivertest-broken", "broken", new TreeMap<>(Map.of("TILE", "4711")));

    String message = assertThrows(BackendException.class, () -> driver.kernel(key)).getMessage();

    assertTrue(message.startsWith("clBuildProgram: CL_BUILD_PROGRAM_FAILURE (-11)"), message);
    assertTrue(message.contains("kernel broken of drivertest-broken on opencl:0"), message);
    assertTrue(message.contains("TILE=4711"), message);
    assertTrue(message.contains("undeclared_name"), message);
  }

  @Test
  void shouldNameAKernelThatIsNotThere() {
    String message =
        assertThrows(BackendException.class, () -> driver.kernel(key("absent", "1"))).getMessage();

    assertTrue(
        message.startsWith(
            "clCreateKernel: CL_INVALID_KERNEL_NAME (-46): kernel absent of drivertest"),
        message);
  }

  @Test
  void shouldNameASourceThatIsNotThere() {
    KernelKey key = new KernelKey("absent", "x", new TreeMap<>());

    String message =
        assertThrows(IllegalArgumentException.class, () -> driver.kernel(key)).getMessage();

    assertEquals("kernel absent: no source absent.cl", message);
  }

  @Test
  void shouldNameArgumentsThatDoNotFit() {
    Kernel kernel = driver.kernel(key("count", "1"));
    Block[] blocks = {driver.allocate(4), driver.allocate(4)};

    String message =
        assertThrows(
                BackendException.class,
                () -> driver.launch(kernel, Grid.of(1, 1), blocks, new long[] {1, 0}))
            .getMessage();

    assertEquals(
        "clSetKernelArg: count argument 2 of 2 blocks and 2 words: CL_INVALID_ARG_INDEX (-49) on"
            + " opencl:0",
        message);
  }

  @Test
  void shouldRefuseCopiesBeyondTheEnd() {
    Block block = driver.allocate(8);

    assertThrows(IllegalArgumentException.class, () -> driver.upload(new float[3], 0, block, 0, 3));
    assertThrows(
        IllegalArgumentException.class, () -> driver.download(block, 8, new byte[1], 0, 1));
    assertThrows(IllegalArgumentException.class, () -> driver.upload(new float[1], 1, block, 0, 1));
  }

  @Test
  void shouldRunOutOfMemoryAndGoOn() {
    ClDevice device = Required.device();
    ClDevice small =
        new ClDevice(
            device.info(),
            device.traits(),
            device.handle(),
            device.platform(),
            device.build(),
            device.roundsDivision(),
            5000);
    try (OpenClDriver limited = new OpenClDriver(small)) {
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
  void shouldSayHowLargeABlockMayBe() {
    long most = driver.traits().maxBlockBytes();

    String message =
        assertThrows(OutOfDeviceMemoryException.class, () -> driver.allocate(most + 1))
            .getMessage();

    assertTrue(message.endsWith(" bytes, a block at most " + most), message);
  }

  @Test
  void shouldRefuseWorkOnceClosed() {
    Block block = driver.allocate(4);
    Kernel kernel = driver.kernel(key("count", "1"));
    driver.close();
    driver.close();
    driver.free(block);

    List<Runnable> calls =
        List.of(
            () -> driver.allocate(1),
            () -> driver.upload(new int[1], 0, block, 0, 1),
            () -> driver.download(block, 0, new int[1], 0, 1),
            () -> driver.kernel(key("count", "1")),
            () -> driver.launch(kernel, Grid.of(1, 1), new Block[] {block}, new long[] {1, 0}),
            () -> driver.profile(null),
            () -> driver.synchronize());

    for (Runnable call : calls) {
      assertEquals(
          "opencl:0 is closed", assertThrows(IllegalStateException.class, call::run).getMessage());
    }
  }

  @Test
  void shouldRefuseAFreedBlock() {
    Block block = driver.allocate(4);
    driver.free(block);

    assertThrows(IllegalStateException.class, () -> driver.upload(new int[1], 0, block, 0, 1));
  }
}
