package dev.quern.opencl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.kernels.Block;
import dev.quern.kernels.Grid;
import dev.quern.kernels.Kernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ProgramCacheTest {
  private static final String SETTING = "quern.opencl.cache";

  @TempDir private Path folder;
  private String before;

  @BeforeEach
  void useFolder() {
    Required.device();
    before = System.getProperty(SETTING);
    System.setProperty(SETTING, folder.toString());
  }

  @AfterEach
  void restore() {
    if (before == null) {
      System.clearProperty(SETTING);
    } else {
      System.setProperty(SETTING, before);
    }
  }

  /** Doubles three numbers on a new driver, and returns how many programs that compiled. */
  private static int compiled() {
    try (OpenClDriver driver = new OpenClDriver(Required.device())) {
      Kernel kernel = driver.kernel(OpenClDriverTest.key("scale", "2.0f"));
      Block block = driver.allocate(12);
      driver.upload(new float[] {1, 2, 3}, 0, block, 0, 3);
      driver.launch(kernel, Grid.of(1, 3), new Block[] {block, block}, new long[] {3, 1});
      float[] got = new float[3];
      driver.download(block, 0, got, 0, 3);
      assertArrayEquals(new float[] {3, 5, 7}, got);
      return driver.compiled();
    }
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }

  @Test
  void shouldCompileOnce() throws IOException {
    assertEquals(1, compiled());
    assertEquals(0, compiled());
    assertEquals(1, files().size());
  }

  @Test
  void shouldReplaceATruncatedProgram() throws IOException {
    compiled();
    Path file = files().get(0);
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length / 2));

    assertEquals(1, compiled());
    assertEquals(0, compiled());
  }

  @Test
  void shouldReplaceAnEmptyProgram() throws IOException {
    compiled();
    Files.write(files().get(0), new byte[0]);

    assertEquals(1, compiled());
    assertEquals(0, compiled());
  }

  @Test
  void shouldReplaceAProgramThatTheDriverRefuses() throws IOException {
    compiled();
    Path file = files().get(0);
    new ProgramCache().store(String.valueOf(file.getFileName()), new byte[1000]);

    assertEquals(1, compiled());
    assertEquals(0, compiled());
  }

  @Test
  void shouldCompileWithoutACache() throws IOException {
    System.setProperty(SETTING, "off");

    assertEquals(1, compiled());
    assertEquals(1, compiled());
    assertEquals(0, files().size());
  }

  @Test
  void shouldCompileWhereTheCacheCannotBeWritten() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    System.setProperty(SETTING, file.toString());

    assertEquals(1, compiled());
  }

  /** Stores programs of 1000 bytes with the hash before them, the i-th used i minutes ago. */
  private void store(int count) throws IOException {
    ProgramCache unbounded = new ProgramCache(Long.MAX_VALUE);
    for (int i = 0; i < count; i++) {
      String key = ProgramCache.key("program " + i);
      unbounded.store(key, new byte[1000 - 32]);
      age(folder.resolve(key), Duration.ofMinutes(i));
    }
  }

  private static void age(Path file, Duration age) throws IOException {
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(age)));
  }

  private static boolean isThere(ProgramCache cache, int i) {
    return cache.load(ProgramCache.key("program " + i)).isPresent();
  }

  @Test
  void shouldRemoveTheProgramsThatWereNotUsedForTheLongestTime() throws IOException {
    store(10);

    ProgramCache cache = new ProgramCache(8000);
    cache.store(ProgramCache.key("new"), new byte[1000 - 32]);

    assertEquals(6, files().size());
    assertTrue(cache.load(ProgramCache.key("new")).isPresent());
    for (int i = 0; i < 10; i++) {
      assertEquals(i < 5, isThere(cache, i), "program " + i);
    }
  }

  @Test
  void shouldRemoveNothingBelowTheLimit() throws IOException {
    store(10);

    new ProgramCache(11_000).store(ProgramCache.key("new"), new byte[1000 - 32]);

    assertEquals(11, files().size());
  }

  @Test
  void shouldKeepWhatIsUsed() throws IOException {
    store(10);
    age(folder.resolve(ProgramCache.key("program 3")), Duration.ofDays(30));

    ProgramCache cache = new ProgramCache(8000);
    assertTrue(isThere(cache, 3));
    cache.store(ProgramCache.key("new"), new byte[1000 - 32]);

    assertTrue(isThere(cache, 3));
  }

  @Test
  void shouldLeaveOtherFilesAlone() throws IOException {
    store(3);
    Path other = Files.write(folder.resolve("notes.txt"), new byte[100_000]);
    Path inTheMaking = Files.createFile(folder.resolve(".part1"));
    Path abandoned = Files.createFile(folder.resolve(".part2"));
    age(other, Duration.ofDays(30));
    age(abandoned, Duration.ofDays(2));

    new ProgramCache(8000).store(ProgramCache.key("new"), new byte[1000 - 32]);

    assertTrue(Files.exists(other));
    assertTrue(Files.exists(inTheMaking));
    assertFalse(Files.exists(abandoned));
    assertEquals(6, files().size());
  }

  @Test
  void shouldStayWithinTheLimitWhileSeveralStore() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    List<Future<Integer>> results = new ArrayList<>();
    for (int thread = 0; thread < 4; thread++) {
      int number = thread;
      results.add(
          threads.submit(
              () -> {
                int damaged = 0;
                ProgramCache cache = new ProgramCache(50_000);
                for (int i = 0; i < 200; i++) {
                  String key = ProgramCache.key("program " + i % 70);
                  byte[] program = new byte[968];
                  Arrays.fill(program, (byte) (i % 70));
                  byte[] found = cache.load(key).orElse(program);
                  damaged += Arrays.equals(found, program) ? 0 : 1;
                  cache.store(number % 2 == 0 ? key : ProgramCache.key(number + " " + i), program);
                }
                return damaged;
              }));
    }
    for (Future<Integer> result : results) {
      assertEquals(0, result.get());
    }
    threads.shutdown();

    // Each may have stored a sixteenth of the limit since it looked.
    assertTrue(files().size() <= 50 + 4 * 4, files().size() + " programs");
  }
}
