package dev.quern.trainer.learn;

import dev.quern.DType;
import dev.quern.Scope;
import dev.quern.Tensor;
import dev.quern.trainer.data.Scaling;
import dev.quern.trainer.data.Task;
import java.util.List;

/**
 * The scores that a classifier gives on an even grid over two of its features.
 *
 * @param x the values of the feature across, ascending
 * @param y the values of the feature upwards, ascending
 * @param classes the number of scores at a point; of two classes the first has score 0 where the
 *     model gives a single one
 * @param scores [y, x, classes]
 */
public record PlaneScores(double[] x, double[] y, int classes, double[] scores) {
  private static final int MOST_ACROSS = 241;
  // Bounds what the widest layer needs on the device.
  private static final int MOST_ELEMENTS = 1 << 24;

  /**
   * Computes the scores on the current device, in one batch.
   *
   * @param preprocessing what happens to features, in order
   * @param still the value of each feature, of which {@code across} and {@code upwards} are
   *     replaced by those of the grid
   * @param from the least values of the two features
   * @param to their greatest values
   * @throws IllegalArgumentException if the model is no classifier
   */
  public static PlaneScores of(
      Model model,
      List<Scaling> preprocessing,
      double[] still,
      int across,
      int upwards,
      double[] from,
      double[] to) {
    if (model.task() == Task.REGRESSION) {
      throw new IllegalArgumentException("plane scores: a regression tells no classes apart");
    }
    long widest = 1;
    for (Tensor tensor : model.network().tensors()) {
      for (long extent : tensor.shape().dims()) {
        widest = Math.max(widest, extent);
      }
    }
    int n = (int) Math.max(2, Math.min(MOST_ACROSS, Math.sqrt(MOST_ELEMENTS / (double) widest)));
    double[] x = even(from[0], to[0], n);
    double[] y = even(from[1], to[1], n);
    double[] base = new double[still.length];
    for (int j = 0; j < base.length; j++) {
      base[j] = j == across || j == upwards ? 0 : scaled(preprocessing, j, still[j]);
    }
    double[] scaledX = scaled(preprocessing, across, x);
    double[] scaledY = scaled(preprocessing, upwards, y);
    double[] scores =
        Tensor.noGrad(
            () -> {
              Scope scope = Scope.open();
              try (scope) {
                DType dtype = model.network().tensors().get(0).dtype();
                Tensor features =
                    typed(scaledX, dtype, 1, n, 1)
                        .mul(one(across, base.length, dtype))
                        .add(typed(scaledY, dtype, n, 1, 1).mul(one(upwards, base.length, dtype)))
                        .add(typed(base, dtype, 1, 1, base.length))
                        .reshape((long) n * n, base.length);
                Tensor all = model.network().forward(features);
                if (model.task() == Task.BINARY) {
                  all = Tensor.concat(1, all.mul(0), all);
                }
                return all.toDoubleArray();
              }
            });
    return new PlaneScores(x, y, scores.length / (n * n), scores);
  }

  private static double[] even(double from, double to, int n) {
    double[] all = new double[n];
    for (int i = 0; i < n; i++) {
      all[i] = from + (to - from) * i / (n - 1);
    }
    return all;
  }

  private static double scaled(List<Scaling> preprocessing, int feature, double value) {
    double x = value;
    for (Scaling scaling : preprocessing) {
      x = scaling.apply(feature, x);
    }
    return x;
  }

  private static double[] scaled(List<Scaling> preprocessing, int feature, double[] values) {
    double[] all = new double[values.length];
    for (int i = 0; i < all.length; i++) {
      all[i] = scaled(preprocessing, feature, values[i]);
    }
    return all;
  }

  private static Tensor typed(double[] values, DType dtype, long... dims) {
    return Tensor.of(values, dims).cast(dtype);
  }

  private static Tensor one(int feature, int features, DType dtype) {
    double[] values = new double[features];
    values[feature] = 1;
    return typed(values, dtype, 1, 1, features);
  }

  /**
   * Fills in the scores at any place on the grid, between its points linearly.
   *
   * @param column 0 to the last x
   * @param row 0 to the last y
   * @param into receives a score for each class
   */
  public void at(double column, double row, double[] into) {
    int i = Math.min((int) column, x.length - 2);
    int j = Math.min((int) row, y.length - 2);
    double u = column - i;
    double v = row - j;
    int low = (j * x.length + i) * classes;
    int high = low + x.length * classes;
    for (int k = 0; k < classes; k++) {
      into[k] =
          (1 - v) * ((1 - u) * scores[low + k] + u * scores[low + classes + k])
              + v * ((1 - u) * scores[high + k] + u * scores[high + classes + k]);
    }
  }
}
