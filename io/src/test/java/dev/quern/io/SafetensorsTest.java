package dev.quern.io;

import static dev.quern.io.FormatFiles.join;
import static dev.quern.io.FormatFiles.safetensors;
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
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SafetensorsTest {
  private static final String A = "\"a\":{\"dtype\":\"I8\",\"shape\":[2],\"data_offsets\":[0,2]}";

  @TempDir private Path folder;

  private Path file(byte... content) {
    try {
      return Files.write(folder.resolve("a.safetensors"), content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void shouldReadWhatItWrote() {
    Path path = folder.resolve("b.safetensors");
    Map<String, NpyArray> arrays = new LinkedHashMap<>();
    arrays.put("bool", new NpyArray(Shape.of(2), DType.BOOL, new boolean[] {true, false}));
    arrays.put("i32", new NpyArray(Shape.of(1, 2), DType.I32, new int[] {Integer.MIN_VALUE, 7}));
    arrays.put("i64", new NpyArray(Shape.of(2, 1), DType.I64, new long[] {Long.MAX_VALUE, -1}));
    arrays.put("f16", new NpyArray(Shape.of(2), DType.F16, new short[] {0x3c00, 0x7e01}));
    arrays.put("bf16", new NpyArray(Shape.of(1), DType.BF16, new short[] {-1}));
    arrays.put("", new NpyArray(Shape.of(), DType.F32, new float[] {-0.0f}));
    arrays.put("f64", new NpyArray(Shape.of(70_001), DType.F64, new double[70_001]));
    arrays.put("none", new NpyArray(Shape.of(0, 5), DType.F32, new float[0]));
    Map<String, String> metadata = Map.of("", "\"\\\n\u0000\u001fü\ud83d\ude00/", "k", "");

    Safetensors.write(path, arrays, metadata);

    try (Safetensors read = Safetensors.open(path)) {
      assertEquals(arrays.keySet(), read.names());
      assertEquals(metadata, read.metadata());
      arrays.forEach(
          (name, array) -> {
            assertEquals(array.shape(), read.read(name).shape());
            assertTrue(Arrays.deepEquals(box(array), box(read.read(name))), name);
          });
    }
  }

  private static Object[] box(NpyArray array) {
    return new Object[] {array.data()};
  }

  @Test
  void shouldAlignEveryTensorToItsElements() throws IOException {
    Path path = folder.resolve("c.safetensors");
    Map<String, NpyArray> arrays = new LinkedHashMap<>();
    arrays.put("odd", new NpyArray(Shape.of(3), DType.BOOL, new boolean[3]));
    arrays.put("wide", new NpyArray(Shape.of(1), DType.F64, new double[] {1}));

    Safetensors.write(path, arrays, Map.of());

    ByteBuffer content = ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN);
    int start = 8 + (int) content.getLong(0);
    assertEquals(0, start % 8);
    assertEquals(1.0, content.getDouble(start));
    assertEquals(start + 8 + 3, content.capacity());
  }

  @Test
  void shouldReadATensor() {
    Path path = file(safetensors("{" + A + "}", (byte) -1, (byte) 5));
    Scope scope = Scope.open();
    try (scope;
        Safetensors read = Safetensors.open(path)) {
      Tensor tensor = read.readTensor("a");

      assertArrayEquals(new int[] {-1, 5}, tensor.toIntArray());
    }
  }

  @Test
  void shouldReadOtherSpellingsOfTheHeader() {
    String header =
        " { \"\\u0061\\/\" : {\t\"data_offsets\" : [ 0 , 1 ],\n\"shape\":[ ],"
            + "\"dtype\":\"U8\" } , \"__metadata__\":{ } }   ";

    try (Safetensors read = Safetensors.open(file(safetensors(header.strip() + "  ", (byte) -1)))) {
      assertEquals(Set.of("a/"), read.names());
      assertArrayEquals(new int[] {255}, (int[]) read.read("a/").data());
    }
  }

  @Test
  void shouldReadAFileWithoutTensors() {
    try (Safetensors read = Safetensors.open(file(safetensors("{}")))) {
      assertEquals(Set.of(), read.names());
    }
  }

  private static String tensor(String name, String type, String shape, String offsets) {
    return String.format(
        "\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":%s}", name, type, shape, offsets);
  }

  static Stream<Arguments> faults() {
    byte[] two = {1, 2};
    byte[] good = safetensors("{" + A + "}", two);
    int end = good.length;
    String b = tensor("b", "I8", "[1]", "[1,2]");
    return Stream.of(
        arguments("empty", new byte[0], 0, "truncated"),
        arguments("length cut", Arrays.copyOf(good, 7), 7, "truncated"),
        arguments("length 0", new byte[8], 0, "header length 0"),
        arguments("length 2^64 - 1", ones(16), 0, "header length 18446744073709551615"),
        arguments("length 2^31", length(1L << 31), 0, "header length 2147483648"),
        arguments("header cut", Arrays.copyOf(good, 30), 8, "header of"),
        arguments("a list", safetensors("[]"), 8, "does not start with '{'"),
        arguments("a blank first", safetensors(" {}"), 8, "does not start with '{'"),
        arguments("text after", safetensors("{} \n"), 11, "unexpected text after the header"),
        arguments("data cut", Arrays.copyOf(good, end - 1), 9, "'a' ends"),
        arguments("bytes after", join(good, two), end, "belong to none"),
        arguments("bytes without tensors", safetensors("{}", two), 10, "belong to none"),
        arguments(
            "hole before",
            safetensors("{" + b + "}", two),
            9,
            "'b' leaves a hole: it starts at byte 62, not 61"),
        arguments("overlap", safetensors("{" + A + "," + b + "}", two), 61, "'b' overlaps another"),
        arguments("twice", safetensors("{" + A + "," + A + "}", two), 61, "duplicate name 'a'"),
        arguments(
            "twice through an escape",
            safetensors("{" + A + "," + A.replace("\"a\"", "\"\\u0061\"") + "}", two),
            61,
            "duplicate name 'a'"),
        arguments(
            "two metadata",
            safetensors("{\"__metadata__\":{},\"__metadata__\":{}}"),
            27,
            "duplicate name '__metadata__'"),
        arguments(
            "metadata twice",
            safetensors("{\"__metadata__\":{\"k\":\"\",\"k\":\"\"}}"),
            32,
            "duplicate key 'k'"),
        arguments("metadata a number", safetensors("{\"__metadata__\":{\"k\":1}}"), 29, "'\"'"),
        arguments(
            "dtype twice",
            safetensors("{" + A.replace("\"shape\"", "\"dtype\":\"I8\",\"shape\"") + "}", two),
            27,
            "duplicate key 'dtype'"),
        arguments(
            "unknown key",
            safetensors("{" + A.replace("shape", "shade") + "}", two),
            27,
            "unknown key 'shade'"),
        arguments("no shape", safetensors("{\"a\":{\"dtype\":\"I8\"}}"), 9, "lacks"),
        arguments(
            "unknown type",
            safetensors("{" + tensor("a", "I9", "[2]", "[0,2]") + "}", two),
            22,
            "unknown element type 'I9'"),
        arguments(
            "size",
            safetensors("{" + tensor("a", "I16", "[2]", "[0,2]") + "}", two),
            9,
            "'a': 2 bytes for [2] elements of 2"),
        arguments(
            "2^40 elements",
            safetensors("{" + tensor("a", "F64", "[1099511627776]", "[0,8796093022208]") + "}"),
            9,
            "'a' ends 8796093022208 bytes after"),
        arguments(
            "overflow",
            safetensors("{" + tensor("a", "I8", "[4294967296,4294967296]", "[0,0]") + "}"),
            9,
            "absurd extents"),
        arguments(
            "offsets that run backwards",
            safetensors("{" + tensor("a", "I8", "[0]", "[2,0]") + "}", two),
            9,
            "-2 bytes"),
        arguments(
            "end beyond 2^63",
            safetensors("{" + tensor("a", "I8", "[2]", "[9223372036854775808,0]") + "}", two),
            55,
            "not an extent"),
        arguments(
            "end that wraps",
            safetensors(
                "{" + tensor("a", "I8", "[2]", "[9223372036854775805,9223372036854775807]") + "}",
                two),
            9,
            "ends 9223372036854775807 bytes"),
        arguments(
            "negative extent",
            safetensors("{" + tensor("a", "I8", "[-2]", "[0,2]") + "}", two),
            36,
            "not an extent"),
        arguments(
            "fraction",
            safetensors("{" + tensor("a", "I8", "[2.0]", "[0,2]") + "}", two),
            37,
            "']' is missing"),
        arguments(
            "leading zero",
            safetensors("{" + tensor("a", "I8", "[02]", "[0,2]") + "}", two),
            36,
            "not an extent"),
        arguments(
            "65 axes",
            safetensors(
                "{" + tensor("a", "I8", "[" + "1,".repeat(64) + "1]", "[0,1]") + "}", (byte) 1),
            35,
            "absurd number"),
        arguments(
            "three offsets",
            safetensors("{" + tensor("a", "I8", "[2]", "[0,2,2]") + "}", two),
            54,
            "absurd number"),
        arguments("no offsets", safetensors("{" + tensor("a", "I8", "[]", "[]") + "}"), 9, "lacks"),
        arguments("string end", safetensors("{\"a"), 10, "does not end"),
        arguments("escape at the end", safetensors("{\"a\\"), 10, "does not end"),
        arguments("short escape", safetensors("{\"\\u00\":1}"), 10, "lacks its four digits"),
        arguments("unknown escape", safetensors("{\"\\x\":1}"), 10, "unknown escape"),
        arguments("half a pair", safetensors("{\"\\ud83d\":1}"), 10, "half a surrogate pair"),
        arguments("control", safetensors("{\"\n\":1}"), 10, "control character"),
        arguments(
            "not UTF-8",
            join(length(5), new byte[] {'{', '"', (byte) 0xc3, '"', '}'}),
            10,
            "not UTF-8"),
        arguments("trailing comma", safetensors("{" + A + ",}", two), 61, "'\"' is missing"));
  }

  private static byte[] ones(int n) {
    byte[] out = new byte[n];
    Arrays.fill(out, (byte) -1);
    return out;
  }

  private static byte[] length(long n) {
    return ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(n).array();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("faults")
  void shouldNameFileByteAndFault(String name, byte[] content, long offset, String problem) {
    Path path = file(content);

    FormatException e = assertThrows(FormatException.class, () -> Safetensors.open(path));
    String message = String.valueOf(e.getMessage());

    assertTrue(message.startsWith(path + ": byte "), message);
    assertTrue(message.contains(problem), message);
    assertEquals(offset, e.offset(), message);
  }

  @Test
  void shouldNameAMissingFile() {
    Path path = folder.resolve("missing");

    UncheckedIOException e = assertThrows(UncheckedIOException.class, () -> Safetensors.open(path));

    assertEquals(path + ": no such file or folder", e.getMessage());
  }

  @Test
  void shouldRefuseAFolder() {
    UncheckedIOException e =
        assertThrows(UncheckedIOException.class, () -> Safetensors.open(folder));

    assertEquals(folder + ": is a folder, not a file", e.getMessage());
  }

  @Test
  void shouldSayWhichTensorsThereAre() {
    try (Safetensors read = Safetensors.open(file(safetensors("{" + A + "}", new byte[2])))) {
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> read.read("b"));

      assertTrue(e.getMessage().startsWith("safetensors: no tensor 'b' in "), e.getMessage());
      assertTrue(e.getMessage().endsWith("it has [a]"), e.getMessage());
    }
  }

  @Test
  void shouldRefuseToReadWhenClosed() {
    Safetensors read = Safetensors.open(file(safetensors("{" + A + "}", new byte[2])));

    read.close();
    read.close();

    assertThrows(IllegalStateException.class, () -> read.read("a"));
  }

  @Test
  void shouldRefuseNamesThatCannotBeWritten() throws IOException {
    Path path = folder.resolve("d");
    NpyArray array = new NpyArray(Shape.of(), DType.I32, new int[1]);

    assertThrows(
        IllegalArgumentException.class,
        () -> Safetensors.write(path, Map.of("__metadata__", array), Map.of()));
    assertThrows(
        IllegalArgumentException.class,
        () -> Safetensors.write(path, Map.of("\ud83d", array), Map.of()));

    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(0, files.count());
    }
  }

  @Test
  void shouldCountTheHeadersLengthInBytes() throws IOException {
    Path path = folder.resolve("e");

    Safetensors.write(path, Map.of(), Map.of("ü", "ß"));

    byte[] content = Files.readAllBytes(path);
    assertEquals(content.length - 8, content[0]);
    assertTrue(new String(content, StandardCharsets.UTF_8).contains("{\"ü\":\"ß\"}"));
  }
}
