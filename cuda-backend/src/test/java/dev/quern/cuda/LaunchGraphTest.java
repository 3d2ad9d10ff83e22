package dev.quern.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.kernels.Block;
import dev.quern.kernels.Counters;
import dev.quern.kernels.Grid;
import dev.quern.kernels.Kernel;
import dev.quern.kernels.Launch;
import dev.quern.kernels.Run;
import dev.quern.spi.Replay;
import dev.quern.tck.ChildJvm;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Launches that are prepared and started as a whole. */
final class LaunchGraphTest {
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

  private Block number(int value) {
    Block block = driver.allocate(4);
    driver.upload(new int[] {value}, 0, block, 0, 1);
    return block;
  }

  private int read(Block block) {
    int[] got = new int[1];
    driver.download(block, 0, got, 0, 1);
    return got[0];
  }

  private Launch count(Block block) {
    Kernel kernel = driver.kernel(CudaDriverTest.key("count"));
    return new Launch(kernel, ONE, new Block[] {block}, new long[] {1, 0});
  }

  @Test
  void shouldRunAllLaunchesInOrderEachTime() {
    Kernel scale = driver.kernel(CudaDriverTest.key("scale"));
    Block a = driver.allocate(4);
    Block b = driver.allocate(4);
    driver.upload(new float[] {1}, 0, a, 0, 1);
    Launch there = new Launch(scale, ONE, new Block[] {a, b}, new long[] {1, 1});
    Launch back = new Launch(scale, ONE, new Block[] {b, a}, new long[] {1, 2});
    float[] got = new float[1];
    try (Replay replay = driver.prepare(List.of(there, back))) {
      driver.download(a, 0, got, 0, 1);
      assertEquals(1, got[0]);

      replay.run();
      replay.run();
    }

    // 3 * 1 + 1 = 4, 3 * 4 + 2 = 14; 43, 131
    driver.download(a, 0, got, 0, 1);
    assertEquals(131, got[0]);
  }

  @Test
  void shouldCountAsOneLaunch() {
    Block n = number(0);
    try (Replay replay = driver.prepare(List.of(count(n), count(n), count(n)))) {
      Counters before = driver.counters();
      replay.run();
      replay.run();
      Counters after = driver.counters();

      assertEquals(before.launches() + 2, after.launches());
      assertEquals(6, read(n));
    }
  }

  @Test
  void shouldKeepTheWordsItWasPreparedWith() {
    Kernel scale = driver.kernel(CudaDriverTest.key("scale"));
    Block a = driver.allocate(4);
    driver.upload(new float[] {1}, 0, a, 0, 1);
    long[] words = {1, 5};
    try (Replay replay =
        driver.prepare(List.of(new Launch(scale, ONE, new Block[] {a, a}, words)))) {
      words[1] = 100;
      driver.launch(scale, ONE, new Block[] {a, a}, words);

      replay.run();
    }

    float[] got = new float[1];
    driver.download(a, 0, got, 0, 1);
    assertEquals(3 * 103 + 5, got[0]);
  }

  @Test
  void shouldTakeNoLaunchesOfOtherThreads() throws InterruptedException {
    Block n = number(0);
    Block others = number(0);
    Thread thread =
        new Thread(
            () -> {
              while (!Thread.currentThread().isInterrupted()) {
                Launch launch = count(others);
                driver.launch(launch.kernel(), ONE, launch.blocks(), launch.parameters());
                driver.free(driver.allocate(1000));
              }
            });
    thread.start();
    List<Replay> replays = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      replays.add(driver.prepare(List.of(count(n), count(n))));
    }
    thread.interrupt();
    thread.join();
    int before = read(others);
    replays.forEach(Replay::run);

    assertEquals(100, read(n));
    assertEquals(before, read(others));
    replays.forEach(Replay::close);
  }

  @Test
  void shouldTellOfEachKernelWhileSomebodyListens() {
    Block n = number(0);
    List<Run> runs = new ArrayList<>();
    try (Replay replay = driver.prepare(List.of(count(n), count(n)))) {
      driver.profile(runs::add);
      replay.run();
      driver.profile(null);
    }

    assertEquals(List.of("count", "count"), runs.stream().map(Run::kernel).toList());
    assertEquals(2, read(n));
  }

  @Test
  void shouldTakeEmptyGridsAndLists() {
    Block n = number(0);
    Launch counting = count(n);
    Launch empty =
        new Launch(counting.kernel(), Grid.of(0, 1), counting.blocks(), counting.parameters());
    try (Replay nothing = driver.prepare(List.of());
        Replay one = driver.prepare(List.of(empty, counting, empty))) {
      nothing.run();
      one.run();
    }

    assertEquals(1, read(n));
  }

  @Test
  void shouldRefuseWhatLaunchRefuses() {
    Block freed = driver.allocate(4);
    Launch launch = count(freed);
    driver.free(freed);
    Grid large = Grid.of(1L << 40, 1);
    Block n = number(0);
    Launch wide = new Launch(launch.kernel(), large, new Block[] {n}, new long[] {1, 0});
    Launch long100 = new Launch(launch.kernel(), ONE, new Block[] {n}, new long[100]);

    assertThrows(IllegalStateException.class, () -> driver.prepare(List.of(launch)));
    assertThrows(IllegalArgumentException.class, () -> driver.prepare(List.of(wide)));
    assertThrows(IllegalArgumentException.class, () -> driver.prepare(List.of(long100)));
    // The stream that took the launches down is gone, and the driver's own works on.
    driver.prepare(List.of(count(n))).run();
    assertEquals(1, read(n));
  }

  @Test
  void shouldFinishWhatIsInTheQueueWhenClosed() {
    Block n = number(0);
    Replay replay = driver.prepare(List.of(count(n), count(n)));
    replay.run();
    replay.close();
    replay.close();

    assertEquals(2, read(n));
    IllegalStateException refusal = assertThrows(IllegalStateException.class, replay::run);
    assertTrue(refusal.getMessage().contains("graph of 2 kernels"), refusal.getMessage());
  }

  @Test
  void shouldRefuseToRunOnAClosedDevice() {
    Replay replay = driver.prepare(List.of(count(number(0))));
    driver.close();

    IllegalStateException refusal = assertThrows(IllegalStateException.class, replay::run);
    replay.close();

    assertTrue(refusal.getMessage().contains("is closed"), refusal.getMessage());
  }

  @Test
  void shouldMakeOneCallOfTheDriverForEachReplay(@TempDir Path folder) throws Exception {
    Required.emulator();
    String[] arguments = {"replay"};
    Map<String, String> environment = Map.of("QUERN_EMULATOR_LOG", "1");

    ChildJvm.Result result =
        new ChildJvm(folder, Scenario.class, environment, arguments, "-Xmx1g").await();

    assertEquals(0, result.status(), result.output());
    List<String> lines = result.output().lines().toList();
    List<String> calls =
        lines.subList(lines.indexOf("recorded: done"), lines.indexOf("replayed: done")).stream()
            .filter(line -> line.startsWith("cuda-emulator: call "))
            .map(line -> line.substring("cuda-emulator: call ".length()))
            .filter(call -> !call.equals("cuCtxSetCurrent"))
            .toList();
    // The copies are Adam's numbers.
    assertEquals(
        List.of(
            "cuMemcpyHtoDAsync_v2",
            "cuGraphLaunch",
            "cuMemcpyHtoDAsync_v2",
            "cuGraphLaunch",
            "cuMemcpyHtoDAsync_v2",
            "cuGraphLaunch"),
        calls);
    assertEquals(1, count(lines, "cuStreamBeginCapture_v2"));
  }

  private static int count(List<String> lines, String call) {
    return (int) lines.stream().filter(line -> line.endsWith(" call " + call)).count();
  }
}
