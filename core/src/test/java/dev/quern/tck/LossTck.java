package dev.quern.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.DType;
import dev.quern.Device;
import dev.quern.Tensor;
import dev.quern.nn.CrossEntropyLoss;
import dev.quern.nn.LossReduction;
import dev.quern.nn.Losses;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The cross-entropy with its options against its definition in plain Java. */
abstract class LossTck extends Tck {
  private static final int CLASSES = 4;
  private static final Values WEIGHTS = Values.of(new double[] {0.5, 2, 1, 0.25}, CLASSES);

  @TestFactory
  Stream<DynamicTest> shouldMatchOracle() {
    List<DynamicTest> tests = new ArrayList<>();
    for (LossReduction reduction : LossReduction.values()) {
      for (long[] rest : new long[][] {{}, {3}, {2, 3}}) {
        for (boolean weighted : new boolean[] {false, true}) {
          for (long ignored : new long[] {99, 2, -1}) {
            String name = reduction + " " + rest.length + " " + weighted + " " + ignored;
            tests.add(test(name, () -> check(reduction, weighted, ignored, rest)));
          }
        }
      }
    }
    return tests.stream();
  }

  private static void check(LossReduction reduction, boolean weighted, long ignored, long... rest) {
    long[] labelDims = new long[1 + rest.length];
    labelDims[0] = 5;
    long[] dims = new long[2 + rest.length];
    dims[0] = 5;
    dims[1] = CLASSES;
    System.arraycopy(rest, 0, labelDims, 1, rest.length);
    System.arraycopy(rest, 0, dims, 2, rest.length);
    Values scores = Samples.uniform(DType.F64, 1, -3, 3, dims);
    Values drawn = Samples.indices(DType.I64, 2, 0, CLASSES, labelDims);
    // Every third label is the one to be ignored, be it a class or not.
    Values labels =
        ignored == 99 ? drawn : Values.integers(DType.I64, mixed(drawn, ignored), labelDims);
    CrossEntropyLoss loss = new CrossEntropyLoss().withReduction(reduction);
    if (weighted) {
      loss = loss.withWeights(WEIGHTS.upload());
    }
    if (ignored != 99) {
      loss = loss.withIgnored(ignored);
    }

    Tensor ofScores = loss.ofScores(scores.upload(), labels.upload());
    Tensor ofLogs = loss.ofLogProbabilities(scores.upload().logSoftmax(1), labels.upload());

    Values expected = expected(scores, labels, reduction, weighted, ignored, labelDims);
    Expect.close("scores", expected, 1e-12, 1e-12, ofScores);
    Expect.close("logs", expected, 1e-12, 1e-12, ofLogs);
    CrossEntropyLoss checked = loss;
    GradCheck.checkAll("loss", t -> checked.ofScores(t[0], t[1]), scores, labels);
  }

  private static long[] mixed(Values labels, long ignored) {
    long[] out = new long[labels.size()];
    for (int i = 0; i < out.length; i++) {
      out[i] = i % 3 == 0 ? ignored : labels.integer(i);
    }
    return out;
  }

  private static Values expected(
      Values scores,
      Values labels,
      LossReduction reduction,
      boolean weighted,
      long ignored,
      long... labelDims) {
    int inner = labels.size() / 5;
    double[] losses = new double[labels.size()];
    double weight = 0;
    for (int i = 0; i < losses.length; i++) {
      long label = labels.integer(i);
      if (label == ignored) {
        continue;
      }
      int start = i / inner * CLASSES * inner + i % inner;
      double sum = 0;
      for (int c = 0; c < CLASSES; c++) {
        sum += Math.exp(scores.real(start + c * inner));
      }
      double p = Math.exp(scores.real(start + (int) label * inner)) / sum;
      double factor = weighted ? WEIGHTS.real((int) label) : 1;
      losses[i] = -factor * Math.log(p);
      weight += factor;
    }
    double total = Groups.sum(losses);
    return switch (reduction) {
      case NONE -> Values.of(losses, labelDims);
      case SUM -> Values.of(new double[] {total});
      case MEAN -> Values.of(new double[] {total / weight});
    };
  }

  @Test
  void shouldAgreeWithThePlainLoss() {
    Tensor scores = Samples.uniform(DType.F32, 1, -3, 3, 6, CLASSES).upload();
    Tensor labels = Samples.indices(DType.I32, 2, 0, CLASSES, 6).upload();

    double plain = Losses.crossEntropy(scores, labels).item();

    assertEquals(plain, new CrossEntropyLoss().ofScores(scores, labels).item(), 1e-6);
  }

  @Test
  void shouldIgnoreWhatIsInfinite() {
    Tensor scores = Tensor.of(new double[] {Double.NEGATIVE_INFINITY, 0, 0, 0}, 2, 2);

    Tensor loss =
        new CrossEntropyLoss().withIgnored(0).ofScores(scores, Tensor.of(new long[] {0, 1}, 2));

    assertEquals(Math.log(2), loss.item(), 1e-15);
  }

  @Test
  void shouldHaveNoMeanOfNothing() {
    Tensor loss =
        new CrossEntropyLoss()
            .withIgnored(1)
            .ofScores(Tensor.zeros(1, 2), Tensor.of(new long[] {1}, 1));

    assertTrue(Double.isNaN(loss.item()));
  }

  @Test
  void shouldRefuseLabelsThatAreNoClass() {
    for (long wrong : new long[] {-2, 3}) {
      assertThrows(
          IndexOutOfBoundsException.class,
          () -> {
            new CrossEntropyLoss()
                .withIgnored(-1)
                .ofScores(Tensor.zeros(2, 3), Tensor.of(new long[] {-1, wrong}, 2))
                .item();
            Device.current().synchronize();
          });
    }
  }

  @Test
  void shouldNameWhatDoesNotFit() {
    CrossEntropyLoss loss = new CrossEntropyLoss();
    Tensor scores = Tensor.zeros(2, 3, 4);
    Tensor labels = Tensor.zeros(DType.I64, 2, 4);

    assertMessage("crossEntropy: scores must be", () -> loss.ofScores(scores, Tensor.zeros(2, 4)));
    assertMessage(
        "crossEntropy: scores must be",
        () -> loss.ofLogProbabilities(scores, Tensor.zeros(DType.I64, 2, 3)));
    assertMessage(
        "crossEntropy: [2] weights",
        () -> loss.withWeights(Tensor.ones(2)).ofScores(scores, labels));
    assertMessage("crossEntropy: weights must be", () -> loss.withWeights(scores));
  }

  private static void assertMessage(String start, Runnable body) {
    String message = assertThrows(IllegalArgumentException.class, body::run).getMessage();
    assertEquals(start, message.substring(0, Math.min(start.length(), message.length())));
  }
}
