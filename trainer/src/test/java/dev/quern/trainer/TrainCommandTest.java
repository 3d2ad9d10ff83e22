package dev.quern.trainer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import dev.quern.Tensor;
import dev.quern.io.Npy;
import dev.quern.trainer.Cli.Outcome;
import dev.quern.trainer.data.Samples;
import dev.quern.trainer.digits.DigitWriter;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrainCommandTest {
  @TempDir private Path folder;

  /** Writes y = 3a - 2b + 1, two classes, and digits. */
  @BeforeEach
  void writeData() throws IOException {
    StringBuilder plane = new StringBuilder("a,b,y\n");
    StringBuilder classes = new StringBuilder();
    for (int i = 0; i < 60; i++) {
      double a = Math.sin(i);
      double b = Math.cos(3 * i);
      plane.append(a).append(',').append(b).append(',').append(3 * a - 2 * b + 1).append('\n');
      classes.append(a).append(' ').append(b).append(' ').append(a > b ? 1 : 0).append('\n');
    }
    Files.writeString(folder.resolve("plane.csv"), plane);
    Files.writeString(folder.resolve("classes.txt"), classes);
    Samples digits = DigitWriter.draw(0, 0, 300);
    StringBuilder images = new StringBuilder();
    for (int i = 0; i < digits.rows(); i++) {
      for (int j = 0; j < digits.columns(); j++) {
        images.append(digits.features()[i * digits.columns() + j]).append(';');
      }
      images.append(digits.labels()[i]).append('\n');
    }
    Files.writeString(folder.resolve("digits.csv"), images);
    Files.writeString(folder.resolve("short.txt"), "1\n2\n");
    Files.writeString(folder.resolve("named.csv"), "a,c,b,d\n1,0,5,5\n2,1,5,7\n4,1,5,6\n");
    Files.writeString(folder.resolve("large.csv"), "1,2,3,4\n1,2,1e39,4\n");
    Files.writeString(folder.resolve("wide.csv"), "1,1e308,0\n2,-1e308,1\n");
    Files.writeString(folder.resolve("empty.csv"), "");
    Files.write(folder.resolve("cut.idx"), new byte[] {0, 0, 8, 3, 0, 0});
    Files.write(folder.resolve("absurd.idx"), new byte[] {0, 0, 8, 1, 127, 0, 0, 0, 1});
  }

  /** Runs a command in which {@code @x} names the file x of the test's folder. */
  private Outcome train(String command) {
    List<String> args = new ArrayList<>(List.of("train"));
    for (String word : command.split(" ", -1)) {
      args.add(word.startsWith("@") ? folder.resolve(word.substring(1)).toString() : word);
    }
    return Cli.run(args.toArray(String[]::new));
  }

  @Test
  void shouldFindAPlane() {
    JsonObject json =
        train("linear --data @plane.csv --label y --test-last 10 --epochs 300 --lr 0.5 --json")
            .json();

    assertEquals(3, json.getAsJsonArray("weights").get(0).getAsDouble(), 1e-3);
    assertEquals(-2, json.getAsJsonArray("weights").get(1).getAsDouble(), 1e-3);
    assertEquals(1, json.get("bias").getAsDouble(), 1e-3);
    assertEquals(0, json.get("testMse").getAsDouble(), 1e-5);
    assertEquals(1, json.get("testR2").getAsDouble(), 1e-5);
    assertEquals(10, json.get("testRows").getAsInt());
  }

  @Test
  void shouldPrintOneJsonObjectWithTheKeysPromised() {
    Outcome outcome =
        train("logistic --data @classes.txt --label last --test-every 5 --epochs 50 --json");

    JsonObject json = outcome.json();
    assertEquals(
        List.of(
            "model",
            "device",
            "epochs",
            "finalLoss",
            "seconds",
            "testAccuracy",
            "testCorrect",
            "testRows",
            "confusion",
            "perClass"),
        List.copyOf(json.keySet()));
    assertEquals("logistic", json.get("model").getAsString());
    assertEquals(50, json.get("epochs").getAsInt());
  }

  @Test
  void shouldCountWhatIsTakenForWhat() {
    String command = "logistic --data @classes.txt --label last --test-every 2 --epochs 300";

    JsonObject json = train(command + " --json").json();
    String text = train(command).out();

    long[] counts = new long[4];
    for (int i = 0; i < 4; i++) {
      counts[i] =
          json.getAsJsonArray("confusion").get(i / 2).getAsJsonArray().get(i % 2).getAsLong();
    }
    assertEquals(30, Arrays.stream(counts).sum());
    assertEquals(json.get("testCorrect").getAsLong(), counts[0] + counts[3]);
    JsonObject one = json.getAsJsonArray("perClass").get(1).getAsJsonObject();
    assertEquals(1, one.get("class").getAsInt());
    assertEquals(counts[2] + counts[3], one.get("rows").getAsLong());
    assertEquals(counts[3] / (double) (counts[1] + counts[3]), one.get("precision").getAsDouble());
    assertEquals(counts[3] / (double) (counts[2] + counts[3]), one.get("recall").getAsDouble());
    String row = String.format("    1          %7d%7d%n", counts[2], counts[3]);
    assertTrue(text.contains("class taken for      0      1"), text);
    assertTrue(text.contains(row), text);
  }

  @Test
  void shouldRefuseToResumeAnotherRun() {
    String command = "logistic --data @classes.txt --label last --epochs 5";
    train(command + " --checkpoint @c");

    Outcome rate = train(command + " --resume @c --lr 0.5");
    Outcome data = train(command.replace("last", "last --scale 2") + " --resume @c");
    Outcome epochs = train(command.replace("5", "4") + " --resume @c");
    Outcome model = train(command + " --resume @classes.txt");

    assertTrue(rate.err().contains("c: was made with --lr 0.1, not 0.5"), rate.err());
    assertTrue(data.err().contains("c: was made with training data 60 x 2, "), data.err());
    assertTrue(epochs.err().contains("--epochs 4: "), epochs.err());
    assertTrue(model.err().contains("not a safetensors file"), model.err());
    for (Outcome outcome : List.of(rate, data, epochs, model)) {
      assertEquals(2, outcome.status());
      assertEquals("", outcome.out());
    }
  }

  @Test
  void shouldTellTheValidationLossAndTheBestEpoch() {
    JsonObject json =
        train(
                "mlp --data @classes.txt --label last --validation-split 0.25 --patience 2 --lr 30"
                    + " --epochs 50 --json")
            .json();

    assertEquals(15, json.get("validationRows").getAsInt());
    assertTrue(json.get("validationLoss").getAsDouble() > 0);
    assertEquals(json.get("epochs").getAsInt() - 2, json.get("bestEpoch").getAsInt());
  }

  @Test
  void shouldLeaveTestKeysOutWithoutTestRows() {
    JsonObject json = train("logistic --data @classes.txt --label last --epochs 2 --json").json();

    assertFalse(json.has("testRows"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"first", "0", "-3", "a"})
  void shouldTakeAnyColumnForTheTarget(String label) {
    Outcome outcome =
        train("linear --data @plane.csv --skip-header --epochs 1 --json --label " + label);

    assertEquals(0, outcome.status(), outcome.err());
    assertEquals(2, outcome.json().getAsJsonArray("weights").size());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mlp --data @digits.csv --label last --test-split 0.2 --epochs 2 --seed 5",
        "mlp --data @digits.csv --label last --epochs 2 --hidden 16,8 --optimizer adamw --batch 7",
        "softmax --data @digits.csv --label last --epochs 20 --l2 0.01 --normalize",
      })
  void shouldRepeatARunBitForBit(String command) {
    JsonObject first = train(command + " --json").json();
    JsonObject second = train(command + " --json").json();

    first.remove("seconds");
    second.remove("seconds");
    assertEquals(first, second);
  }

  @Test
  void shouldTrainDifferentlyFromAnotherSeed() {
    String command = "mlp --data @digits.csv --label last --epochs 1 --json --seed ";

    assertFalse(train(command + 1).json().equals(train(command + 2).json()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "relu",
        "tanh",
        "sigmoid",
        "leaky_relu",
        "elu",
        "selu",
        "gelu",
        "silu",
        "softplus"
      })
  void shouldLearnWithEveryActivation(String activation) {
    String command = "mlp --data @digits.csv --label last --optimizer adam --hidden 32 --json";

    JsonObject json = train(command + " --epochs 5 --activation " + activation).json();

    assertTrue(json.get("finalLoss").getAsDouble() < Math.log(10), json.toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sgd",
        "sgd --momentum 0.5",
        "momentum",
        "nesterov",
        "adam",
        "adamw --weight-decay 0.1"
      })
  void shouldLearnWithEveryOptimizer(String optimizer) {
    String command = "softmax --data @digits.csv --label last --epochs 30 --json --optimizer ";

    JsonObject json = train(command + optimizer).json();

    assertTrue(json.get("finalLoss").getAsDouble() < Math.log(10), json.toString());
  }

  @Test
  void shouldComputeInF64() {
    String command = "linear --data @plane.csv --label y --epochs 500 --lr 0.5 --json --dtype ";

    JsonObject json = train(command + "f64").json();

    assertEquals(3, json.getAsJsonArray("weights").get(0).getAsDouble(), 1e-9);
  }

  @Test
  void shouldAddHalfThePenaltyOfTheWeightsAlone() {
    JsonObject free =
        train("linear --data @plane.csv --label y --epochs 1 --json --dtype f64").json();
    JsonObject json =
        train("linear --data @plane.csv --label y --epochs 1 --l2 2 --json --dtype f64").json();

    // From zero weights one step is the same with and without a penalty.
    double[] w = weights(json);
    assertArrayEquals(weights(free), w);
    double penalty = Arrays.stream(w).map(x -> x * x).sum();
    assertEquals(
        free.get("finalLoss").getAsDouble() + penalty, json.get("finalLoss").getAsDouble(), 1e-12);
  }

  private static double[] weights(JsonObject json) {
    return json.getAsJsonArray("weights").asList().stream()
        .mapToDouble(w -> w.getAsDouble())
        .toArray();
  }

  @Test
  void shouldWriteTheLossCurve() {
    Outcome outcome =
        train("logistic --data @classes.txt --label last --epochs 500 --plot @loss.png");

    assertEquals(0, outcome.status(), outcome.err());
    assertTrue(Files.exists(folder.resolve("loss.png")));
  }

  @Test
  void shouldDrawEveryPictureThereIsIntoAFolder() throws IOException {
    Outcome plane =
        train("softmax --data @classes.txt --label last --epochs 200 --lr 1 --plot @new/plane");
    Outcome images = train("softmax --data @digits.csv --label last --epochs 9 --plot @images");
    Outcome neither = train("linear --data @plane.csv --label y --epochs 9 --plot @neither");

    assertEquals(0, plane.status(), plane.err());
    assertEquals(Set.of("loss.png", "boundary.png"), names("new/plane"));
    assertEquals(0, images.status(), images.err());
    assertEquals(Set.of("loss.png", "weights.png"), names("images"));
    assertEquals(0, neither.status(), neither.err());
    assertEquals(Set.of("loss.png"), names("neither"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "softmax --standardize --epochs 300 --lr 1",
        "logistic --normalize --epochs 300 --lr 5",
        "mlp --hidden 8 --activation tanh --optimizer adam --lr 0.02 --epochs 150",
      })
  void shouldColourWhereAClassIsPredicted(String command) throws IOException {
    Outcome outcome = train(command + " --data @classes.txt --label last --plot @out");

    assertEquals(0, outcome.status(), outcome.err());
    BufferedImage picture = ImageIO.read(folder.resolve("out/boundary.png").toFile());
    // Features are sines and cosines and the class is 1 where the first is greater; blue is 0.
    assertTrue(blueness(picture, -0.75, 0.62) > 30);
    assertTrue(blueness(picture, 0.1, 0.9) > 30);
    assertTrue(blueness(picture, 0.72, -0.66) < -30);
    assertTrue(blueness(picture, -0.1, -0.92) < -30);
  }

  /** Returns how much more blue than red there is around a place, in a span of -1.12 to 1.12. */
  private static double blueness(BufferedImage picture, double x, double y) {
    double sum = 0;
    int left = (int) (120 + 620 * (x + 1.12) / 2.24) - 6;
    int top = (int) (86 + 560 * (1.12 - y) / 2.24) - 6;
    for (int i = 0; i < 144; i++) {
      Color colour = new Color(picture.getRGB(left + i % 12, top + i / 12));
      sum += (colour.getBlue() - colour.getRed()) / 144.0;
    }
    return sum;
  }

  @Test
  void shouldDrawTwoOfMoreFeaturesAndImagesOfASizeGiven() throws IOException {
    Outcome outcome =
        train(
            "mlp --data @digits.csv --label last --epochs 1 --hidden 9 --plane 100,-2 --image"
                + " "
                + DigitWriter.SIZE * DigitWriter.SIZE
                + "x1 --plot @out");

    assertEquals(0, outcome.status(), outcome.err());
    assertEquals(Set.of("loss.png", "boundary.png", "weights.png"), names("out"));
  }

  @Test
  void shouldDrawFeaturesByNameOfAStream() throws IOException {
    Outcome named =
        train("logistic --data @named.csv --label c --epochs 9 --plane b,a --plot @named");
    Npy.write(folder.resolve("x.npy"), Tensor.of(new float[] {1, 2, 3, 5, 4, 1, 0, 2, 7}, 3, 3));
    Npy.write(folder.resolve("y.npy"), Tensor.of(new long[] {0, 1, 1}, 3));
    Outcome streamed =
        train(
            "softmax --data @x.npy --labels @y.npy --stream --batch 2 --epochs 2 --plane 0,2"
                + " --plot @streamed");

    assertEquals(0, named.status(), named.err());
    assertEquals(Set.of("loss.png", "boundary.png"), names("named"));
    assertEquals(0, streamed.status(), streamed.err());
    assertEquals(Set.of("loss.png", "boundary.png"), names("streamed"));
  }

  @Test
  void shouldDrawAModelThatIsTrainedAlready() throws IOException {
    String command = "logistic --data @classes.txt --label last --epochs 5";
    train(command + " --checkpoint @c");

    Outcome outcome = train(command + " --resume @c --plot @out");

    assertEquals(0, outcome.status(), outcome.err());
    assertEquals(Set.of("boundary.png"), names("out"));
  }

  private Set<String> names(String path) throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve(path))) {
      return files.map(file -> file.getFileName().toString()).collect(Collectors.toSet());
    }
  }

  @Test
  void shouldStopWhenTrainingDiverges() {
    Outcome outcome =
        train("linear --data @plane.csv --label y --lr 1000 --epochs 200 --plot @loss.png");

    assertEquals(1, outcome.status());
    assertTrue(outcome.err().contains("quern train: training diverged: the loss was"));
    assertEquals("", outcome.out());
    assertFalse(Files.exists(folder.resolve("loss.png")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "linear --data @none.csv --label last | none.csv: no such file or folder",
        "linear --data @empty.csv --label last | empty.csv: the file is empty",
        "linear --data @cut.idx --label last | cut.idx: byte 4: 3 extents needs 12 bytes",
        "linear --data @absurd.idx --label last | absurd.idx: byte 8: data of 2130706432",
        "linear --data @plane.csv --label last | plane.csv: line 1: column 1: not a number",
        "linear --data @plane.csv --label z | plane.csv: --label z: no such name",
        "linear --data @plane.csv --skip-header --label 3 | --label 3: the file has 3 columns",
        "linear --data @short.txt --label last | short.txt: the only column is the label",
        "linear --data @classes.txt --targets @short.txt | short.txt: 2 targets for 60 rows",
        "linear --data @classes.txt --targets @classes.txt | targets need one column, not 3",
        "linear --data @classes.txt | the target is missing",
        "linear --data @classes.txt --label 0 --targets @short.txt | exclude each other",
        "linear --data @classes.txt --labels @short.txt | --labels is for classes",
        "softmax --data @classes.txt --targets @short.txt | --targets is for real numbers",
        "softmax --data @classes.txt --label 0 | classes.txt: line 2: label 0.84147",
        "logistic --data @digits.csv --label last | digits.csv: line 3: label 2 is neither 0 nor 1",
        "softmax --data @classes.txt --label last --test-last 60 | leaves none to train on",
        "softmax --data @classes.txt --label last --test-every 61 | leaves none to test with",
        "softmax --data @classes.txt --label last --test-last 1 --test-every 2 | exclude each"
            + " other",
        "softmax --data @classes.txt --label last --normalize --standardize | exclude each other",
        "softmax --data @classes.txt --label last --scale 0 | --scale needs a finite factor",
        "softmax --data @classes.txt --label last --epochs 0 | --epochs must be at least 1",
        "softmax --data @classes.txt --label last --l2 -1 | --l2 must be finite and not negative",
        "softmax --data @classes.txt --label last --hidden 3 | go with mlp, not with softmax",
        "mlp --data @classes.txt --label last --hidden 0 | widths must be positive",
        "softmax --data @classes.txt --label last --dtype i32 | --dtype must be f32 or f64",
        "softmax --data @classes.txt --label last --lr -1 | --lr must be finite and not negative: -1.0",
        "softmax --data @none.csv --label last --lr -1 | --lr must be finite and not negative",
        "softmax --data @none.csv --label last --weight-decay -1 | --weight-decay must be finite",
        "softmax --data @none.csv --label last --momentum 1 | --momentum must be from 0 to below 1",
        "softmax --data @none.csv --label last --optimizer nesterov --momentum 0 | must be above 0",
        "softmax --data @none.csv --label last --patience 3 | --patience needs --validation-split",
        "softmax --data @none.csv --label last --validation-split 0.2 --patience 0 | at least 1",
        "softmax --data @classes.txt --label last --validation-split 1 | leaves none to train on",
        "softmax --data @none.csv --label last --every 3 | --every needs --checkpoint",
        "softmax --data @none.csv --label last --checkpoint @c --every 0 | --every must be at least",
        "softmax --data @none.csv --label last --checkpoint @no/a | there is no folder",
        "softmax --data @none.csv --label last --checkpoint @a --save @a | name the same file",
        "softmax --data @none.csv --label last --save @no/a | there is no folder",
        "softmax --data @classes.txt --label last --resume @none | none: no such file or folder",
        "softmax --data @classes.txt --label last --resume @short.txt | short.txt: byte 4: trunc",
        "softmax --data @none.csv --label last --stream --batch 5 | --stream needs --labels FILE",
        "softmax --data @none.csv --labels @none.csv --stream | --stream needs --batch",
        "softmax --data @short.txt --labels @short.txt --stream --batch 1 | short.txt: byte 4: tru",
        "linear --data @large.csv --label last | large.csv: line 2: column 3: 1.0E39 is beyond the",
        "linear --data @large.csv --label 2 | large.csv: line 2: column 3: 1.0E39 is beyond the",
        "linear --data @large.csv --label first | large.csv: line 2: column 3: 1.0E39 is beyond",
        "softmax --data @classes.txt --label last --optimizer adam --momentum 0 | does not go with",
        "softmax --data @classes.txt --label last --device gpu:7 | gpu:7 is not there: ",
        "softmax --data @classes.txt --label last --plot @no/a.png | there is no folder",
        "softmax --data @none.csv --label last --plot @short.txt | short.txt: is no folder",
        "softmax --data @none.csv --label last --plot @short.txt/a | short.txt is no folder",
        "softmax --data @none.csv --label last --plane 0,1 | --plane needs --plot FOLDER",
        "softmax --data @none.csv --label last --plane 0,1 --plot @a.png | needs --plot FOLDER",
        "softmax --data @none.csv --label last --image 8x8 | --image needs --plot FOLDER",
        "softmax --data @none.csv --label last --plot @a --plane 1 | --plane needs two columns",
        "linear --data @none.csv --label last --plot @a --plane 0,1 | --plane goes with classifiers",
        "softmax --data @classes.txt --label last --plot @a --plane 0,2 | --plane 2: is the label",
        "softmax --data @classes.txt --label last --plot @a --plane 0,-3 | both are the same column",
        "softmax --data @classes.txt --label last --plot @a --plane 0,3 | the file has 3 columns",
        "softmax --data @named.csv --label c --plot @a --plane a,z | --plane z: no such name",
        "softmax --data @classes.txt --label last --plot @a --image 2x2 | --image 2x2: a row has 2",
        "softmax --data @wide.csv --label last --plot @a --dtype f64 | too far apart to be drawn",
      })
  void shouldSayInOneLineWhatIsWrong(String command, String problem) {
    Outcome outcome = train(command);

    List<String> complaints =
        outcome.err().lines().filter(line -> !line.contains("training rows, ")).toList();
    assertEquals(1, complaints.size(), outcome.err());
    assertTrue(complaints.get(0).startsWith("quern train: "), outcome.err());
    assertTrue(complaints.get(0).contains(problem), outcome.err());
    assertEquals(2, outcome.status());
    assertEquals("", outcome.out());
    assertFalse(Files.exists(folder.resolve("a")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"--scale 1e-3", "--standardize", "--dtype f64"})
  void shouldTakeWhatFitsWhenScaled(String option) {
    Outcome outcome = train("linear --data @large.csv --label last --epochs 1 --lr 0 " + option);

    assertEquals(0, outcome.status(), outcome.err());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "bayes --data x | 'bayes' is none of linear, logistic, softmax, mlp",
        "mlp --data x --optimizer magic | is none of sgd, momentum, nesterov, adam, adamw",
        "mlp --data x --activation magic | 'magic' is none of relu, tanh, sigmoid, leaky_relu",
        "mlp --data x --image 8by8 | '8by8' is no size such as 28x28",
        "mlp --data x --image 8x0 | '8x0' is no size such as 28x28",
        "mlp --data x --dtype f8 | 'f8' is none of bool, i32, i64, f16, bf16, f32, f64",
      })
  void shouldNameChoicesAsTheyAreTyped(String command, String problem) {
    Outcome outcome = train(command);

    assertEquals(2, outcome.status());
    assertTrue(outcome.err().contains(problem), outcome.err());
  }

  @Test
  void shouldLeaveNoTemporaryFile() throws IOException {
    long before = files();

    train("logistic --data @classes.txt --label last --epochs 5 --plot @loss.png");

    assertEquals(before + 1, files());
  }

  private long files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.count();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }
}
