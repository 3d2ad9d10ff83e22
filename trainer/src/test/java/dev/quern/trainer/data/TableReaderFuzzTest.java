package dev.quern.trainer.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.DictionaryEntries;
import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.quern.io.FormatException;
import dev.quern.io.InputFile;
import java.util.Arrays;

/**
 * Gives the reader of tables bytes that Jazzer thinks up: it returns a whole table of finite
 * numbers or says why not. A plain test run repeats the inputs kept; docs/reliability.md tells how
 * to look for more.
 */
class TableReaderFuzzTest {
  @FuzzTest
  @DictionaryEntries({
    "\\x0d\\x0a",
    "1e308",
    "NaN",
    "\\xef\\xbb\\xbf",
    "\\x93NUMPY",
    "; ",
    "\\x00\\x00"
  })
  void shouldReadOrRefuseATable(byte[] data) {
    boolean header = data.length > 0 && (data[0] & 1) != 0;
    byte[] content = data.length > 0 ? Arrays.copyOfRange(data, 1, data.length) : data;
    try (InputFile in = InputFile.of("table", content)) {
      Table table = TableReader.read(in, header);

      assertTrue(table.rows() > 0 && table.columns() > 0);
      assertEquals(table.values().length, (long) table.rows() * table.columns());
      assertTrue(Arrays.stream(table.values()).allMatch(Double::isFinite));
    } catch (DataException | FormatException e) {
      assertTrue(e.getMessage().startsWith("table: "), e.getMessage());
      assertFalse(e.getMessage().endsWith("null"), e.getMessage());
    }
  }
}
