package dev.quern.bench.gpu;

import dev.quern.DType;
import dev.quern.Scope;
import dev.quern.Tensor;
import dev.quern.random.Generator;

/** A reduction or a softmax of an F32 table; a vector is a table of one column. */
final class RowsAndColumns implements Workload {
  private static final long CHUNK = 1L << 22;
  // F32 results of sums of positive numbers, added in blocks.
  private static final double SUM_ERROR = 1e-6;
  // exp and the sum of the row, relative to the element.
  private static final double SOFTMAX_ERROR = 2e-6;

  private final Task task;
  private final Tensor table;

  RowsAndColumns(Task task) {
    this.task = task;
    Generator generator = new Generator(task.hashCode());
    long columns = task.sizes().size() == 1 ? 1 : task.size(1);
    table =
        task.kind().equals("softmax")
            ? Tensor.randn(generator, DType.F32, task.size(0), columns).realize()
            : Tensor.rand(generator, DType.F32, task.size(0), columns).realize();
  }

  private Tensor result() {
    Tensor result =
        switch (task.kind()) {
          case "sum" -> table.sum();
          case "colsum" -> table.sum(0);
          case "softmax" -> table.softmax(1);
          default -> throw task.unknown();
        };
    return result.realize();
  }

  @Override
  public void run() {
    result();
  }

  @Override
  public double check() {
    try (Scope scope = Scope.open()) {
      Tensor result = result();
      return task.kind().equals("softmax") ? checkRows(result) : checkSums(result);
    }
  }

  private double checkSums(Tensor result) {
    int columns = (int) table.dim(1);
    double[] expected = new double[columns];
    long step = Math.max(1, CHUNK / columns);
    for (long row = 0; row < table.dim(0); row += step) {
      float[] chunk = rows(table, row, Math.min(table.dim(0), row + step));
      for (int i = 0; i < chunk.length; i += columns) {
        for (int j = 0; j < columns; j++) {
          expected[j] += chunk[i + j];
        }
      }
    }
    float[] actual = result.toFloatArray();
    double worst = 0;
    for (int j = 0; j < columns; j++) {
      double allowed = SUM_ERROR * expected[j];
      String what = task.id() + " column " + j;
      worst = Math.max(worst, WrongResultException.within(what, expected[j], actual[j], allowed));
    }
    return worst;
  }

  private double checkRows(Tensor result) {
    double worst = 0;
    float[] sums = result.sum(1).toFloatArray();
    for (int row = 0; row < sums.length; row++) {
      String what = task.id() + " sum of row " + row;
      worst = Math.max(worst, WrongResultException.within(what, 1, sums[row], 1e-5));
    }
    for (long row : Windows.starts(table.dim(0), 1, task.hashCode())) {
      float[] in = rows(table, row, row + 1);
      float[] out = rows(result, row, row + 1);
      double max = Double.NEGATIVE_INFINITY;
      for (float x : in) {
        max = Math.max(max, x);
      }
      double sum = 0;
      for (float x : in) {
        sum += StrictMath.exp(x - max);
      }
      for (int j = 0; j < out.length; j++) {
        double expected = StrictMath.exp(in[j] - max) / sum;
        String what = task.id() + " at " + row + ", " + j;
        double allowed = SOFTMAX_ERROR * expected;
        worst = Math.max(worst, WrongResultException.within(what, expected, out[j], allowed));
      }
    }
    return worst;
  }

  private static float[] rows(Tensor table, long start, long end) {
    try (Scope scope = Scope.open()) {
      return table.slice(0, start, end).toFloatArray();
    }
  }

  @Override
  public void close() {
    table.close();
  }
}
