package dev.quern.trainer.learn;

import dev.quern.DType;
import dev.quern.Scope;
import dev.quern.Tensor;
import java.util.Arrays;
import java.util.function.ToDoubleFunction;

/** Measures of a trained model, taken in pieces so that large data need little memory. */
public final class Evaluation {
  private static final long PIECE = 8192;

  private Evaluation() {}

  /** Returns the mean loss over all rows, without a penalty. */
  public static double meanLoss(Model model, Rows data) {
    return sum(data, piece -> model.loss(piece).item() * piece.rows()) / data.rows();
  }

  /** Returns {@code k / 2 * sum w^2}. */
  static double penalty(Model model, double k) {
    if (k == 0) {
      return 0;
    }
    return Tensor.noGrad(
        () -> {
          Scope scope = Scope.open();
          try (scope) {
            return model.penalty(k).item();
          }
        });
  }

  /** Returns how many rows are given their class. */
  public static long correct(Model model, Rows data) {
    return (long)
        sum(
            data,
            piece ->
                model
                    .predict(piece.features())
                    .eq(piece.targets())
                    .cast(DType.I64)
                    .sum()
                    .itemLong());
  }

  /**
   * How well a regression fits.
   *
   * @param meanSquaredError the mean of {@code (f - y)^2}
   * @param r2 the coefficient of determination, {@code 1 - sum (f - y)^2 / sum (y - mean y)^2}; not
   *     finite if all targets are equal
   */
  public record Fit(double meanSquaredError, double r2) {}

  /** Returns how well a regression fits, computed in F64 from its predictions. */
  public static Fit fit(Model model, Rows data) {
    double[] y = new double[(int) data.rows()];
    double[] f = new double[y.length];
    predict(model, data, y, f);
    double mean = Arrays.stream(y).average().orElse(Double.NaN);
    double residual = 0;
    double total = 0;
    for (int i = 0; i < y.length; i++) {
      residual += (f[i] - y[i]) * (f[i] - y[i]);
      total += (y[i] - mean) * (y[i] - mean);
    }
    return new Fit(residual / y.length, 1 - residual / total);
  }

  /** Returns how often a classifier takes each class for each. */
  public static Confusion confusion(Model model, Rows data, int classes) {
    double[] y = new double[(int) data.rows()];
    double[] f = new double[y.length];
    predict(model, data, y, f);
    long[][] counts = new long[classes][classes];
    for (int i = 0; i < y.length; i++) {
      counts[(int) y[i]][(int) f[i]]++;
    }
    return new Confusion(counts);
  }

  /** Fills in the targets and the predictions of all rows. */
  private static void predict(Model model, Rows data, double[] targets, double[] predictions) {
    int[] at = new int[1];
    sum(
        data,
        piece -> {
          double[] y = piece.targets().toDoubleArray();
          double[] f = model.predict(piece.features()).toDoubleArray();
          System.arraycopy(y, 0, targets, at[0], y.length);
          System.arraycopy(f, 0, predictions, at[0], f.length);
          at[0] += y.length;
          return 0;
        });
  }

  private static double sum(Rows data, ToDoubleFunction<Batch> measure) {
    double total = 0;
    for (long start = 0; start < data.rows(); start += PIECE) {
      long from = start;
      total +=
          Tensor.noGrad(
              () -> {
                Scope scope = Scope.open();
                try (scope) {
                  return measure.applyAsDouble(
                      data.range(from, Math.min(from + PIECE, data.rows())));
                }
              });
    }
    return total;
  }
}
