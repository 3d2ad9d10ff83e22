package dev.quern.trainer.learn;

import java.util.List;

/**
 * What was measured on the way.
 *
 * @param points the measurements in order
 */
public record History(List<Point> points) {
  /**
   * One measurement.
   *
   * @param epoch after which epoch, from 1
   * @param loss the mean over the epoch's steps of the objective before each
   * @param accuracy the part of the test rows that were right; NaN without test rows or classes
   */
  public record Point(int epoch, double loss, double accuracy) {}

  /** Makes a history that no longer changes. */
  public History {
    points = List.copyOf(points);
  }
}
