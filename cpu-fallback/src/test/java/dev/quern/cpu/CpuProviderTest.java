package dev.quern.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.spi.DeviceInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CpuProviderTest {
  private final CpuProvider provider = new CpuProvider();

  @Test
  void shouldOfferTheProcessor() {
    DeviceInfo info = provider.devices().get(0);

    assertEquals("cpu", info.id());
    assertTrue(info.details().contains("thread"), info.details());
  }

  // Else another device would be chosen without a word.
  @ParameterizedTest
  @CsvSource({
    "quern.threads, 0, quern.threads: not a number from 1 to 4096: 0",
    "quern.threads, many, quern.threads: not a number from 1 to 4096: many",
    "quern.simd, maybe, 'quern.simd: not true, false or always: maybe'",
  })
  void shouldBeThereWithAWrongSettingButNotOpen(String property, String value, String message) {
    String before = System.getProperty(property);
    System.setProperty(property, value);
    try {
      DeviceInfo info = provider.devices().get(0);

      assertEquals("cannot be opened: " + message, info.details());
      Exception e = assertThrows(IllegalArgumentException.class, () -> provider.open(info));
      assertEquals(message, e.getMessage());
    } finally {
      if (before == null) {
        System.clearProperty(property);
      } else {
        System.setProperty(property, before);
      }
    }
  }
}
