package dev.quern.trainer.plots;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.trainer.digits.DigitWriter;
import dev.quern.trainer.learn.History;
import dev.quern.trainer.plots.MistakeSheet.Mistake;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlotsTest {
  @TempDir private Path folder;

  private static History history(int points, double accuracy) {
    return new History(
        IntStream.rangeClosed(1, points)
            .mapToObj(i -> new History.Point(i, 1.0 / (i * i), accuracy))
            .toList());
  }

  private static int colours(BufferedImage picture) {
    return (int)
        IntStream.range(0, picture.getWidth() * picture.getHeight())
            .map(i -> picture.getRGB(i % picture.getWidth(), i / picture.getWidth()))
            .distinct()
            .count();
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.5, Double.NaN})
  void shouldDrawTheLossCurve(double accuracy) throws IOException {
    Path path = folder.resolve("loss.png");

    LossCurve.write("test", history(50, accuracy), path);

    BufferedImage picture = ImageIO.read(path.toFile());
    assertEquals(960, picture.getWidth());
    assertTrue(colours(picture) > 20);
  }

  @Test
  void shouldDrawACurveOfOnePoint() throws IOException {
    Path path = folder.resolve("loss.png");

    LossCurve.write("test", history(1, 0.5), path);

    assertTrue(colours(ImageIO.read(path.toFile())) > 20);
  }

  @Test
  void shouldRefuseAnEmptyHistory() {
    assertThrows(
        IllegalArgumentException.class,
        () -> LossCurve.write("test", history(0, 0), folder.resolve("loss.png")));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 11, 200})
  void shouldDrawAnyNumberOfMistakes(int n) throws IOException {
    Path path = folder.resolve("mistakes.png");
    double[] pixels = DigitWriter.draw(0, 0, 200).features();
    List<Mistake> mistakes =
        IntStream.range(0, n).mapToObj(i -> new Mistake(i, i % 10, 3, 1.0 / (i + 1))).toList();

    MistakeSheet.write(pixels, DigitWriter.SIZE, mistakes, 200, path);

    assertTrue(colours(ImageIO.read(path.toFile())) > 20);
  }

  @Test
  void shouldNameTheFileThatCannotBeWritten() {
    Path path = folder.resolve("missing").resolve("loss.png");

    UncheckedIOException e =
        assertThrows(
            UncheckedIOException.class, () -> LossCurve.write("test", history(3, 0.5), path));

    assertTrue(String.valueOf(e.getMessage()).startsWith(path.toString()));
  }
}
