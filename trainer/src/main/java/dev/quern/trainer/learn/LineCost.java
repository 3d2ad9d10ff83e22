package dev.quern.trainer.learn;

import dev.quern.DType;
import dev.quern.Scope;
import dev.quern.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The cost of a line on samples: {@code J(w, b) = mean((w x + b - y)^2) / 2}. */
public final class LineCost {
  /** A line and its cost. */
  public record Point(double w, double b, double cost) {
    /** Returns whether all three numbers are finite. */
    public boolean isFinite() {
      return Double.isFinite(w) && Double.isFinite(b) && Double.isFinite(cost);
    }
  }

  // Bounds what a grid of costs keeps on the device beside the samples.
  private static final int CHUNK = 1 << 16;

  private final int rows;
  private final Tensor x;
  private final Tensor y;

  /** Puts samples on the current device, where the caller's scope frees them. */
  public LineCost(double[] x, double[] y, DType dtype) {
    if (x.length != y.length || x.length == 0) {
      throw new IllegalArgumentException("line cost: " + x.length + " x, " + y.length + " y");
    }
    this.rows = x.length;
    this.x = Tensor.of(x, x.length).cast(dtype).realize();
    this.y = Tensor.of(y, y.length).cast(dtype).realize();
  }

  /** Returns the cost of one line. */
  public double at(double w, double b) {
    return grid(new double[] {w}, new double[] {b})[0][0];
  }

  /** Returns the costs of all lines of given slopes and intercepts, a row for each slope. */
  public double[][] grid(double[] w, double[] b) {
    Scope scope = Scope.open();
    try (scope) {
      Tensor slopes = column(w).reshape(w.length, 1, 1);
      Tensor intercepts = column(b).reshape(1, b.length, 1);
      double[] sums = new double[w.length * b.length];
      for (int from = 0; from < rows; from += CHUNK) {
        int to = Math.min(rows, from + CHUNK);
        Tensor error = slopes.mul(x.slice(0, from, to)).add(intercepts).sub(y.slice(0, from, to));
        double[] part = error.square().sum(2).toDoubleArray();
        for (int i = 0; i < sums.length; i++) {
          sums[i] += part[i];
        }
      }
      double[][] costs = new double[w.length][b.length];
      for (int i = 0; i < sums.length; i++) {
        costs[i / b.length][i % b.length] = sums[i] / (2.0 * rows);
      }
      return costs;
    }
  }

  /**
   * Returns the line of least squares.
   *
   * @throws IllegalArgumentException if all x are the same, so that there is no single one
   */
  public Point minimum() {
    Scope scope = Scope.open();
    try (scope) {
      double meanX = x.mean().item();
      double meanY = y.mean().item();
      Tensor dx = x.sub(meanX);
      double variance = dx.square().mean().item();
      if (!(variance > 0)) {
        throw new IllegalArgumentException(
            "line cost: every x is " + meanX + ": no single line fits best");
      }
      double w = dx.mul(y.sub(meanY)).mean().item() / variance;
      double b = meanY - w * meanX;
      return new Point(w, b, at(w, b));
    }
  }

  /**
   * Returns the greatest and the least curvature of the cost: the eigenvalues of its Hessian {@code
   * [[mean(x^2), mean(x)], [mean(x), 1]]}. Descent diverges at a rate above 2 / greatest.
   */
  public double[] curvatures() {
    Scope scope = Scope.open();
    try (scope) {
      double square = x.square().mean().item();
      double mean = x.mean().item();
      double variance = x.sub(mean).square().mean().item();
      double greatest = (square + 1 + Math.hypot(square - 1, 2 * mean)) / 2;
      // The determinant is the variance; dividing keeps digits that a difference would lose.
      return new double[] {greatest, variance / greatest};
    }
  }

  /**
   * Descends from one line at several rates at once: {@code w} and {@code b} change simultaneously,
   * each by the rate times its derivative, {@code mean(error x)} and {@code mean(error)}.
   *
   * @return for each rate the start and the point after each step
   */
  public List<List<Point>> descend(Point start, double[] rates, int steps) {
    int n = rates.length;
    Scope scope = Scope.open();
    try (scope) {
      Tensor rate = column(rates);
      double[] w = new double[n];
      double[] b = new double[n];
      Arrays.fill(w, start.w());
      Arrays.fill(b, start.b());
      List<List<Point>> paths = new ArrayList<>();
      for (int i = 0; i < n; i++) {
        paths.add(new ArrayList<>());
      }
      for (int step = 0; step <= steps; step++) {
        Scope inner = Scope.open();
        try (inner) {
          Tensor slope = column(w);
          Tensor intercept = column(b);
          Tensor error = slope.mul(x).add(intercept).sub(y);
          double[] cost = error.square().mean(1).div(2).toDoubleArray();
          for (int i = 0; i < n; i++) {
            paths.get(i).add(new Point(w[i], b[i], cost[i]));
          }
          Tensor byW = error.mul(x).mean(1, true);
          Tensor byB = error.mean(1, true);
          w = slope.sub(rate.mul(byW)).toDoubleArray();
          b = intercept.sub(rate.mul(byB)).toDoubleArray();
        }
      }
      return paths;
    }
  }

  private Tensor column(double[] values) {
    return Tensor.of(values, values.length, 1).cast(x.dtype());
  }
}
