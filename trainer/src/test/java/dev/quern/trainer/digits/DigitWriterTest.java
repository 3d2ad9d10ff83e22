package dev.quern.trainer.digits;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.trainer.data.Samples;
import java.util.Arrays;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

class DigitWriterTest {
  private static final int PIXELS = DigitWriter.SIZE * DigitWriter.SIZE;

  @Test
  void shouldDrawTheSameBitsEverywhere() {
    Samples samples = DigitWriter.draw(0, 0, 500);

    CRC32 crc = new CRC32();
    for (double pixel : samples.features()) {
      crc.update((int) Math.rint(255 * pixel));
    }
    assertEquals(1274483570L, crc.getValue());
  }

  @Test
  void shouldDrawAnImageAloneAsAmongOthers() {
    Samples many = DigitWriter.draw(3, 0, 40);
    Samples one = DigitWriter.draw(3, 37, 1);

    assertArrayEquals(
        Arrays.copyOfRange(many.features(), 37 * PIXELS, 38 * PIXELS), one.features());
    assertEquals(7, one.labels()[0]);
  }

  @Test
  void shouldDrawOtherImagesForAnotherSeed() {
    Samples a = DigitWriter.draw(0, 0, 1);
    Samples b = DigitWriter.draw(1, 0, 1);

    assertTrue(!Arrays.equals(a.features(), b.features()));
  }

  @Test
  void shouldPutInkOnEveryImage() {
    Samples samples = DigitWriter.draw(5, 0, 1000);

    for (int i = 0; i < samples.rows(); i++) {
      double[] image = Arrays.copyOfRange(samples.features(), i * PIXELS, (i + 1) * PIXELS);
      long dark = Arrays.stream(image).filter(p -> p > 0.4).count();
      assertTrue(dark >= 8 && dark <= PIXELS / 2, "image " + i + ": " + dark);
      assertTrue(Arrays.stream(image).allMatch(p -> p >= 0 && p <= 1));
    }
  }
}
