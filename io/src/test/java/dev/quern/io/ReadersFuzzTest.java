package dev.quern.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.DictionaryEntries;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * Gives the readers bytes that Jazzer thinks up: each reads a whole array or says with a {@link
 * FormatException} why not. A plain test run repeats the inputs kept; docs/reliability.md tells how
 * to look for more.
 */
class ReadersFuzzTest {
  @FuzzTest
  @DictionaryEntries({
    "\\x93NUMPY\\x01",
    "'descr': '",
    "'fortran_order': True",
    "'shape': (",
    "<f4",
    ">i2",
    "|b1"
  })
  void shouldReadOrRefuseNpy(byte[] data) {
    try (InputFile in = InputFile.of("npy", data)) {
      requireWhole(Npy.read(in));
    } catch (FormatException e) {
      requirePlace(e, "npy");
    }
  }

  @FuzzTest
  void shouldReadOrRefuseRowsOfNpy(byte[] data) {
    try (NpyRows rows = NpyRows.open(FileBytes.of("npy", data))) {
      double[] target = new double[rows.columns()];
      for (long row = 0; row < Math.min(rows.rows(), 100); row++) {
        rows.read(row, target, 0);
      }
    } catch (FormatException e) {
      requirePlace(e, "npy");
    }
  }

  @FuzzTest
  @DictionaryEntries({"PK\\x01\\x02", "PK\\x03\\x04", "PK\\x05\\x06", "PK\\x06\\x06", ".npy"})
  void shouldReadOrRefuseNpz(byte[] data) {
    try (Npz npz = Npz.open(FileBytes.of("npz", data))) {
      npz.readAll().values().forEach(ReadersFuzzTest::requireWhole);
    } catch (FormatException e) {
      requirePlace(e, "npz");
    }
  }

  @FuzzTest
  @DictionaryEntries({
    "\"dtype\":\"F32\"",
    "\"shape\":[",
    "\"data_offsets\":[",
    "\"__metadata__\":{",
    "\\x5cu0000",
    "BF16"
  })
  void shouldReadOrRefuseSafetensors(byte[] data) {
    try (Safetensors file = Safetensors.open(FileBytes.of("st", data))) {
      long bytes = 0;
      for (String name : file.names()) {
        if (!file.type(name).matches("U64|C64|F8.*")) {
          NpyArray array = file.read(name);
          requireWhole(array);
          assertEquals(array.shape(), file.shape(name));
        }
        bytes += file.shape(name).size();
      }
      // Every element takes at least a byte, and no two share one.
      assertTrue(bytes <= data.length);
    } catch (FormatException e) {
      requirePlace(e, "st");
    }
  }

  @FuzzTest
  void shouldReadOrRefuseIdx(byte[] data) {
    try (InputFile in = InputFile.of("idx", data)) {
      requireWhole(Idx.read(in));
    } catch (FormatException e) {
      requirePlace(e, "idx");
    }
  }

  private static void requirePlace(FormatException e, String name) {
    assertTrue(e.offset() >= 0, e.getMessage());
    assertTrue(e.getMessage().startsWith(name), e.getMessage());
    assertFalse(e.getMessage().endsWith("null"), e.getMessage());
  }

  /** Checks that an array comes back from a file as it was read. */
  private static void requireWhole(NpyArray array) {
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
