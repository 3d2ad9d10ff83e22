package dev.quern.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import dev.quern.trainer.Cli.Outcome;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Trains on real data sets whose optima are known from other programs; the bounds are theirs, see
 * the data sets' description.
 */
class SharedDatasetsTest {
  /** Runs a command in which {@code @x} names the shared data set x. */
  private static JsonObject train(String command) {
    List<String> args = new ArrayList<>(List.of("train"));
    for (String word : command.split(" ", -1)) {
      args.add(word.startsWith("@") ? Shared.file("datasets/" + word.substring(1)) : word);
    }
    args.add("--json");
    Outcome outcome = Cli.run(args.toArray(String[]::new));
    assertEquals(0, outcome.status(), outcome.err());
    return outcome.json();
  }

  @Test
  void shouldReachTheOptimumOnDigits() {
    JsonObject json =
        train(
            "softmax --data @digits/digits.csv.gz --label last --scale 0.0625 --test-last 360"
                + " --batch full --epochs 3000 --lr 0.5 --l2 0.001");

    assertEquals(0.23670, json.get("finalLoss").getAsDouble(), 0.0001);
    assertTrue(json.get("testCorrect").getAsInt() >= 322, json.toString());
    assertEquals(360, json.get("testRows").getAsInt());
  }

  @Test
  void shouldReadMnistDigits() {
    JsonObject json =
        train(
            "mlp --hidden 128 --activation relu --data @mnist-t10k/t10k-images-idx3-ubyte.gz"
                + " --labels @mnist-t10k/t10k-labels-idx1-ubyte.gz --test-last 2000 --batch 128"
                + " --epochs 10 --optimizer adam --lr 0.001");

    assertTrue(json.get("testAccuracy").getAsDouble() >= 0.945, json.toString());
    assertEquals(2000, json.get("testRows").getAsInt());
  }

  @Test
  void shouldReachOrdinaryLeastSquaresOnDiabetes() {
    JsonObject json =
        train(
            "linear --data @diabetes/diabetes_data.csv.gz --targets"
                + " @diabetes/diabetes_target.csv.gz --standardize --test-last 20 --batch full"
                + " --epochs 10000 --lr 0.1");

    assertEquals(2004.56, json.get("testMse").getAsDouble(), 0.1);
    assertEquals(0.585075, json.get("testR2").getAsDouble(), 0.0001);
  }

  @Test
  void shouldTellBreastCancers() {
    JsonObject json =
        train(
            "logistic --data @breast_cancer/breast_cancer.csv --skip-header --label last"
                + " --standardize --test-every 5 --batch full --epochs 1000 --lr 0.5 --l2 0.01");

    assertTrue(json.get("testCorrect").getAsInt() >= 110, json.toString());
    assertEquals(113, json.get("testRows").getAsInt());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--data @digits/digits.csv.gz --label last --scale 0.0625 --epochs 60 --lr 0.5",
        "--data @mnist-t10k/t10k-images-idx3-ubyte.gz --labels"
            + " @mnist-t10k/t10k-labels-idx1-ubyte.gz --batch 500 --epochs 1 --lr 0.1",
      })
  void shouldShowThatAZeroIsHollow(String data, @TempDir Path folder) throws IOException {
    train("softmax " + data + " --plot " + folder);

    BufferedImage picture = ImageIO.read(folder.resolve("weights.png").toFile());
    // The first image is that of class 0, from (28, 104) on, 8 x 16 or 28 x 4 pixels wide.
    int side = data.contains("mnist") ? 112 : 128;
    Color middle = new Color(picture.getRGB(28 + side / 2, 104 + side / 2));
    Color ring = new Color(picture.getRGB(28 + side * 5 / 16, 104 + side * 5 / 8));
    assertTrue(middle.getBlue() > middle.getRed() + 60, middle.toString());
    assertTrue(ring.getRed() > ring.getBlue() + 10, ring.toString());
  }
}
