package dev.quern.trainer.data;

import java.util.Arrays;

/**
 * Labelled rows seen along two of their features, for a picture.
 *
 * @param x the feature across
 * @param y the feature upwards
 * @param xName what it is called
 * @param yName what it is called
 * @param mean the mean of each feature over all rows
 * @param least the least x and y of all rows
 * @param greatest the greatest x and y of all rows
 * @param rows the number of all rows
 * @param counts the rows of each class; empty without labels
 * @param shown x and y of the rows to show, with their classes as targets, -1 without labels
 */
public record FeaturePlane(
    int x,
    int y,
    String xName,
    String yName,
    double[] mean,
    double[] least,
    double[] greatest,
    int rows,
    long[] counts,
    Samples shown) {
  // More points than this hide each other and what is behind them.
  private static final int MOST_SHOWN = 2000;

  /**
   * Looks at rows as the file has them, before they are scaled.
   *
   * @param labels the class of every row of the source; empty if they are not known
   * @param rows the rows to look at, at least one
   * @throws DataException if the features cannot be drawn
   */
  public static FeaturePlane of(
      RowSource source, double[] labels, int classes, int[] rows, int x, int y, String... names) {
    double[] row = new double[source.columns()];
    double[] mean = new double[row.length];
    double[] least = {Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY};
    double[] greatest = {Double.NEGATIVE_INFINITY, Double.NEGATIVE_INFINITY};
    long[] counts = new long[labels.length == 0 ? 0 : classes];
    int n = Math.min(rows.length, MOST_SHOWN);
    double[] points = new double[2 * n];
    double[] targets = new double[n];
    Arrays.fill(targets, -1);
    int next = 0;
    for (int i = 0; i < rows.length; i++) {
      source.read(rows[i], row, 0);
      for (int j = 0; j < row.length; j++) {
        mean[j] += (row[j] - mean[j]) / (i + 1);
      }
      double[] point = {row[x], row[y]};
      for (int k = 0; k < 2; k++) {
        least[k] = Math.min(least[k], point[k]);
        greatest[k] = Math.max(greatest[k], point[k]);
      }
      if (counts.length > 0) {
        counts[(int) labels[rows[i]]]++;
      }
      if (next < n && i == (int) ((long) next * rows.length / n)) {
        points[2 * next] = point[0];
        points[2 * next + 1] = point[1];
        if (counts.length > 0) {
          targets[next] = labels[rows[i]];
        }
        next++;
      }
    }
    for (int k = 0; k < 2; k++) {
      if (!Double.isFinite(2 * (greatest[k] - least[k]))) {
        throw source.error(
            rows[0], k == 0 ? x : y, "the values of this column are too far apart to be drawn");
      }
    }
    return new FeaturePlane(
        x,
        y,
        names[0],
        names[1],
        mean,
        least,
        greatest,
        rows.length,
        counts,
        new Samples(2, points, targets));
  }
}
