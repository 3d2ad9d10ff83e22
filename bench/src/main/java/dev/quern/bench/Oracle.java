package dev.quern.bench;

import java.util.function.IntToDoubleFunction;

/** What the compared elements of a result must be, computed in F64 and in the plainest way. */
final class Oracle {
  private static final double RATE = 0.5;

  private Oracle() {}

  /** Returns the gradient descent's rate in all training steps. */
  static double rate() {
    return RATE;
  }

  /**
   * Returns what is wrong with a result, or an empty text.
   *
   * @param got its elements at {@link Numbers#places}
   * @param size how many elements it has
   */
  static String complain(Spec spec, long size, double[] got) {
    double[] want = expected(spec);
    long[] places = Numbers.places(want.length == 0 ? elements(spec) : want.length);
    long wantedSize = want.length == 0 ? elements(spec) : want.length;
    if (size != wantedSize || got.length != places.length) {
      return "a result of " + size + " elements, not " + wantedSize;
    }
    for (int j = 0; j < places.length; j++) {
      double wanted = want.length == 0 ? element(spec, places[j]) : want[(int) places[j]];
      // F32's rounding of sums of numbers up to 1/2, and of one step of descent.
      double allowed = 2e-5 * Math.max(1, Math.abs(wanted)) * Math.max(1, depth(spec) / 256);
      if (!(Math.abs(got[j] - wanted) <= allowed)) {
        return "element " + places[j] + " is " + got[j] + ", not " + wanted;
      }
    }
    return "";
  }

  private static double depth(Spec spec) {
    return switch (spec.name()) {
      case "sum columns" -> spec.dim(0);
      // 5e-8 of the sum of absolute values.
      case "sum all" -> 0.16 * spec.dim(0);
      case "matmul nn", "matmul tn", "matmul nt" -> spec.dim(1);
      default -> 1;
    };
  }

  private static long elements(Spec spec) {
    return switch (spec.name()) {
      case "matmul nn", "matmul tn", "matmul nt" -> (long) spec.dim(0) * spec.dim(2);
      case "batched nn" -> (long) spec.dim(0) * spec.dim(1) * spec.dim(3);
      case "sum all" -> 1;
      case "sum columns" -> spec.dim(1);
      case "softmax rows" -> (long) spec.dim(0) * spec.dim(1);
      default -> spec.dim(0);
    };
  }

  private static double element(Spec spec, long i) {
    double a = Numbers.at(i, 1);
    return switch (spec.name()) {
      case "add into", "add new" -> a + Numbers.at(i, 2);
      case "chain into", "chain new" -> Math.max(0, a * Numbers.at(i, 2) + Numbers.at(i, 3));
      case "exp into", "exp new" -> Math.exp(8 * a);
      case "sigmoid into", "sigmoid new" -> 1 / (1 + Math.exp(-8 * a));
      case "tanh into", "tanh new" -> Math.tanh(8 * a);
      case "sum all" -> sum(spec.dim(0), j -> Numbers.at(j, 1));
      case "sum columns" -> sum(spec.dim(0), row -> Numbers.at((long) row * spec.dim(1) + i, 1));
      case "softmax rows" -> {
        long row = i / spec.dim(1) * spec.dim(1);
        yield Math.exp(8 * a) / sum(spec.dim(1), j -> Math.exp(8.0 * Numbers.at(row + j, 1)));
      }
      case "matmul nn", "matmul tn", "matmul nt" ->
          dot(spec.form(), spec.dim(0), spec.dim(1), spec.dim(2), i, 0, 0);
      case "batched nn" -> {
        long m = spec.dim(1);
        long k = spec.dim(2);
        long n = spec.dim(3);
        long batch = i / (m * n);
        yield dot("nn", m, k, n, i % (m * n), batch * m * k, batch * k * n);
      }
      default -> throw new IllegalArgumentException("no oracle for " + spec);
    };
  }

  private static double sum(int n, IntToDoubleFunction term) {
    double sum = 0;
    for (int i = 0; i < n; i++) {
      sum += term.applyAsDouble(i);
    }
    return sum;
  }

  private static double dot(String form, long m, long k, long n, long i, long a, long b) {
    long row = i / n;
    long column = i % n;
    return sum(
        (int) k,
        j -> {
          long left = form.equals("tn") ? j * m + row : row * k + j;
          long right = form.equals("nt") ? column * k + j : j * n + column;
          return (double) Numbers.at(a + left, 1) * Numbers.at(b + right, 2);
        });
  }

  // All parameters after one step; nothing for what is no step.
  private static double[] expected(Spec spec) {
    return switch (spec.name()) {
      case "linear step" -> layers(spec, false);
      case "softmax step", "mlp step" -> layers(spec, true);
      default -> new double[0];
    };
  }

  private static double[] layers(Spec spec, boolean classes) {
    int rows = spec.dim(0);
    int count = spec.dims().size() - 2;
    double[][] weights = new double[count][];
    double[][] biases = new double[count][];
    double[][] inputs = new double[count + 1][];
    inputs[0] = widened(Numbers.array((long) rows * spec.dim(1), 1));
    for (int l = 0; l < count; l++) {
      int in = spec.dim(l + 1);
      int out = spec.dim(l + 2);
      weights[l] = widened(Numbers.array((long) in * out, l + 2, 0.125f));
      biases[l] = new double[out];
      double[] y = product(inputs[l], weights[l], rows, in, out);
      if (l < count - 1) {
        for (int i = 0; i < y.length; i++) {
          y[i] = Math.max(0, y[i]);
        }
      }
      inputs[l + 1] = y;
    }
    int last = spec.dim(count + 1);
    double[] gradient =
        classes ? classGradient(inputs[count], rows, last) : errorGradient(inputs[count]);
    int total = 0;
    for (int l = 0; l < count; l++) {
      total += weights[l].length + biases[l].length;
    }
    for (int l = count - 1; l >= 0; l--) {
      int in = spec.dim(l + 1);
      int out = spec.dim(l + 2);
      double[] before = product(gradient, transposed(weights[l], in, out), rows, out, in);
      double[] change = product(transposed(inputs[l], rows, in), gradient, in, rows, out);
      for (int i = 0; i < change.length; i++) {
        weights[l][i] -= RATE * change[i];
      }
      for (int i = 0; i < gradient.length; i++) {
        biases[l][i % out] -= RATE * gradient[i];
      }
      for (int i = 0; i < before.length; i++) {
        before[i] = inputs[l][i] > 0 ? before[i] : 0;
      }
      gradient = before;
    }
    double[] all = new double[total];
    int at = 0;
    for (int l = 0; l < count; l++) {
      System.arraycopy(weights[l], 0, all, at, weights[l].length);
      at += weights[l].length;
      System.arraycopy(biases[l], 0, all, at, biases[l].length);
      at += biases[l].length;
    }
    return all;
  }

  // Mean over the rows of -log softmax at the true class.
  private static double[] classGradient(double[] scores, int rows, int classes) {
    double[] gradient = new double[scores.length];
    for (int row = 0; row < rows; row++) {
      int start = row * classes;
      double total = sum(classes, j -> Math.exp(scores[start + j]));
      for (int j = 0; j < classes; j++) {
        double truth = j == Numbers.label(row, classes) ? 1 : 0;
        gradient[start + j] = (Math.exp(scores[start + j]) / total - truth) / rows;
      }
    }
    return gradient;
  }

  // Mean over the elements of (y - target)^2, the target being stream 9.
  private static double[] errorGradient(double[] y) {
    double[] gradient = new double[y.length];
    for (int i = 0; i < y.length; i++) {
      gradient[i] = 2 * (y[i] - Numbers.at(i, 9)) / y.length;
    }
    return gradient;
  }

  private static double[] widened(float[] from) {
    double[] out = new double[from.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = from[i];
    }
    return out;
  }

  private static double[] transposed(double[] x, int rows, int columns) {
    double[] out = new double[x.length];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        out[j * rows + i] = x[i * columns + j];
      }
    }
    return out;
  }

  private static double[] product(double[] a, double[] b, int m, int k, int n) {
    double[] c = new double[m * n];
    for (int i = 0; i < m; i++) {
      for (int p = 0; p < k; p++) {
        double x = a[i * k + p];
        for (int j = 0; j < n; j++) {
          c[i * n + j] += x * b[p * n + j];
        }
      }
    }
    return c;
  }
}
