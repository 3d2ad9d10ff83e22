package dev.quern.io;

import static dev.quern.io.FormatFiles.gzip;
import static dev.quern.io.FormatFiles.idx;
import static dev.quern.io.FormatFiles.join;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.quern.DType;
import dev.quern.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class IdxTest {
  @TempDir private Path folder;

  static Stream<Arguments> elements() {
    return Stream.of(
        arguments(0x08, DType.I32, new byte[] {-1}, 255.0),
        arguments(0x09, DType.I32, new byte[] {-1}, -1.0),
        arguments(0x0b, DType.I32, new byte[] {1, 0}, 256.0),
        arguments(0x0c, DType.I32, new byte[] {0, 0, 1, 0}, 256.0),
        arguments(0x0d, DType.F32, new byte[] {0x3f, -0x80, 0, 0}, 1.0),
        arguments(0x0e, DType.F64, new byte[] {0x40, 0, 0, 0, 0, 0, 0, 0}, 2.0));
  }

  @ParameterizedTest
  @MethodSource("elements")
  void shouldReadEveryElementType(int type, DType dtype, byte[] data, double value)
      throws IOException {
    NpyArray read = Idx.read(Files.write(folder.resolve("a"), idx(type, new int[] {1}, data)));

    assertEquals(dtype, read.dtype());
    assertArrayEquals(new double[] {value}, read.toDoubleArray());
  }

  @Test
  void shouldReadGzippedImages() throws IOException {
    byte[] content = idx(0x08, new int[] {2, 1, 2}, (byte) 1, (byte) 2, (byte) 3, (byte) 4);

    NpyArray read = Idx.read(Files.write(folder.resolve("a"), gzip(content)));

    assertEquals(Shape.of(2, 1, 2), read.shape());
    assertArrayEquals(new int[] {1, 2, 3, 4}, (int[]) read.data());
  }

  static Stream<Arguments> faults() {
    byte[] good = idx(0x08, new int[] {2}, (byte) 1, (byte) 2);
    return Stream.of(
        arguments("empty", new byte[0], 0, "truncated"),
        arguments("wrong magic", join(new byte[] {7}, good), 0, "not an IDX file"),
        arguments("type", idx(0x0a, new int[] {1}, (byte) 0), 2, "element type 0x0a"),
        arguments("no axis", idx(0x08, new int[0], (byte) 0), 3, "without an axis"),
        arguments("65 axes", idx(0x08, new int[65]), 3, "absurd number of axes: 65"),
        arguments("extents cut", Arrays.copyOf(good, 6), 4, "needs 4 bytes"),
        arguments("data cut", Arrays.copyOf(good, 9), 8, "needs 2 bytes"),
        arguments("trailing", join(good, good), 10, "unexpected bytes"),
        arguments("negative", idx(0x08, new int[] {-1}), 4, "absurd extent 4294967295"),
        arguments(
            "absurd size",
            idx(0x0e, new int[] {Integer.MAX_VALUE, Integer.MAX_VALUE}),
            12,
            "file has 0 left"),
        arguments(
            "overflow",
            idx(0x08, new int[] {Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE}),
            4,
            "absurd extents"),
        arguments("gzip cut", Arrays.copyOf(gzip(good), 25), 0, "gzip"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("faults")
  void shouldNameFileByteAndFault(String name, byte[] content, long offset, String problem)
      throws IOException {
    Path path = Files.write(folder.resolve("a"), content);

    FormatException e = assertThrows(FormatException.class, () -> Idx.read(path));
    String message = String.valueOf(e.getMessage());

    assertTrue(message.startsWith(path + ": byte "), message);
    assertTrue(message.contains(problem), message);
    if (offset > 0) {
      assertEquals(offset, e.offset(), message);
    }
  }
}
