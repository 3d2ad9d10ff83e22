package dev.quern.trainer.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.io.FormatException;
import dev.quern.io.InputFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Repeats the inputs kept for the fuzzer, and damages each in a few thousand ways. */
class AnyTableTest {
  private static final int DAMAGES = 3000;
  private static final long MAX_NANOS = 30_000_000_000L;

  /**
   * Checks what must hold for any bytes: a whole table of finite numbers, or the reason why not.
   * The first byte decides whether there is a header.
   */
  static void readOrRefuse(byte[] data) {
    boolean header = data.length > 0 && (data[0] & 1) != 0;
    byte[] content = data.length > 0 ? Arrays.copyOfRange(data, 1, data.length) : data;
    long start = System.nanoTime();
    try (InputFile in = InputFile.of("table", content)) {
      Table table = TableReader.read(in, header);

      assertTrue(table.rows() > 0 && table.columns() > 0);
      assertEquals(table.values().length, (long) table.rows() * table.columns());
      assertTrue(Arrays.stream(table.values()).allMatch(Double::isFinite));
    } catch (DataException | FormatException e) {
      assertTrue(e.getMessage().startsWith("table: "), e.getMessage());
      assertFalse(e.getMessage().endsWith("null"), e.getMessage());
    }
    assertTrue(System.nanoTime() - start < MAX_NANOS, "hangs");
  }

  @Test
  void shouldReadOrRefuse() throws Exception {
    Path folder =
        Path.of(AnyTableTest.class.getResource("TableReaderFuzzTestInputs/table").toURI());
    List<Path> inputs;
    try (Stream<Path> files = Files.list(folder)) {
      inputs = files.sorted().toList();
    }

    Random random = new Random(1);
    for (Path input : inputs) {
      byte[] whole = Files.readAllBytes(input);
      readOrRefuse(whole);
      for (int i = 0; i < DAMAGES; i++) {
        byte[] damaged = Arrays.copyOf(whole, random.nextInt(whole.length + 1));
        for (int j = random.nextInt(4); j >= 0 && damaged.length > 0; j--) {
          damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
        }
        readOrRefuse(damaged);
      }
    }
  }
}
