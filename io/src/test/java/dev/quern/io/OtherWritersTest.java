package dev.quern.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.DType;
import dev.quern.Shape;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Reads files that NumPy and the reference implementation of safetensors wrote. */
class OtherWritersTest {
  private static final Map<String, Double> LEAST =
      Map.ofEntries(
          Map.entry("i1", -128.0),
          Map.entry("u1", 255.0),
          Map.entry("i2", -32768.0),
          Map.entry("u2", 65535.0),
          Map.entry("i4", -0x1p31),
          Map.entry("u4", 0x1p32 - 1),
          Map.entry("i8", -0x1p63),
          Map.entry("f2", -65504.0),
          Map.entry("f4", (double) -Float.MAX_VALUE),
          Map.entry("f8", -Double.MAX_VALUE));

  private static Path resource(String name) {
    try {
      return Path.of(Objects.requireNonNull(OtherWritersTest.class.getResource(name)).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static double[] values(String type) {
    if (type.equals("b1")) {
      return new double[] {0, 1, 1, 1, 1, 1};
    }
    double half = type.startsWith("f") ? 2.5 : 2;
    return new double[] {0, 1, half, 3, 100, LEAST.get(type)};
  }

  private static DType dtype(String type) {
    return switch (type) {
      case "b1" -> DType.BOOL;
      case "u4", "i8" -> DType.I64;
      case "f2" -> DType.F16;
      case "f4" -> DType.F32;
      case "f8" -> DType.F64;
      default -> DType.I32;
    };
  }

  @ParameterizedTest
  @ValueSource(strings = {"numpy-stored.npz", "numpy-deflated.npz"})
  void shouldReadEveryTypeOrderAndLayoutOfNumpy(String file) {
    Map<String, NpyArray> arrays = Npz.read(resource(file));

    assertEquals(11 * 4 + 3, arrays.size());
    for (Map.Entry<String, NpyArray> named : arrays.entrySet()) {
      if (named.getKey().contains("-")) {
        String type = named.getKey().substring(0, 2);
        assertEquals(dtype(type), named.getValue().dtype(), named.getKey());
        assertEquals(Shape.of(2, 3), named.getValue().shape(), named.getKey());
        assertArrayEquals(values(type), named.getValue().toDoubleArray(), named.getKey());
      }
    }
    assertEquals(Shape.of(), arrays.get("scalar").shape());
    assertArrayEquals(new float[] {1.5f}, (float[]) arrays.get("scalar").data());
    assertEquals(Shape.of(0, 3), arrays.get("empty").shape());
    assertArrayEquals(new long[] {0, 1, 2}, (long[]) arrays.get("größe").data());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void shouldReadEveryVersionOfNumpy(int version) {
    NpyArray read = Npy.read(resource("numpy-v" + version + ".npy"));

    assertEquals(Shape.of(2, 3, 4), read.shape());
    assertEquals(23, ((long[]) read.data())[23]);
  }

  @ParameterizedTest
  @CsvSource({
    "numpy-objects.npy, pickled Python objects ('|O') are not read",
    "numpy-complex.npy, element type '<c8' is not supported",
    "numpy-u8.npy, element type '<u8' is not supported",
  })
  void shouldRefuseOtherTypesOfNumpy(String file, String problem) {
    Path path = resource(file);

    FormatException e = assertThrows(FormatException.class, () -> Npy.read(path));

    assertTrue(e.getMessage().startsWith(path + ": byte 20: " + problem), e.getMessage());
  }

  @Test
  void shouldRefusePickledObjectsInAnArchive() {
    Path path = resource("numpy-objects.npz");

    FormatException e = assertThrows(FormatException.class, () -> Npz.read(path));

    assertTrue(e.getMessage().startsWith(path + "!a.npy: byte "), e.getMessage());
    assertTrue(e.getMessage().contains("pickled Python objects"), e.getMessage());
  }

  @Test
  void shouldReadEveryTypeOfTheReferenceSafetensors() {
    try (Safetensors file = Safetensors.open(resource("reference.safetensors"))) {
      for (String type :
          List.of("b1", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "f2", "f4", "f8")) {
        NpyArray read = file.read(type);

        assertEquals(dtype(type), read.dtype(), type);
        assertEquals(Shape.of(2, 3), read.shape(), type);
        assertArrayEquals(values(type), read.toDoubleArray(), type);
      }
      assertEquals("F32", file.type("scalar"));
      assertEquals(Shape.of(), file.shape("scalar"));
      assertEquals(Shape.of(0, 3), file.read("empty").shape());
      assertArrayEquals(new long[] {0, 1, 2}, (long[]) file.read("größe").data());
      assertEquals(
          Map.of("format", "np", "text", "a \"quoted\" \\ back\nslash, ü, \ud83d\ude00"),
          file.metadata());
    }
  }

  @Test
  void shouldSayWhichTypeOfSafetensorsItCannotRead() {
    try (Safetensors file = Safetensors.open(resource("reference.safetensors"))) {
      FormatException e = assertThrows(FormatException.class, () -> file.read("u8"));

      assertTrue(e.getMessage().contains("'u8': element type U64 is not supported"));
    }
  }

  @Test
  void shouldReadBfloat16() {
    try (Safetensors file = Safetensors.open(resource("bf16.safetensors"))) {
      NpyArray read = file.read("bf16");

      assertEquals(DType.BF16, read.dtype());
      assertArrayEquals(
          new double[] {0, 1, 2.5, 3, 100, Double.NEGATIVE_INFINITY}, read.toDoubleArray());
    }
  }
}
