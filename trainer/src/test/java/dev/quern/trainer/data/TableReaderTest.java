package dev.quern.trainer.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.quern.DType;
import dev.quern.Shape;
import dev.quern.io.FormatException;
import dev.quern.io.Npy;
import dev.quern.io.NpyArray;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TableReaderTest {
  @TempDir private Path folder;

  private Path text(String content) throws IOException {
    return Files.writeString(folder.resolve("data"), content);
  }

  private static byte[] gzip(String content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream zip = new GZIPOutputStream(bytes)) {
      zip.write(content.getBytes(StandardCharsets.UTF_8));
    }
    return bytes.toByteArray();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1,2.5\n-3,4e2\n",
        "1;2.5\n-3;4e2",
        "1\t2.5\n-3\t4e2\n",
        "  1   2.5\n\n-3 4e2  \n",
        "1, 2.5\r\n-3, 4e2\r\n",
        "\ufeff1,2.5\n-3,4e2\n",
        "\"1\",\"2.5\"\n\n\"-3\",\"4e2\"\n",
        "1 ; 2.5\n-3 ; 4e2\n",
      })
  void shouldFindTheSeparator(String content) throws IOException {
    Table table = TableReader.read(text(content), false);

    assertEquals(2, table.columns());
    assertArrayEquals(new double[] {1, 2.5, -3, 400}, table.values());
  }

  @Test
  void shouldReadGzipWhateverTheName() throws IOException {
    Table table = TableReader.read(Files.write(folder.resolve("a.csv"), gzip("1,2\n3,4\n")), false);

    assertArrayEquals(new double[] {1, 2, 3, 4}, table.values());
  }

  @Test
  void shouldKeepTheNamesOfTheFirstLine() throws IOException {
    Table table = TableReader.read(text("height, weight\n1,2\n"), true);

    assertEquals(List.of("height", "weight"), table.names());
    assertEquals(1, table.rows());
  }

  @Test
  void shouldTakeAFirstLineOfAnotherNumberOfColumns() throws IOException {
    Table table = TableReader.read(text("2,2,red,green,blue\n1,2\n3,4\n"), true);

    assertEquals(2, table.columns());
  }

  @Test
  void shouldNameTheLineOfARow() throws IOException {
    Table table = TableReader.read(text("a\n\n1\n\n2\n"), true);

    assertTrue(message(table.error(1, "odd")).endsWith("data: line 5: odd"));
  }

  @Test
  void shouldReadMoreRowsThanTheFirstBuffers() throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 5000; i++) {
      lines.append(i).append(',').append(2 * i).append('\n');
    }

    Table table = TableReader.read(text(lines.toString()), false);

    assertEquals(5000, table.rows());
    assertEquals(9998, table.at(4999, 1));
  }

  @Test
  void shouldFlattenImages() throws IOException {
    byte[] idx = {0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 1, 2, 3, (byte) 255};

    Table table = TableReader.read(Files.write(folder.resolve("a"), idx), false);

    assertEquals(2, table.columns());
    assertTrue(table.isPixels());
    assertArrayEquals(new double[] {1, 2, 3, 255}, table.values());
  }

  @Test
  void shouldNotTakeLabelsForPixels() throws IOException {
    byte[] idx = {0, 0, 8, 1, 0, 0, 0, 2, 1, 2};

    assertFalse(TableReader.read(Files.write(folder.resolve("a"), idx), false).isPixels());
  }

  @Test
  void shouldReadNpy() {
    Path path = folder.resolve("a");
    Npy.write(path, new NpyArray(Shape.of(2, 3), DType.F32, new float[] {1, 2, 3, 4, 5, 6}));

    Table table = TableReader.read(path, false);

    assertEquals(3, table.columns());
    assertArrayEquals(new double[] {1, 2, 3, 4, 5, 6}, table.values());
  }

  static Stream<Arguments> badText() {
    return Stream.of(
        arguments("", false, "the file is empty"),
        arguments("\n\n  \n", false, "no data"),
        arguments("a,b\n", true, "no data after the first line"),
        arguments("1,2\n3\n", false, "line 2: 1 columns, but 2 in line 1"),
        arguments("1,2\n3,4,5\n", false, "line 2: 3 columns, but 2 in line 1"),
        arguments("1 2\n3 4 5\n", false, "line 2: 3 columns, but 2 in line 1"),
        arguments("1,2\n\n3,x\n", false, "line 3: column 2: not a number: 'x'"),
        arguments("a,b\n1,2\n", false, "line 1: column 1: not a number: 'a' (a line of names?"),
        arguments("1,2\n3,\n", false, "line 2: column 2 is empty"),
        arguments("1,NaN\n", false, "line 1: column 2: NaN is not a finite number"),
        arguments("1\n-Infinity\n", false, "line 2: column 1: -Infinity is not a finite"),
        arguments("1e999,1\n", false, "line 1: column 1: 1e999 is not a finite number"),
        arguments("1f,1\n", false, "line 1: column 1: not a number: '1f'"),
        arguments("0x1p3,1\n", false, "line 1: column 1: not a number: '0x1p3'"),
        arguments("1,5;2,5\n", false, "line 1: column 1: not a number: '1,5'"),
        arguments("1,\"2\n3,4\n", false, "line 1: column 2: not a number"));
  }

  @ParameterizedTest
  @MethodSource("badText")
  void shouldNameFileLineAndFault(String content, boolean header, String problem)
      throws IOException {
    Path path = text(content);

    String message =
        message(assertThrows(DataException.class, () -> TableReader.read(path, header)));

    assertTrue(message.startsWith(path + ": " + problem), message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1,2\n", "1 2\n"})
  void shouldNameTheByteWhereGzippedTextIsCut(String line) throws IOException {
    byte[] whole = gzip(line.repeat(100_000));
    Path path = Files.write(folder.resolve("a"), Arrays.copyOf(whole, whole.length - 20));

    String message =
        message(assertThrows(FormatException.class, () -> TableReader.read(path, false)));

    assertTrue(message.contains("damaged or truncated gzip data"), message);
  }

  @Test
  void shouldRefuseAnEndlessCell() throws IOException {
    Path path = text("1,2\n\"" + "3".repeat(1 << 25));

    String message =
        message(assertThrows(DataException.class, () -> TableReader.read(path, false)));

    assertTrue(message.startsWith(path + ": after line 1: "), message);
    assertTrue(message.length() < 500, message);
  }

  @Test
  void shouldRefuseOtherBinaries() throws IOException {
    Path path = Files.write(folder.resolve("a"), new byte[] {'P', 'K', 3, 4, 5, 6});

    String message =
        message(assertThrows(FormatException.class, () -> TableReader.read(path, false)));

    assertTrue(message.startsWith(path + ": byte 2: neither text, IDX nor .npy"), message);
  }

  static Stream<Arguments> badArrays() {
    return Stream.of(
        arguments(new NpyArray(Shape.of(), DType.F32, new float[1]), "a single number"),
        arguments(new NpyArray(Shape.of(0, 3), DType.F32, new float[0]), "no data"),
        arguments(new NpyArray(Shape.of(3, 0), DType.F32, new float[0]), "no data"),
        arguments(
            new NpyArray(Shape.of(2, 2), DType.F32, new float[] {0, 1, 2, Float.NaN}),
            "row 2: column 2: NaN"));
  }

  @ParameterizedTest
  @MethodSource("badArrays")
  void shouldRefuseArraysThatAreNoTable(NpyArray array, String problem) {
    Path path = folder.resolve("a");
    Npy.write(path, array);

    String message =
        message(assertThrows(DataException.class, () -> TableReader.read(path, false)));

    assertTrue(message.startsWith(path + ": " + problem), message);
  }

  private static String message(RuntimeException e) {
    return String.valueOf(e.getMessage());
  }
}
