package dev.quern.io;

import com.code_intelligence.jazzer.junit.DictionaryEntries;
import com.code_intelligence.jazzer.junit.FuzzTest;

/** Gives the readers bytes that Jazzer thinks up. */
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
  void npy(byte[] data) {
    Readers.npy(data);
  }

  @FuzzTest
  void rowsOfNpy(byte[] data) {
    Readers.rowsOfNpy(data);
  }

  @FuzzTest
  @DictionaryEntries({"PK\\x01\\x02", "PK\\x03\\x04", "PK\\x05\\x06", "PK\\x06\\x06", ".npy"})
  void npz(byte[] data) {
    Readers.npz(data);
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
  void safetensors(byte[] data) {
    Readers.safetensors(data);
  }

  @FuzzTest
  void idx(byte[] data) {
    Readers.idx(data);
  }
}
