package dev.quern.trainer.learn;

import java.util.ArrayList;
import java.util.List;

/** What was measured on the way. */
public final class History {
  /**
   * One measurement.
   *
   * @param epoch after which epoch, from 1
   * @param loss the mean over the epoch's steps of the objective before each
   * @param accuracy the part of the test rows that were right; NaN without test rows or classes
   */
  public record Point(int epoch, double loss, double accuracy) {}

  private final List<Point> points = new ArrayList<>();

  void add(Point point) {
    points.add(point);
  }

  /** Returns the measurements in order. */
  public List<Point> points() {
    return List.copyOf(points);
  }
}
