package dev.quern.io;

import static dev.quern.io.FormatFiles.dictionary;
import static dev.quern.io.FormatFiles.npy;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.quern.DType;
import dev.quern.Shape;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class NpzTest {
  private static final byte[] ONE = npy(dictionary("|i1", false, "(2,)"), (byte) 4, (byte) 5);
  private static final int LOCAL = 0x04034b50;
  private static final int CENTRAL = 0x02014b50;
  private static final int END = 0x06054b50;

  @TempDir private Path folder;

  private Path file(byte... content) {
    try {
      return Files.write(folder.resolve("a.npz"), content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] zip(boolean deflated, byte[] content, String... names) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      for (String name : names) {
        ZipEntry entry = new ZipEntry(name);
        if (!deflated) {
          CRC32 crc = new CRC32();
          crc.update(content);
          entry.setMethod(ZipEntry.STORED);
          entry.setSize(content.length);
          entry.setCrc(crc.getValue());
        }
        zip.putNextEntry(entry);
        zip.write(content);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  /** Returns where the n-th record with a signature starts, counted from 0. */
  private static int find(byte[] zip, int signature, int n) {
    ByteBuffer b = ByteBuffer.wrap(zip).order(ByteOrder.LITTLE_ENDIAN);
    int left = n;
    for (int i = 0; i + 4 <= zip.length; i++) {
      if (b.getInt(i) == signature && left-- == 0) {
        return i;
      }
    }
    throw new AssertionError("no such record");
  }

  private static byte[] edit(byte[] zip, Consumer<ByteBuffer> change) {
    byte[] copy = zip.clone();
    change.accept(ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN));
    return copy;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void shouldReadWhatItWrote(boolean deflated) {
    Path path = folder.resolve("b.npz");
    Map<String, NpyArray> arrays = new LinkedHashMap<>();
    arrays.put("w/x", new NpyArray(Shape.of(2, 1), DType.F32, new float[] {1, -0.0f}));
    arrays.put("ü", new NpyArray(Shape.of(300_000), DType.I64, new long[300_000]));
    arrays.put("none", new NpyArray(Shape.of(0), DType.BOOL, new boolean[0]));

    Npz.write(path, arrays, deflated);
    Map<String, NpyArray> read = Npz.read(path);

    assertEquals(List.copyOf(arrays.keySet()), List.copyOf(read.keySet()));
    arrays.forEach(
        (name, array) -> {
          assertEquals(array.shape(), read.get(name).shape());
          assertTrue(
              Arrays.deepEquals(new Object[] {array.data()}, new Object[] {read.get(name).data()}));
        });
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void shouldWriteTheSameBytesAgain(boolean deflated) throws IOException {
    Map<String, NpyArray> arrays =
        Map.of("a", new NpyArray(Shape.of(2), DType.F32, new float[] {1, 2}));

    Npz.write(folder.resolve("a"), arrays, deflated);
    Npz.write(folder.resolve("b"), arrays, deflated);

    assertArrayEquals(
        Files.readAllBytes(folder.resolve("a")), Files.readAllBytes(folder.resolve("b")));
  }

  @Test
  void shouldReadOneArrayThoughAnotherIsDamaged() {
    byte[] good = zip(false, ONE, "a.npy", "b.npy");
    byte[] bad = edit(good, b -> b.put(find(good, LOCAL, 1) + 40, (byte) 0));

    try (Npz npz = Npz.open(file(bad))) {
      assertEquals(List.of("a", "b"), List.copyOf(npz.names()));
      assertArrayEquals(new int[] {4, 5}, (int[]) npz.read("a").data());
      assertThrows(FormatException.class, () -> npz.read("b"));
    }
  }

  @Test
  void shouldReadAnArchiveWithoutArrays() {
    assertTrue(Npz.read(file(zip(false, ONE))).isEmpty());
  }

  @Test
  void shouldSayWhichArraysThereAre() {
    try (Npz npz = Npz.open(file(zip(false, ONE, "a.npy")))) {
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> npz.read("b"));

      assertTrue(e.getMessage().endsWith("it has [a]"), e.getMessage());
    }
  }

  static Stream<Arguments> faults() {
    byte[] good = zip(false, ONE, "a.npy", "b.npy");
    byte[] packed = zip(true, ONE, "a.npy");
    int central = find(good, CENTRAL, 0);
    int second = find(good, CENTRAL, 1);
    int end = find(good, END, 0);
    int local = find(good, LOCAL, 1);
    int packedCentral = find(packed, CENTRAL, 0);
    byte[] bomb = zip(true, new byte[1 << 20], "a.npy");
    int bombCentral = find(bomb, CENTRAL, 0);
    return Stream.of(
        arguments("empty", new byte[0], 0, "not an .npz file"),
        arguments("an array", ONE, 0, "not an .npz file"),
        arguments("cut", Arrays.copyOf(good, good.length - 1), good.length - 1, "truncated"),
        arguments("cut early", Arrays.copyOf(good, 60), 60, "truncated"),
        arguments("no array", zip(false, ONE, "a.txt"), 35, "'a.txt' is no .npy file"),
        arguments(
            "duplicate",
            edit(good, b -> b.put(second + 46, (byte) 'a').put(local + 30, (byte) 'a')),
            second,
            "duplicate entry 'a.npy'"),
        arguments(
            "overlap",
            edit(
                good,
                b -> b.putInt(second + 42, 0).put(second + 46, (byte) 'b').put(30, (byte) 'b')),
            0,
            "differs"),
        arguments(
            "overlap of sizes",
            edit(good, b -> b.putInt(central + 20, 130).putInt(central + 24, 130)),
            local,
            "overlap"),
        arguments(
            "end in the directory",
            edit(good, b -> b.putInt(second + 20, 1000).putInt(second + 24, 1000)),
            second + 24,
            "claims 1000 bytes"),
        arguments(
            "end in the directory, just",
            edit(good, b -> b.putInt(second + 20, 90).putInt(second + 24, 90)),
            local,
            "does not end before"),
        arguments("header elsewhere", edit(good, b -> b.putInt(second + 42, 7)), 7, "is missing"),
        arguments(
            "header in the directory",
            edit(good, b -> b.putInt(second + 42, end)),
            second,
            "does not lie before"),
        arguments(
            "directory elsewhere", edit(good, b -> b.putInt(end + 16, 3)), end, "does not lie"),
        arguments(
            "count", edit(good, b -> b.putShort(end + 10, (short) 1)), second, "unexpected bytes"),
        arguments(
            "count too high", edit(good, b -> b.putShort(end + 10, (short) 999)), end, "cannot"),
        arguments("entry cut", edit(good, b -> b.putInt(second, 0)), second, "entry 1"),
        arguments(
            "entry outside",
            edit(good, b -> b.putShort(second + 32, (short) 999)),
            second,
            "truncated"),
        arguments("parts", edit(good, b -> b.putShort(end + 4, (short) 1)), end, "in several"),
        arguments(
            "encrypted",
            edit(good, b -> b.putShort(central + 8, (short) 1)),
            central + 8,
            "encrypted"),
        arguments(
            "method",
            edit(good, b -> b.putShort(central + 10, (short) 12)),
            central + 10,
            "method 12"),
        arguments(
            "stored sizes",
            edit(good, b -> b.putInt(central + 24, 5)),
            central + 20,
            "is stored, but 5 bytes"),
        arguments(
            "name", edit(good, b -> b.put(central + 46, (byte) -1)), central + 46, "not UTF-8"),
        arguments(
            "ZIP64 without extra",
            edit(good, b -> b.putInt(central + 20, -1).putInt(central + 24, -1)),
            central + 24,
            "claims 4294967295 bytes"),
        arguments(
            "bomb",
            edit(bomb, b -> b.putInt(bombCentral + 24, Integer.MAX_VALUE)),
            bombCentral + 24,
            "claims 2147483647 bytes"),
        arguments("damage", edit(good, b -> b.put(local - 1, (byte) 9)), 70, "CRC-32 differs"),
        arguments("CRC", edit(packed, b -> b.putInt(packedCentral + 16, 1)), 70, "CRC-32 differs"),
        arguments(
            "less than promised",
            edit(packed, b -> b.putInt(packedCentral + 24, 71)),
            70,
            "70 bytes, not the 71 promised"),
        arguments(
            "more than promised",
            edit(packed, b -> b.putInt(packedCentral + 24, 69)),
            0,
            "more than the 69 bytes promised"),
        arguments(
            "packed data cut",
            edit(packed, b -> b.putInt(packedCentral + 20, 20)),
            10,
            "damaged or truncated zip data: it ends too early"),
        arguments(
            "header of 2^40 elements",
            zip(true, npy(dictionary("<f8", false, "(1099511627776,)")), "a.npy"),
            80,
            "needs 8796093022208 bytes"),
        arguments(
            "header of 2^30 elements",
            zip(true, npy(dictionary("<f8", false, "(1073741824,)")), "a.npy"),
            77,
            "needs 8589934592 bytes"),
        arguments("no npy inside", zip(false, new byte[99], "a.npy"), 0, "the magic"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("faults")
  void shouldNameFileByteAndFault(String name, byte[] content, long offset, String problem) {
    Path path = file(content);

    FormatException e = assertThrows(FormatException.class, () -> Npz.read(path));
    String message = String.valueOf(e.getMessage());

    assertTrue(message.startsWith(path.toString()), message);
    assertTrue(message.contains(problem), message);
    assertEquals(offset, e.offset(), message);
  }

  @Test
  void shouldRefuseToReadWhenClosed() {
    Npz npz = Npz.open(file(zip(false, ONE, "a.npy")));

    npz.close();
    npz.close();

    assertThrows(IllegalStateException.class, () -> npz.read("a"));
  }

  @Test
  void shouldLeaveNothingWhenANameIsTooLong() {
    Path path = folder.resolve("c.npz");

    assertThrows(
        IllegalArgumentException.class,
        () ->
            Npz.write(
                path, Map.of("x".repeat(70_000), new NpyArray(Shape.of(), DType.I32, new int[1]))));

    assertFalse(Files.exists(path));
  }
}
