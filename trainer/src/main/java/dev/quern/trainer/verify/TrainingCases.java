package dev.quern.trainer.verify;

import dev.quern.Scope;
import dev.quern.Tensor;
import dev.quern.nn.Linear;
import dev.quern.nn.Losses;
import dev.quern.nn.Module;
import dev.quern.nn.Sequential;
import dev.quern.optim.Sgd;
import dev.quern.trainer.verify.GoldenCases.Precision;
import java.util.List;

/**
 * Built-in cases: a small network, trained on the device and once more by backpropagation written
 * out by hand in double precision.
 */
final class TrainingCases {
  private static final int ROWS = 30;
  private static final int INPUTS = 4;
  private static final int HIDDEN = 5;
  private static final int CLASSES = 3;
  private static final int STEPS = 25;
  private static final double RATE = 0.5;
  private static final double MOMENTUM = 0.9;
  private static final double L2 = 0.01;

  private final double[] x = TestData.values(ROWS * INPUTS, 21);
  private final double[] w1 = TestData.values(INPUTS * HIDDEN, 22);
  private final double[] b1 = new double[HIDDEN];
  private final double[] w2 = TestData.values(HIDDEN * CLASSES, 23);
  private final double[] b2 = new double[CLASSES];
  private final int[] labels = new int[ROWS];

  private TrainingCases() {
    for (int i = 0; i < ROWS; i++) {
      labels[i] = i % CLASSES;
    }
  }

  static List<VerifyCase> all() {
    return Precision.ALL.stream()
        .map(
            precision ->
                new VerifyCase(
                    "small network " + precision.dtype(),
                    "sgd",
                    GoldenCases.FAMILY,
                    () -> new TrainingCases().run(precision)))
        .toList();
  }

  private Comparison run(Precision precision) {
    Linear first =
        new Linear(
            TestData.tensor(w1, precision.dtype(), INPUTS, HIDDEN).realize(),
            Tensor.zeros(precision.dtype(), HIDDEN).realize());
    Linear second =
        new Linear(
            TestData.tensor(w2, precision.dtype(), HIDDEN, CLASSES).realize(),
            Tensor.zeros(precision.dtype(), CLASSES).realize());
    Module model = new Sequential(first, Module.of(Tensor::tanh), second);
    Tensor rows = TestData.tensor(x, precision.dtype(), ROWS, INPUTS);
    Tensor classes = Tensor.of(labels, ROWS);
    Sgd optimizer = new Sgd(model.tensors(), RATE, MOMENTUM, false, 0);
    double[] losses = new double[STEPS];
    for (int i = 0; i < STEPS; i++) {
      Scope scope = Scope.open();
      try (scope) {
        Tensor loss = Losses.crossEntropy(model.forward(rows), classes);
        loss = loss.add(Losses.l2(L2 / 2, model.weights()));
        optimizer.zeroGrad();
        loss.backward();
        optimizer.step();
        losses[i] = loss.item();
      }
    }

    double[] wantLosses = trainByHand();
    Comparison comparison = new Comparison();
    comparison.scaled("loss before each step", losses, wantLosses, precision.bar());
    comparison.scaled("W1", first.weight().toDoubleArray(), w1, precision.bar());
    comparison.scaled("b1", first.bias().toDoubleArray(), b1, precision.bar());
    comparison.scaled("W2", second.weight().toDoubleArray(), w2, precision.bar());
    comparison.scaled("b2", second.bias().toDoubleArray(), b2, precision.bar());
    return comparison;
  }

  private double[] trainByHand() {
    double[][] parameters = {w1, b1, w2, b2};
    double[][] velocities = new double[4][];
    for (int p = 0; p < 4; p++) {
      velocities[p] = new double[parameters[p].length];
    }
    double[] losses = new double[STEPS];
    for (int step = 0; step < STEPS; step++) {
      double[][] gradients = new double[4][];
      for (int p = 0; p < 4; p++) {
        gradients[p] = new double[parameters[p].length];
      }
      for (int row = 0; row < ROWS; row++) {
        losses[step] += addRow(row, gradients) / ROWS;
      }
      for (int p = 0; p < 4; p++) {
        boolean weight = p % 2 == 0;
        for (int i = 0; i < parameters[p].length; i++) {
          double g = gradients[p][i] / ROWS;
          if (weight) {
            losses[step] += L2 / 2 * parameters[p][i] * parameters[p][i];
            g += L2 * parameters[p][i];
          }
          velocities[p][i] = MOMENTUM * velocities[p][i] + g;
          parameters[p][i] -= RATE * velocities[p][i];
        }
      }
    }
    return losses;
  }

  /** Adds a row's gradients and returns its loss. */
  private double addRow(int row, double[][] gradients) {
    double[] h = new double[HIDDEN];
    for (int j = 0; j < HIDDEN; j++) {
      double sum = b1[j];
      for (int i = 0; i < INPUTS; i++) {
        sum += x[row * INPUTS + i] * w1[i * HIDDEN + j];
      }
      h[j] = Math.tanh(sum);
    }
    double[] e = new double[CLASSES];
    double total = 0;
    for (int c = 0; c < CLASSES; c++) {
      double sum = b2[c];
      for (int j = 0; j < HIDDEN; j++) {
        sum += h[j] * w2[j * CLASSES + c];
      }
      e[c] = Math.exp(sum);
      total += e[c];
    }
    double[] upward = new double[HIDDEN];
    for (int c = 0; c < CLASSES; c++) {
      double d = e[c] / total - (labels[row] == c ? 1 : 0);
      gradients[3][c] += d;
      for (int j = 0; j < HIDDEN; j++) {
        gradients[2][j * CLASSES + c] += d * h[j];
        upward[j] += d * w2[j * CLASSES + c];
      }
    }
    for (int j = 0; j < HIDDEN; j++) {
      double d = upward[j] * (1 - h[j] * h[j]);
      gradients[1][j] += d;
      for (int i = 0; i < INPUTS; i++) {
        gradients[0][i * HIDDEN + j] += d * x[row * INPUTS + i];
      }
    }
    return -Math.log(e[labels[row]] / total);
  }
}
