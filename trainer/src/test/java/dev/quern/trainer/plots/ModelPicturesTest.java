package dev.quern.trainer.plots;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.trainer.data.FeaturePlane;
import dev.quern.trainer.data.ImageSize;
import dev.quern.trainer.data.Samples;
import dev.quern.trainer.learn.PlaneScores;
import dev.quern.trainer.plots.WeightSheet.Tile;
import java.awt.Color;
import java.awt.Rectangle;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Looks at pixels of the pictures of models whose scores and weights are known. */
class ModelPicturesTest {
  @TempDir private Path folder;

  private BufferedImage picture() throws IOException {
    return ImageIO.read(folder.resolve("picture.png").toFile());
  }

  /** Scores of x from 0 to 10 and y from 0 to 100, the class k greatest where x is about 4 k. */
  private static PlaneScores bands(int classes) {
    double[] x = {0, 10};
    double[] y = {0, 100};
    double[] scores = new double[4 * classes];
    for (int point = 0; point < 4; point++) {
      for (int k = 0; k < classes; k++) {
        // The greatest of x (8 k) - (4 k)^2 is that of the k nearest to x / 4.
        scores[point * classes + k] = x[point % 2] * 8 * k - 16.0 * k * k;
      }
    }
    return new PlaneScores(x, y, classes, scores);
  }

  private static FeaturePlane plane(long[] counts, double[] points, double... labels) {
    return new FeaturePlane(
        0,
        1,
        "length (mm)",
        "weight (g)",
        new double[2],
        new double[2],
        new double[2],
        labels.length,
        counts,
        new Samples(2, points, labels));
  }

  private static Color at(BufferedImage picture, double x, double y) {
    return new Color(
        picture.getRGB(
            (int) Math.rint(120 + x / 10 * 619), (int) Math.rint(86 + 559 - y / 100 * 559)));
  }

  @Test
  void shouldColourEachPlaceByItsClass() throws IOException {
    FeaturePlane plane = plane(new long[] {0, 0, 1}, new double[] {3.1, 50}, 2);

    DecisionMap.write("title", "note", bands(3), plane, folder.resolve("picture.png"));

    BufferedImage picture = picture();
    assertEquals(980, picture.getWidth());
    assertEquals(720, picture.getHeight());
    double[][] middles = {{1, 20}, {4, 90}, {9, 10}};
    for (int k = 0; k < 3; k++) {
      Color expected = Canvas.blend(Color.WHITE, DecisionMap.colour(k, 3), 0.3);
      assertEquals(expected, at(picture, middles[k][0], middles[k][1]), "class " + k);
    }
    // The row of class 2 lies among the places of class 1.
    assertEquals(DecisionMap.colour(2, 3), at(picture, 3.1, 50));
    int dark = 0;
    for (double x = 1.9; x <= 2.1; x += 0.01) {
      dark += at(picture, x, 30).getGreen() < 100 ? 1 : 0;
    }
    assertTrue(dark > 0, "no boundary at x = 2");
  }

  @Test
  void shouldColourByTheProbabilityOfTwoClasses() throws IOException {
    // The score of class 1 is 8 x - 16.
    FeaturePlane plane = plane(new long[] {1, 1}, new double[] {9, 90, 1, 90}, 0, 1);

    DecisionMap.write("title", "note", bands(2), plane, folder.resolve("picture.png"));

    BufferedImage picture = picture();
    assertClose(DecisionMap.blended(1 / (1 + Math.exp(1.6))), at(picture, 1.8, 30));
    assertClose(DecisionMap.blended(1 / (1 + Math.exp(-2.4))), at(picture, 2.3, 30));
    assertClose(DecisionMap.blended(1), at(picture, 9.5, 5));
    assertEquals(DecisionMap.colour(0, 2), at(picture, 9, 90));
    assertEquals(DecisionMap.colour(1, 2), at(picture, 1, 90));
  }

  private static void assertClose(Color expected, Color actual) {
    assertEquals(expected.getRed(), actual.getRed(), 4, actual.toString());
    assertEquals(expected.getGreen(), actual.getGreen(), 4, actual.toString());
    assertEquals(expected.getBlue(), actual.getBlue(), 4, actual.toString());
  }

  @Test
  void shouldDrawManyClassesAndRowsWithoutLabels() throws IOException {
    FeaturePlane plane = plane(new long[0], new double[] {5, 50}, -1);

    DecisionMap.write("t".repeat(300), "n", bands(40), plane, folder.resolve("picture.png"));

    assertEquals(Canvas.INK, at(picture(), 5, 50));
    // The title is cut before the edge.
    for (int y = 20; y < 45; y++) {
      assertEquals(Color.WHITE.getRGB(), picture().getRGB(10, y));
      assertEquals(Color.WHITE.getRGB(), picture().getRGB(970, y));
    }
  }

  @Test
  void shouldDrawEachWeightAsAPixel() throws IOException {
    double[] first = new double[64];
    double[] second = new double[64];
    first[0] = 2;
    second[63] = -2;
    second[7] = 1;

    WeightSheet.write(
        "title",
        "note",
        new ImageSize(8, 8),
        List.of(new Tile("class 0", first), new Tile("class 1", second)),
        folder.resolve("picture.png"));

    BufferedImage picture = picture();
    Rectangle most = place(picture, WeightSheet.colour(1));
    Rectangle least = place(picture, WeightSheet.colour(-1));
    Rectangle half = place(picture, WeightSheet.colour(0.5));
    for (Rectangle pixel : List.of(most, least, half)) {
      assertEquals(16, pixel.width, pixel.toString());
      assertEquals(16, pixel.height, pixel.toString());
    }
    assertEquals(most.y + 7 * 16, least.y);
    assertEquals(least.x, half.x);
    assertEquals(most.y, half.y);
    assertTrue(least.x > most.x + 7 * 16, "the second image is right of the first");
  }

  /** Returns where a colour is, left of the colour bar. */
  private static Rectangle place(BufferedImage picture, Color colour) {
    Rectangle box = new Rectangle(-1, -1);
    for (int y = 0; y < picture.getHeight(); y++) {
      for (int x = 0; x < 400; x++) {
        if (picture.getRGB(x, y) == colour.getRGB()) {
          box.add(new Rectangle(x, y, 1, 1));
        }
      }
    }
    return box;
  }

  @Test
  void shouldDrawAnyNumberOfImages() throws IOException {
    for (int n : new int[] {1, 5, 21, 100}) {
      List<Tile> tiles =
          IntStream.range(0, n).mapToObj(k -> new Tile("unit " + k, new double[300])).toList();

      WeightSheet.write(
          "title", "note", new ImageSize(300, 1), tiles, folder.resolve("picture.png"));

      assertTrue(picture().getWidth() >= 620, n + " images");
    }
  }

  @Test
  void shouldRefuseWeightsThatAreNoImage() {
    Path path = folder.resolve("picture.png");
    ImageSize size = new ImageSize(8, 8);
    List<Tile> tiles = List.of(new Tile("class 0", new double[63]));

    assertThrows(
        IllegalArgumentException.class, () -> WeightSheet.write("t", "n", size, tiles, path));
    assertThrows(
        IllegalArgumentException.class, () -> WeightSheet.write("t", "n", size, List.of(), path));
    assertFalse(Files.exists(path));
  }
}
