package dev.quern.opencl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quern.kernels.Block;
import dev.quern.kernels.Grid;
import dev.quern.kernels.Kernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
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
}
