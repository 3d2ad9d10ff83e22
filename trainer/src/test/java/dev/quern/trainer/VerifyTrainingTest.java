package dev.quern.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.Tensor;
import dev.quern.io.Npy;
import dev.quern.trainer.Cli.Outcome;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VerifyTrainingTest {
  @TempDir private Path root = Path.of("");
  private CaseFolder cases = new CaseFolder(root);

  @BeforeEach
  void setUp() {
    cases = new CaseFolder(root);
  }

  private static String lastLine(Outcome outcome) {
    List<String> lines = outcome.out().lines().toList();
    return lines.get(lines.size() - 1);
  }

  private void save(String name, double... values) throws Exception {
    Npy.write(cases.folder("run").resolve(name), Tensor.of(values, values.length));
  }

  private void save(String name, Tensor tensor) throws Exception {
    Npy.write(cases.folder("run").resolve(name), tensor);
  }

  /** One step from zero on the points (1, 1) and (2, 2), worked out by hand. */
  private void regression(String extra) throws Exception {
    save("x.npy", 1, 2);
    save("y.npy", 1, 2);
    save("w.npy", 0.25);
    save("b.npy", 0.15);
    save("J.npy", 0.545625);
    cases.write(
        "run",
        "golden.json",
        """
        {"name": "line", "kind": "linear_regression", "lr": 0.1, "steps": 1, %s
         "x": "x.npy", "y": "y.npy",
         "f64": {"w": "w.npy", "b": "b.npy", "J": "J.npy", "J0": 1.25}}
        """
            .formatted(extra));
  }

  @Test
  void shouldFollowALinearRegressionFromZero() throws Exception {
    regression("");

    assertEquals("1 passed, 0 failed, 0 unsupported", lastLine(cases.verify()));
  }

  @Test
  void shouldStartFromTheGivenParameters() throws Exception {
    regression("\"init\": {\"w\": 0.0, \"b\": [0]},");

    assertEquals("1 passed, 0 failed, 0 unsupported", lastLine(cases.verify()));
  }

  @Test
  void shouldFailATrajectoryThatStartsElsewhere() throws Exception {
    regression("\"init\": {\"w\": 0.001},");

    Outcome outcome = cases.verify();

    assertEquals(1, outcome.status());
    assertTrue(outcome.out().contains("line f64: J0 at [0]"), outcome.out());
  }

  @Test
  void shouldNameAnArrayOfAnotherLength() throws Exception {
    regression("");
    save("b.npy", 1, 2, 3);

    Outcome outcome = cases.verify();

    assertTrue(
        outcome.out().contains("\"f64.b\" names an array of shape [3], not [1]"), outcome.out());
  }

  /**
   * One step from zero on x = 1 of class 0 and x = -1 of class 1: the loss is log 2, the gradient
   * of W is (-1/2, 1/2), that of b is 0.
   */
  private void classifier(String run, double weight) throws Exception {
    save("X.npy", Tensor.of(new float[] {1, -1}, 2, 1));
    save("y.npy", Tensor.of(new long[] {0, 1}, 2));
    save("loss.npy", Math.log(2));
    save("W1.npy", Tensor.of(new double[] {weight, -weight}, 1, 2));
    save("b1.npy", 0, 0);
    save("grad.npy", Tensor.of(new double[] {-0.5, 0.5}, 1, 2));
    cases.write(
        "run",
        "golden.json",
        """
        {"name": "two", "kind": "classifier", "layers": [1, 2], "activation": null,
         "X": "X.npy", "y": "y.npy",
         "first_step": {"f64": {"loss": 0.6931471805599453, "grad": {"W1": "grad.npy"}}},
         "runs": [{"steps": 1, %s,
          "f64": {"loss_before_each_step": "loss.npy", "final": {"W1": "W1.npy", "b1": "b1.npy"}}}]}
        """
            .formatted(run));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "\"optimizer\": \"sgd\", \"lr\": 0.5 | 0.25",
        "\"optimizer\": \"sgd\", \"lr\": 0.5, \"momentum\": 0.5 | 0.25",
        "\"optimizer\": \"sgd\", \"lr\": 0.5, \"momentum\": 0.5, \"nesterov\": true | 0.375",
        "\"optimizer\": \"sgd\", \"lr\": 0.5, \"weight_decay\": 3 | 0.25",
        "\"optimizer\": \"adam\", \"lr\": 0.01, \"betas\": [0.5, 0.5], \"eps\": 0.5 | 0.005",
        "\"optimizer\": \"adamw\", \"lr\": 0.01, \"weight_decay\": 1, \"eps\": 0.5 | 0.005"
      })
  void shouldUnderstandEveryOptimizer(String run, double weight) throws Exception {
    classifier(run, weight);

    Outcome outcome = cases.verify();

    assertEquals("1 passed, 0 failed, 0 unsupported", lastLine(outcome), outcome.out());
  }

  @Test
  void shouldTellRunsApartByTheirTag() throws Exception {
    classifier("\"optimizer\": \"sgd\", \"lr\": 0.5, \"tag\": \"slow\"", 1);

    Outcome outcome = cases.verify();

    assertTrue(outcome.out().contains("two f64 sgd slow: final W1"));
  }

  @Test
  void shouldReportAnUnknownOptimizerAsUnsupported() throws Exception {
    classifier("\"optimizer\": \"lion\", \"lr\": 0.5", 1);

    assertEquals("0 passed, 0 failed, 1 unsupported", lastLine(cases.verify()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{} | \"kind\" is missing",
        "{\"kind\": \"linear_regression\"} | expects nothing in f64 or f32",
        "{\"kind\": \"classifier\", \"runs\": 3} | \"runs\" must be a list: 3",
        "{\"kind\": \"classifier\", \"runs\": [3]} | \"runs[0]\" must be an object: 3",
        "{\"kind\": \"classifier\", \"runs\": [{\"f64\": {}}]} | \"layers\" is missing",
        "{\"kind\": \"linear_regression\", \"f64\": {}, \"steps\": 1e12} | \"steps\" must be in [1,",
        "{\"kind\": \"linear_regression\", \"f64\": {}, \"steps\": 1, \"x\": \"x.npy\"}"
            + " | x.npy: no such file"
      })
  void shouldFailAMalformedFile(String content, String problem) throws Exception {
    cases.write("run", "golden.json", content);

    Outcome outcome = cases.verify();

    assertEquals(1, outcome.status());
    assertEquals("0 passed, 1 failed, 0 unsupported", lastLine(outcome));
    assertTrue(outcome.out().contains("run"), outcome.out());
    assertTrue(outcome.out().contains(problem), outcome.out());
  }
}
