package dev.quern.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.quern.DType;
import dev.quern.Scope;
import dev.quern.trainer.Cli.Outcome;
import dev.quern.trainer.learn.LineCost;
import dev.quern.trainer.learn.LineCost.Point;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CostCommandTest {
  @TempDir private Path folder;

  @BeforeEach
  void writeData() throws IOException {
    Files.writeString(folder.resolve("two.csv"), "1,2\n2,2\n3,5\n");
    Files.writeString(
        folder.resolve("named.csv"), "age,size (m),price [EUR]\n9,1,2\n8,2,2\n7,3,5\n");
    Files.writeString(folder.resolve("constant.csv"), "4,1\n4,2\n");
    Files.writeString(folder.resolve("large.csv"), "1e200,1\n2e200,2\n");
  }

  /** Runs a command in which {@code @x} names the file x of the test's folder. */
  private Outcome cost(String command) {
    List<String> args = new ArrayList<>(List.of("cost"));
    for (String word : command.split(" ", -1)) {
      args.add(word.startsWith("@") ? folder.resolve(word.substring(1)).toString() : word);
    }
    return Cli.run(args.toArray(String[]::new));
  }

  @Test
  void shouldComputeTheCostThatPaperAndPencilDo() {
    Scope scope = Scope.open();
    try (scope) {
      LineCost cost = new LineCost(new double[] {1, 2, 3}, new double[] {2, 2, 5}, DType.F64);

      // w = 1, b = 0: the errors are -1, 0 and -2.
      assertEquals(5.0 / 6, cost.at(1, 0), 1e-14);
      // w = 0, b = 0: the targets' squares, 4 + 4 + 25.
      assertEquals(33.0 / 6, cost.at(0, 0), 1e-14);
      double[][] grid = cost.grid(new double[] {0, 1}, new double[] {0, 3});
      assertEquals(33.0 / 6, grid[0][0], 1e-14);
      assertEquals(6.0 / 6, grid[0][1], 1e-14);
      assertEquals(5.0 / 6, grid[1][0], 1e-14);
      assertEquals(14.0 / 6, grid[1][1], 1e-14);
    }
  }

  @Test
  void shouldChangeBothParametersSimultaneously() {
    Scope scope = Scope.open();
    try (scope) {
      LineCost cost = new LineCost(new double[] {1, 2, 3}, new double[] {2, 2, 5}, DType.F64);

      List<Point> path = cost.descend(new Point(1, 0, Double.NaN), new double[] {0.1}, 1).get(0);

      // The derivatives at (1, 0) are (-1 - 6) / 3 and (-1 - 2) / 3.
      assertEquals(1 + 0.7 / 3, path.get(1).w(), 1e-14);
      assertEquals(0.1, path.get(1).b(), 1e-14);
      assertEquals(5.0 / 6, path.get(0).cost(), 1e-14);
    }
  }

  @Test
  void shouldSumTheCostsOfManySamplesPieceByPiece() {
    int n = 70_001;
    double[] x = new double[n];
    double[] y = new double[n];
    double sum = 0;
    for (int i = 0; i < n; i++) {
      x[i] = i % 7;
      y[i] = i % 5;
      sum += (2 * x[i] + 1 - y[i]) * (2 * x[i] + 1 - y[i]);
    }
    Scope scope = Scope.open();
    try (scope) {
      assertEquals(sum / (2.0 * n), new LineCost(x, y, DType.F64).at(2, 1), 1e-9);
    }
  }

  @Test
  void shouldFindTheLineOfLeastSquaresAndDescendToIt() {
    JsonObject json = cost("--data @two.csv --steps 3000 --out @out --json").json();

    // Mean 2 and 3, products of deviations 3, squares 2.
    assertEquals(1.5, json.get("w").getAsDouble(), 1e-12);
    assertEquals(0, json.get("b").getAsDouble(), 1e-12);
    assertEquals(0.25, json.get("cost").getAsDouble(), 1e-12);
    JsonObject last = json.getAsJsonObject("path").getAsJsonObject("last");
    assertEquals(1.5, last.get("w").getAsDouble(), 1e-4);
    assertEquals(0, last.get("b").getAsDouble(), 1e-4);
    JsonObject first = json.getAsJsonObject("path").getAsJsonObject("first");
    assertEquals(0, first.get("w").getAsDouble());
    assertEquals(33.0 / 6, first.get("cost").getAsDouble(), 1e-12);
  }

  @Test
  void shouldCompareASlowAGoodAndADivergingRate() {
    JsonArray rates = cost("--out @out --json").json().getAsJsonArray("rates");

    List<String> outcomes = new ArrayList<>();
    rates.forEach(rate -> outcomes.add(rate.getAsJsonObject().get("outcome").getAsString()));
    assertEquals(List.of("converges slowly", "converges", "diverges"), outcomes);
  }

  @Test
  void shouldDrawPicturesOfTheSizeExpected() throws IOException {
    Outcome outcome = cost("--out @deep/out --steps 50 --rates 0.1,0.4,5,9 --start -3,2");

    assertEquals(0, outcome.status(), outcome.err());
    for (String name : List.of("j-of-w", "j-of-b", "surface", "rates")) {
      BufferedImage picture =
          ImageIO.read(folder.resolve("deep").resolve("out").resolve(name + ".png").toFile());
      assertEquals(960, picture.getWidth());
      assertEquals(name.equals("surface") ? 760 : 600, picture.getHeight());
      assertTrue(outcome.out().contains(name + ".png"), outcome.out());
    }
  }

  @Test
  void shouldListManyRatesBesideTheCurves() throws IOException {
    cost("--out @few --steps 20 --rates 0.1,0.4,5");
    cost("--out @many --steps 20 --rates 0.1,0.4,5,9,0.01,0.02,0.03,0.04");

    assertTrue(rightEdge("few") > 900);
    assertTrue(rightEdge("many") < 800);
  }

  /** Returns where the frame of the plot of rates ends. */
  private int rightEdge(String name) throws IOException {
    BufferedImage picture = ImageIO.read(folder.resolve(name).resolve("rates.png").toFile());
    int x = picture.getWidth() - 1;
    // The line below the plot is the longest dark one in the lower half.
    for (int y = 300; y < 540; y++) {
      int dark = 0;
      int last = 0;
      for (int at = 0; at < picture.getWidth(); at++) {
        if ((picture.getRGB(at, y) & 0xff) < 0xb0) {
          dark++;
          last = at;
        }
      }
      if (dark > 400) {
        x = last;
      }
    }
    return x;
  }

  @Test
  void shouldTakeColumnsByNameAndReadTheirUnits() {
    JsonObject json =
        cost("--data @named.csv --skip-header --feature 1 --target last --out @out --json").json();

    assertEquals("size (m)", json.get("feature").getAsString());
    assertEquals("price (EUR)", json.get("target").getAsString());
    assertEquals(1.5, json.get("w").getAsDouble(), 1e-12);
    JsonObject named =
        cost("--data @named.csv --feature age --target last --out @out --json").json();
    assertEquals(-1.5, named.get("w").getAsDouble(), 1e-12);
  }

  @Test
  void shouldStandardizeTheFeature() {
    JsonObject json = cost("--data @two.csv --standardize --out @out --json").json();

    assertEquals(1.5 * Math.sqrt(2.0 / 3), json.get("w").getAsDouble(), 1e-12);
    assertEquals(3, json.get("b").getAsDouble(), 1e-12);
  }

  @Test
  void shouldDrawFarFromTheMinimumAndAtIt() {
    assertEquals(0, cost("--w-range 900,901 --b-range -7,-6 --out @out").status());
    assertEquals(0, cost("--data @two.csv --start 1.5,0 --steps 1 --out @out").status());
    assertEquals(0, cost("--data @two.csv --lr 1000 --rates 1000 --out @out").status());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--data @missing.csv | missing.csv",
        "--data @named.csv --skip-header | 3 columns: choose with --feature COLUMN",
        "--data @named.csv --feature width --target last | no such name in the first line",
        "--data @two.csv --feature 0 --target first | the same column",
        "--data @two.csv --target 2 | --target 2: the file has 2 columns",
        "--data @constant.csv | every x is 4.0: no single line fits best",
        "--data @large.csv | too large for f64",
        "--feature 0 | need --data FILE",
        "--w-range 1 | --w-range needs two finite numbers",
        "--b-range 2,1 | --b-range needs two finite numbers",
        "--start 1,NaN | --start needs two finite numbers",
        "--start 1e200,0 | --start [1.0E200, 0.0]: the cost there is beyond",
        "--w-range 1e200,2e200 | --w-range: costs there are beyond",
        "--b-range 1e200,2e200 | --b-range: costs there are beyond",
        "--rates 0.1,0 | --rates: a rate must be positive",
        "--lr -1 | --lr: a rate must be positive",
        "--steps 0 | --steps must be 1 to",
        "--dtype i32 | --dtype must be f32 or f64",
        "--out @two.csv | is no folder",
        "--out @two.csv/below | two.csv",
        "--device nowhere:7 | nowhere",
      })
  void shouldRefuseWhatItCannotDraw(String command, String message) {
    Outcome outcome = cost(command.contains("--out") ? command : command + " --out @refused");

    assertEquals(2, outcome.status(), outcome.err());
    assertTrue(outcome.err().contains(message), outcome.err());
    assertEquals(1, outcome.err().lines().count(), outcome.err());
    assertFalse(Files.exists(folder.resolve("refused")));
  }
}
