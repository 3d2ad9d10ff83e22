package dev.quern.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.DType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * What must hold for any bytes: a reader reads a whole array, or says with a {@link
 * FormatException} why not. Everything else, and half a minute without an answer, is a fault.
 */
final class Readers {
  private static final long MAX_NANOS = 30_000_000_000L;

  private Readers() {}

  /** A reader that takes bytes or refuses them. */
  private interface Reader {
    void read(String name);
  }

  private static void check(Reader reader) {
    long start = System.nanoTime();
    try {
      reader.read("file");
    } catch (FormatException e) {
      assertTrue(e.offset() >= 0, e.getMessage());
      assertTrue(e.getMessage().startsWith("file"), e.getMessage());
      assertFalse(e.getMessage().endsWith("null"), e.getMessage());
    }
    assertTrue(System.nanoTime() - start < MAX_NANOS, "hangs");
  }

  static void npy(byte[] data) {
    check(
        name -> {
          try (InputFile in = InputFile.of(name, data)) {
            requireWhole(Npy.read(in));
          }
        });
  }

  static void rowsOfNpy(byte[] data) {
    check(
        name -> {
          try (NpyRows rows = NpyRows.open(FileBytes.of(name, data))) {
            double[] target = new double[rows.columns()];
            for (long row = 0; row < Math.min(rows.rows(), 100); row++) {
              rows.read(row, target, 0);
            }
          }
        });
  }

  static void npz(byte[] data) {
    check(
        name -> {
          try (Npz npz = Npz.open(FileBytes.of(name, data))) {
            npz.readAll().values().forEach(Readers::requireWhole);
          }
        });
  }

  static void safetensors(byte[] data) {
    check(
        name -> {
          try (Safetensors file = Safetensors.open(FileBytes.of(name, data))) {
            long elements = 0;
            for (String tensor : file.names()) {
              if (!file.type(tensor).matches("U64|C64|F8.*")) {
                NpyArray array = file.read(tensor);
                requireWhole(array);
                assertEquals(array.shape(), file.shape(tensor));
              }
              elements += file.shape(tensor).size();
            }
            // Each takes at least a byte, and no two share one.
            assertTrue(elements <= data.length);
          }
        });
  }

  static void idx(byte[] data) {
    check(
        name -> {
          try (InputFile in = InputFile.of(name, data)) {
            requireWhole(Idx.read(in));
          }
        });
  }

  /** Checks that an array comes back from a file as it was read. */
  private static void requireWhole(NpyArray array) {
    if (array.dtype() == DType.BF16) {
      // The format has no such type.
      assertEquals(array.shape().size(), array.toDoubleArray().length);
      return;
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      Npy.write(out, array);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    NpyArray again;
    try (InputFile in = InputFile.of("again", out.toByteArray())) {
      again = Npy.read(in);
    }
    assertEquals(array.shape(), again.shape());
    assertEquals(array.dtype(), again.dtype());
    assertArrayEquals(array.toDoubleArray(), again.toDoubleArray());
  }
}
