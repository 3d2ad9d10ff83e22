package dev.quern.trainer.data;

import com.code_intelligence.jazzer.junit.DictionaryEntries;
import com.code_intelligence.jazzer.junit.FuzzTest;

/** Gives the reader of tables bytes that Jazzer thinks up. */
class TableReaderFuzzTest {
  @FuzzTest
  @DictionaryEntries({
    "\\x0d\\x0a",
    "1e308",
    "NaN",
    "\\xef\\xbb\\xbf",
    "\\x93NUMPY",
    "; ",
    "\\x00\\x00"
  })
  void table(byte[] data) {
    AnyTableTest.readOrRefuse(data);
  }
}
