package dev.quern.io;

import static dev.quern.io.FormatFiles.dictionary;
import static dev.quern.io.FormatFiles.gzip;
import static dev.quern.io.FormatFiles.join;
import static dev.quern.io.FormatFiles.npy;
import static dev.quern.io.FormatFiles.npyLater;
import static dev.quern.io.FormatFiles.npyStart;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.quern.DType;
import dev.quern.Scope;
import dev.quern.Shape;
import dev.quern.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class NpyTest {
  @TempDir private Path folder;

  private Path file(byte... content) {
    try {
      return Files.write(folder.resolve("a.npy"), content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Stream<NpyArray> arrays() {
    return Stream.of(
        new NpyArray(Shape.of(), DType.F32, new float[] {-0.0f}),
        new NpyArray(Shape.of(2, 2), DType.F32, new float[] {1, Float.NaN, -Float.MIN_VALUE, 3}),
        new NpyArray(Shape.of(3), DType.F64, new double[] {0.1, 1e308, -Double.MIN_VALUE}),
        new NpyArray(Shape.of(1, 2), DType.I32, new int[] {Integer.MIN_VALUE, 7}),
        new NpyArray(Shape.of(2, 1), DType.I64, new long[] {Long.MAX_VALUE, -1}),
        new NpyArray(Shape.of(2), DType.BOOL, new boolean[] {true, false}),
        new NpyArray(Shape.of(0, 5), DType.F32, new float[0]),
        new NpyArray(Shape.of(70_001), DType.F64, new double[70_001]));
  }

  @ParameterizedTest
  @MethodSource("arrays")
  void shouldReadWhatItWrote(NpyArray array) {
    Path path = folder.resolve("b.npy");

    Npy.write(path, array);
    NpyArray read = Npy.read(path);

    assertEquals(array.shape(), read.shape());
    assertEquals(array.dtype(), read.dtype());
    assertTrue(Arrays.deepEquals(new Object[] {array.data()}, new Object[] {read.data()}));
  }

  @Test
  void shouldWriteTheHeaderThatNumpyWrites() throws IOException {
    Path path = folder.resolve("c.npy");

    Npy.write(path, new NpyArray(Shape.of(3), DType.F32, new float[3]));

    byte[] content = Files.readAllBytes(path);
    assertEquals(128 + 12, content.length);
    assertEquals(
        "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }",
        new String(content, 10, 118, StandardCharsets.ISO_8859_1).strip());
    assertEquals('\n', content[127]);
  }

  @Test
  void shouldRoundTripATensor() {
    Path path = folder.resolve("d.npy");
    Scope scope = Scope.open();
    try (scope) {
      Npy.write(path, Tensor.arange(6).reshape(2, 3).transpose());

      Tensor read = Npy.readTensor(path);

      assertEquals(DType.I64, read.dtype());
      assertEquals(Shape.of(3, 2), read.shape());
      assertArrayEquals(new long[] {0, 3, 1, 4, 2, 5}, read.toLongArray());
    }
  }

  @Test
  void shouldRoundTripHalvesBitByBit() {
    Path path = folder.resolve("e.npy");
    short[] bits = {0x3c00, (short) 0x8001, 0x7e01, 0x7c00};
    Scope scope = Scope.open();
    try (scope) {
      Npy.write(path, Tensor.ofBits(DType.F16, bits, 2, 2));

      Tensor read = Npy.readTensor(path);

      assertEquals(DType.F16, read.dtype());
      assertArrayEquals(bits, read.toBits());
      assertEquals(-0x1p-24, Npy.read(path).toDoubleArray()[1]);
      assertThrows(
          IllegalArgumentException.class,
          () -> Npy.write(path, Tensor.ofBits(DType.BF16, bits, 2, 2)));
    }
  }

  static Stream<Arguments> elements() {
    byte[] ones = {-1, -1, -1, -1, -1, -1, -1, -1};
    return Stream.of(
        arguments("|b1", DType.BOOL, new byte[] {2}, 1.0),
        arguments("|i1", DType.I32, new byte[] {-2}, -2.0),
        arguments("|u1", DType.I32, new byte[] {-2}, 254.0),
        arguments("<i2", DType.I32, new byte[] {1, -1}, -255.0),
        arguments(">i2", DType.I32, new byte[] {1, -1}, 511.0),
        arguments("<u2", DType.I32, new byte[] {-1, -1}, 65535.0),
        arguments(">i4", DType.I32, new byte[] {0, 0, 1, 2}, 258.0),
        arguments("<u4", DType.I64, new byte[] {-1, -1, -1, -1}, 4294967295.0),
        arguments("<i8", DType.I64, ones, -1.0),
        arguments(">i8", DType.I64, new byte[] {0, 0, 0, 0, 0, 0, 1, 0}, 256.0),
        arguments("<f2", DType.F16, new byte[] {0, 0x3c}, 1.0),
        arguments(">f2", DType.F16, new byte[] {-0x7c, 1}, -0x401p-24),
        arguments("<f2", DType.F16, new byte[] {0, -4}, Double.NEGATIVE_INFINITY),
        arguments(">f4", DType.F32, new byte[] {0x3f, -0x80, 0, 0}, 1.0),
        arguments("<f8", DType.F64, new byte[] {0, 0, 0, 0, 0, 0, 0, 0x40}, 2.0));
  }

  @ParameterizedTest
  @MethodSource("elements")
  void shouldReadEveryElementType(String descr, DType dtype, byte[] data, double value) {
    NpyArray read = Npy.read(file(npy(dictionary(descr, false, "(1,)"), data)));

    assertEquals(dtype, read.dtype());
    assertArrayEquals(new double[] {value}, read.toDoubleArray());
  }

  @Test
  void shouldReadFortranOrder() {
    byte[] columnByColumn = {0, 10, 1, 11, 2, 12};

    NpyArray read = Npy.read(file(npy(dictionary("|u1", true, "(2, 3)"), columnByColumn)));

    assertArrayEquals(new double[] {0, 1, 2, 10, 11, 12}, read.toDoubleArray());
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void shouldReadLaterVersions(int version) {
    NpyArray read =
        Npy.read(file(npyLater(version, dictionary("|i1", false, "(2,)"), (byte) 4, (byte) 5)));

    assertArrayEquals(new int[] {4, 5}, (int[]) read.data());
  }

  @Test
  void shouldReadGzipWhateverTheName() {
    byte[] plain = npy(dictionary("|i1", false, "(2,)"), (byte) 4, (byte) 5);

    NpyArray read = Npy.read(file(gzip(plain)));

    assertArrayEquals(new int[] {4, 5}, (int[]) read.data());
  }

  @Test
  void shouldReadALargeGzippedArray() {
    int n = 3_000_001;
    byte[] data = new byte[n];
    data[n - 1] = 9;

    NpyArray read = Npy.read(file(gzip(npy(dictionary("|i1", false, "(" + n + ",)"), data))));

    assertEquals(9, ((int[]) read.data())[n - 1]);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"shape\": (1L,), \"descr\": \"|i1\", \"fortran_order\": False}",
        "  { 'fortran_order' : False,'descr':'|i1' , 'shape':( 1 , ) }  ",
      })
  void shouldReadOtherSpellingsOfTheDictionary(String dictionary) {
    assertArrayEquals(new double[] {7}, Npy.read(file(npy(dictionary, (byte) 7))).toDoubleArray());
  }

  static Stream<Arguments> faults() {
    String one = dictionary("|i1", false, "(1,)");
    byte[] good = npy(one, (byte) 7);
    int start = 10;
    int end = start + one.length();
    int shapeAt = start + one.indexOf('(');
    return Stream.of(
        arguments("empty", new byte[0], 0, "truncated"),
        arguments("magic cut", new byte[] {(byte) 0x93, 'N'}, 2, "truncated"),
        arguments("wrong magic", join(new byte[] {(byte) 0x93, 'X'}, good), 1, "magic"),
        arguments("text", "1,2,3,4,5,6\n".getBytes(StandardCharsets.UTF_8), 0, "magic"),
        arguments("version", join(npyStart(9), new byte[20]), 6, "unknown .npy version 9.0"),
        arguments("header cut", Arrays.copyOf(good, 40), 10, "needs"),
        arguments(
            "header length",
            join(npyStart(2), new byte[] {-1, -1, -1, 127}, new byte[9]),
            8,
            "absurd .npy header length 2147483647"),
        arguments("data cut", Arrays.copyOf(good, good.length - 1), end, "needs 1 bytes"),
        arguments("trailing", join(good, new byte[] {0}), end + 1, "unexpected bytes"),
        arguments(
            "absurd size",
            npy(dictionary("<f8", false, "(1000000000000,)"), (byte) 0),
            end + 12,
            "needs 8000000000000 bytes"),
        arguments(
            "overflow",
            npy(dictionary("|i1", false, "(4294967296, 4294967296)"), (byte) 0),
            shapeAt,
            "absurd extents"),
        arguments("negative", npy(dictionary("|i1", false, "(-1,)")), shapeAt, "negative"),
        arguments(
            "huge number",
            npy(dictionary("|i1", false, "(99999999999999999999,)")),
            shapeAt + 1,
            "not an extent"),
        arguments("objects", npy(dictionary("|O", false, "(1,)")), 20, "pickled Python objects"),
        arguments(
            "quadruple", npy(dictionary("<f16", false, "(1,)")), 20, "'<f16' is not supported"),
        arguments("no order", npy(dictionary("f4", false, "(1,)")), 20, "not supported"),
        arguments("text type", npy(dictionary("<U3", false, "(1,)")), 20, "not supported"),
        arguments(
            "structure",
            npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}"),
            20,
            "structured"),
        arguments("no dictionary", npy("hello"), 10, "'{' is missing"),
        arguments("missing key", npy("{'descr': '|i1', 'shape': (1,)}"), 10, "lacks"),
        arguments("unknown key", npy("{'what': 1}"), 11, "unknown key 'what'"),
        arguments("no string end", npy("{'descr"), 11, "does not end"),
        arguments(
            "not a truth value",
            npy("{'fortran_order': Maybe, 'descr': '|i1', 'shape': (1,)}"),
            28,
            "neither True nor False"),
        arguments("cut gzip", Arrays.copyOf(gzip(good), 30), 0, "gzip"),
        arguments("gzip header", new byte[] {0x1f, (byte) 0x8b, 8}, 0, "header: it ends too early"),
        arguments(
            "absurd size in gzip",
            gzip(npy(dictionary("<f8", false, "(1000000000000,)"), (byte) 0)),
            end + 12,
            "at most"),
        arguments(
            "gzipped data cut",
            gzip(npy(dictionary("|i1", false, "(2000,)"), (byte) 0)),
            end + 4,
            "truncated"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("faults")
  void shouldNameFileByteAndFault(String name, byte[] content, long offset, String problem) {
    Path path = file(content);

    FormatException e = assertThrows(FormatException.class, () -> Npy.read(path));
    String message = String.valueOf(e.getMessage());

    assertTrue(message.startsWith(path + ": byte "), message);
    assertTrue(message.contains(problem), message);
    if (offset > 0) {
      assertEquals(offset, e.offset(), message);
    }
  }

  @Test
  void shouldNameAMissingFile() {
    Path path = folder.resolve("missing.npy");

    UncheckedIOException e = assertThrows(UncheckedIOException.class, () -> Npy.read(path));

    assertEquals(path + ": no such file or folder", e.getMessage());
  }

  @Test
  void shouldRefuseAFolder() {
    UncheckedIOException e = assertThrows(UncheckedIOException.class, () -> Npy.read(folder));
    String message = String.valueOf(e.getMessage());

    assertTrue(message.startsWith(folder + ": is a folder"), message);
  }

  @Test
  void shouldRefuseArraysThatDoNotFitTheirShape() {
    assertThrows(
        IllegalArgumentException.class, () -> new NpyArray(Shape.of(3), DType.F32, new float[2]));
    assertThrows(
        IllegalArgumentException.class, () -> new NpyArray(Shape.of(2), DType.F64, new float[2]));
  }
}
