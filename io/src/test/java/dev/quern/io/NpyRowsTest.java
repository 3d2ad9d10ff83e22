package dev.quern.io;

import static dev.quern.io.FormatFiles.dictionary;
import static dev.quern.io.FormatFiles.gzip;
import static dev.quern.io.FormatFiles.npy;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.quern.Shape;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class NpyRowsTest {
  @TempDir private Path folder;

  @Test
  void shouldReadRowsInAnyOrder() throws IOException {
    byte[] content =
        npy(dictionary(">i2", false, "(2, 1, 2)"), new byte[] {0, 1, 0, 2, 0, 3, -1, -1});
    Path path = Files.write(folder.resolve("a"), content);
    double[] target = new double[5];

    try (NpyRows rows = NpyRows.open(path)) {
      rows.read(1, target, 0);
      rows.read(0, target, 3);

      assertEquals(2, rows.rows());
      assertEquals(2, rows.columns());
      assertEquals(Shape.of(2, 1, 2), rows.shape());
      assertArrayEquals(new double[] {3, -1, 0, 1, 2}, target);
      assertThrows(IllegalArgumentException.class, () -> rows.read(2, target, 0));
      assertThrows(IllegalArgumentException.class, () -> rows.read(-1, target, 0));
    }
  }

  @Test
  void shouldReadARowThatLiesInTwoMappings() throws IOException {
    int rows = (1 << 30) / 5 + 10;
    byte[] header = npy(dictionary("|u1", false, "(" + rows + ", 5)"));
    Path path = folder.resolve("large");
    long row = ((1L << 30) - header.length) / 5;
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.write(header);
      // The rest takes no room on the disk.
      file.setLength(header.length + 5L * rows);
      file.seek(header.length + 5 * row);
      file.write(new byte[] {1, 2, 3, 4, 5});
    }
    double[] target = new double[5];

    try (NpyRows read = NpyRows.open(path)) {
      read.read(row, target, 0);
      assertArrayEquals(new double[] {1, 2, 3, 4, 5}, target);
      read.read(rows - 1, target, 0);
      assertArrayEquals(new double[5], target);
    }
    assertTrue((header.length + 5 * row) >> 30 == 0 && (header.length + 5 * row + 4) >> 30 == 1);
  }

  static Stream<Arguments> faults() {
    return Stream.of(
        arguments(new byte[3], "truncated"),
        arguments(gzip(npy(dictionary("|i1", false, "(1,)"), (byte) 1)), "is gzipped"),
        arguments(npy(dictionary("|i1", false, "()"), (byte) 1), "has no rows"),
        arguments(npy(dictionary("|i1", true, "(1, 1)"), (byte) 1), "Fortran order"),
        arguments(npy(dictionary("|i1", false, "(2,)"), (byte) 1), "but the file has 1"),
        arguments(npy(dictionary("<i2", false, "(2,)"), new byte[5]), "but the file has 5"),
        arguments(
            npy(dictionary("<f8", false, "(1099511627776,)")), "[1099511627776] elements of 8"));
  }

  @ParameterizedTest
  @MethodSource("faults")
  void shouldNameFileAndFault(byte[] content, String problem) throws IOException {
    Path path = Files.write(folder.resolve("a"), content);

    FormatException e = assertThrows(FormatException.class, () -> NpyRows.open(path));

    assertTrue(e.getMessage().startsWith(path + ": byte "), e.getMessage());
    assertTrue(e.getMessage().contains(problem), e.getMessage());
  }
}
