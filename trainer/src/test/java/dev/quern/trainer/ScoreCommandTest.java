package dev.quern.trainer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.quern.DType;
import dev.quern.Shape;
import dev.quern.io.Npy;
import dev.quern.io.NpyArray;
import dev.quern.io.Safetensors;
import dev.quern.trainer.Cli.Outcome;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScoreCommandTest {
  private static final double[] HALVES = {0.5, 0.5};
  private static final double[] ONES = {1, 1};

  @TempDir private Path folder;

  /** Writes models by hand, so that what they must answer can be worked out by hand. */
  @BeforeEach
  void writeModels() throws IOException {
    model("linear", 0, new float[] {3, -2}, new float[] {1}, Map.of());
    model("logistic", 2, new float[] {1, 0}, new float[] {0}, Map.of());
    model("softmax", 3, new float[] {1, 0, 0, 0, 1, 0}, new float[] {0, 0, 0.5f}, Map.of());
    Files.writeString(folder.resolve("data.csv"), "1,2\n-3,4\n");
    Files.writeString(folder.resolve("odd.csv"), "1,2,1\n-3,4,2\n");
    Files.writeString(folder.resolve("labelled.csv"), "a,b,y\n1,2,1\n-3,4,0\n");
  }

  private void model(
      String kind, int classes, float[] weight, float[] bias, Map<String, String> other) {
    Map<String, NpyArray> tensors = new LinkedHashMap<>();
    Shape shape = Shape.of(2, bias.length);
    tensors.put("0.weight", new NpyArray(shape, DType.F32, weight));
    tensors.put("0.bias", new NpyArray(Shape.of(bias.length), DType.F32, bias));
    tensors.put("preprocessing.0.offset", new NpyArray(Shape.of(2), DType.F64, HALVES));
    tensors.put("preprocessing.0.unit", new NpyArray(Shape.of(2), DType.F64, ONES));
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("format", "quern-model");
    metadata.put("version", "1");
    metadata.put("model", kind);
    metadata.put("features", "2");
    metadata.put("classes", String.valueOf(classes));
    metadata.put("dtype", "F32");
    metadata.put("preprocessing", "1");
    metadata.putAll(other);
    Safetensors.write(folder.resolve(kind), tensors, metadata);
  }

  private Outcome score(String command) {
    List<String> args = new ArrayList<>(List.of("score"));
    for (String word : command.split(" ", -1)) {
      args.add(word.startsWith("@") ? folder.resolve(word.substring(1)).toString() : word);
    }
    return Cli.run(args.toArray(String[]::new));
  }

  @Test
  void shouldPredictNumbers() {
    Outcome outcome = score("--model @linear --data @data.csv");

    assertEquals("prediction\n-0.5\n-16.5\n", outcome.out(), outcome.err());
  }

  @Test
  void shouldWriteJsonLines() {
    Outcome outcome = score("--model @linear --data @data.csv --format jsonl");

    assertEquals("{\"prediction\":-0.5}\n{\"prediction\":-16.5}\n", outcome.out());
  }

  @Test
  void shouldGiveScoresProbabilitiesAndLabelsOfTwoClasses() {
    Outcome outcome = score("--model @logistic --data @data.csv");

    List<String> lines = outcome.out().lines().toList();
    assertEquals("label,score,probability_0,probability_1", lines.get(0));
    String[] first = lines.get(1).split(",", -1);
    assertEquals("1", first[0]);
    assertEquals("0.5", first[1]);
    double p = 1 / (1 + Math.exp(-0.5));
    assertEquals(1 - p, Double.parseDouble(first[2]), 1e-7);
    assertEquals(p, Double.parseDouble(first[3]), 1e-7);
    assertTrue(lines.get(2).startsWith("0,-3.5,"), lines.get(2));
  }

  @Test
  void shouldGiveScoresProbabilitiesAndLabelsOfManyClasses() {
    Outcome outcome = score("--model @softmax --data @data.csv --format jsonl");

    JsonObject first =
        JsonParser.parseString(outcome.out().lines().toList().get(0)).getAsJsonObject();
    assertEquals(1, first.get("label").getAsInt());
    assertEquals("[0.5,1.5,0.5]", first.get("scores").toString());
    double sum = 2 * Math.exp(0.5) + Math.exp(1.5);
    assertEquals(
        Math.exp(1.5) / sum, first.getAsJsonArray("probabilities").get(1).getAsDouble(), 1e-7);
    assertEquals(
        Math.exp(0.5) / sum, first.getAsJsonArray("probabilities").get(2).getAsDouble(), 1e-7);
  }

  @ParameterizedTest
  @CsvSource({
    "labels, label",
    "scores, 'score_0,score_1,score_2'",
    "probabilities, 'probability_0,probability_1,probability_2'",
  })
  void shouldWriteWhatIsAskedFor(String values, String header) {
    Outcome outcome = score("--model @softmax --data @data.csv --values " + values);

    assertEquals(header, outcome.out().lines().toList().get(0));
  }

  @Test
  void shouldWriteNpy() {
    score("--model @softmax --data @data.csv --format npy --values labels --out @l.npy");
    score("--model @softmax --data @data.csv --format npy --values scores --out @s.npy");
    score("--model @softmax --data @data.csv --format npy --values probabilities --out @p.npy");
    score("--model @linear --data @data.csv --format npy --out @f.npy");

    assertArrayEquals(new long[] {1, 1}, (long[]) Npy.read(folder.resolve("l.npy")).data());
    assertArrayEquals(
        new float[] {0.5f, 1.5f, 0.5f, -3.5f, 3.5f, 0.5f},
        (float[]) Npy.read(folder.resolve("s.npy")).data());
    assertEquals(Shape.of(2, 3), Npy.read(folder.resolve("p.npy")).shape());
    assertArrayEquals(
        new float[] {-0.5f, -16.5f}, (float[]) Npy.read(folder.resolve("f.npy")).data());
  }

  @Test
  void shouldCompareWithTheLabels() {
    Outcome logistic = score("--model @logistic --data @labelled.csv --skip-header --label last");
    Outcome linear = score("--model @linear --data @labelled.csv --skip-header --label 2");

    assertTrue(logistic.err().contains("accuracy 1.0000 (2 of 2)"), logistic.err());
    // (1.5^2 + 16.5^2) / 2
    assertTrue(linear.err().contains("MSE 137.250000 of 2 rows"), linear.err());
  }

  @Test
  void shouldScoreInPiecesAsInOne() throws IOException {
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < 20_000; i++) {
      rows.append(i).append(" 0.5\n");
    }
    Files.writeString(folder.resolve("many"), rows);

    Outcome outcome = score("--model @linear --data @many");

    List<String> lines = outcome.out().lines().toList();
    assertEquals(20_001, lines.size());
    assertEquals("59996.5", lines.get(20_000));
  }

  @Test
  void shouldAgreeWithTheTestOfTraining() throws IOException {
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < 100; i++) {
      rows.append(Math.sin(i)).append(' ').append(Math.cos(3 * i)).append(' ');
      rows.append(Math.sin(i) > Math.cos(3 * i) ? 1 : 0).append('\n');
    }
    Files.writeString(folder.resolve("train"), rows);
    Files.writeString(
        folder.resolve("test"),
        String.join("\n", rows.toString().split("\n"))
            .lines()
            .skip(70)
            .reduce("", (a, b) -> a + b + "\n"));
    Outcome trained =
        Cli.run(
            "train",
            "mlp",
            "--data",
            folder.resolve("train").toString(),
            "--label",
            "last",
            "--test-last",
            "30",
            "--epochs",
            "5",
            "--hidden",
            "4,3",
            "--activation",
            "silu",
            "--scale",
            "2",
            "--standardize",
            "--dtype",
            "f64",
            "--save",
            folder.resolve("mlp").toString(),
            "--json");

    Outcome scored = score("--model @mlp --data @test --label last --values labels");

    long correct = trained.json().get("testCorrect").getAsLong();
    assertTrue(scored.err().contains("(" + correct + " of 30)"), scored.err());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--data @data.csv",
        "--data @labelled.csv --skip-header --label last",
        "--data @labelled.csv --label y"
      })
  void shouldDrawWhereTheModelPredictsWhat(String data) throws IOException {
    Outcome outcome = score("--model @logistic " + data + " --plot @out/below");

    assertEquals(0, outcome.status(), outcome.err());
    assertEquals(2, outcome.out().lines().filter(line -> !line.startsWith("label")).count());
    Path file = folder.resolve("out/below/boundary.png");
    assertTrue(outcome.err().contains("picture: " + file), outcome.err());
    BufferedImage picture = ImageIO.read(file.toFile());
    // Class 1 where the first feature is above 0.5; the picture spans -3.24 to 1.24.
    Color left = new Color(picture.getRGB(300, 300));
    Color right = new Color(picture.getRGB(730, 300));
    assertTrue(left.getBlue() > left.getRed() + 30, left.toString());
    assertTrue(right.getRed() > right.getBlue() + 10, right.toString());
  }

  @Test
  void shouldDrawWeightsOfASavedModel() {
    Outcome outcome = score("--model @linear --data @data.csv --image 1x2 --plot @out");

    assertEquals(0, outcome.status(), outcome.err());
    assertTrue(Files.exists(folder.resolve("out/weights.png")));
    assertFalse(Files.exists(folder.resolve("out/boundary.png")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--model @none --data @data.csv | none: no such file or folder",
        "--model @data.csv --data @data.csv | data.csv: byte 0: not a safetensors file",
        "--model @linear --data @none | none: no such file or folder",
        "--model @linear --data @labelled.csv --skip-header | 3 features, but the model takes 2 (is",
        "--model @linear --data @data.csv --label last | 1 features, but the model takes 2",
        "--model @softmax --data @data.csv --plot @a.png | a.png: name a folder",
        "--model @softmax --data @data.csv --plot @data.csv | data.csv: is no folder",
        "--model @linear --data @data.csv --plot @a | there is nothing to draw of 2 features",
        "--model @linear --data @data.csv --plot @a --plane 0,1 | goes with classifiers",
        "--model @softmax --data @data.csv --plane 0,1 | --plane needs --plot FOLDER",
        "--model @logistic --data @odd.csv --label last --plot @a | line 2: label 2.0 is none of the",
        "--model @linear --data @data.csv --label y | --label y: no such name in the first line: 1, 2",
        "--model @linear --data @data.csv --label 2 | --label 2: the file has 2 columns",
        "--model @linear --data @data.csv --values labels | a regression has predictions alone",
        "--model @linear --data @data.csv --format npy | --format npy needs --out",
        "--model @softmax --data @data.csv --format npy --out @x | --format npy needs --values",
        "--model @linear --data @data.csv --format npy --out @no/x | cannot be written",
        "--model @linear --data @data.csv --out @ | is a folder",
      })
  void shouldSayInOneLineWhatIsWrong(String command, String problem) {
    Outcome outcome = score(command);

    assertEquals(1, outcome.err().lines().count(), outcome.err());
    assertTrue(outcome.err().startsWith("quern score: "), outcome.err());
    assertTrue(outcome.err().contains(problem), outcome.err());
    assertEquals(2, outcome.status());
    assertEquals("", outcome.out());
    assertFalse(Files.exists(folder.resolve("x")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "format | other | holds no quern-model: its format is 'other'",
        "version | 2 | metadata 'version' is not 1: 2",
        "model | bayes | metadata 'model' is unknown: bayes",
        "features | 3 | tensor '0.weight' is F32 [2, 1], not F32 [3, 1]",
        "features | 0 | metadata 'features' is no integer from 1 on: 0",
        "features | 2000000000 | tensor '0.weight' is F32 [2, 1], not F32 [2000000000, 1]",
        "classes | x | metadata 'classes' is no integer from 0 on: x",
        "dtype | F64 | tensor '0.weight' is F32 [2, 1], not F64 [2, 1]",
        "dtype | I32 | metadata 'dtype' is no floating-point type: I32",
        "preprocessing | 2 | tensor 'preprocessing.1.offset' is missing",
        "model | mlp | metadata 'classes' is no integer from 1 on: 0",
      })
  void shouldRefuseAModelThatContradictsItself(String key, String value, String problem) {
    model("linear", 0, new float[] {3, -2}, new float[] {1}, Map.of(key, value));

    Outcome outcome = score("--model @linear --data @data.csv");

    assertEquals(2, outcome.status());
    assertTrue(outcome.err().contains(problem), outcome.err());
  }
}
