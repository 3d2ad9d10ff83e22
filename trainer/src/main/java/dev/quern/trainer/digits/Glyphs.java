package dev.quern.trainer.digits;

import java.util.List;
import java.util.stream.IntStream;

/**
 * How each digit is written: a few ways per digit, each a list of strokes. Points lie in the unit
 * square, x to the right and y down.
 */
final class Glyphs {
  /**
   * One movement of the pen.
   *
   * @param curved whether the points are joined by a smooth curve, else by straight lines
   * @param points the points it passes through
   */
  record Stroke(boolean curved, List<Point> points) {}

  /** A place in the unit square. */
  record Point(double x, double y) {}

  private static final List<List<List<Stroke>>> DIGITS =
      List.of(
          List.of(
              way(curve(50, 5, 24, 20, 17, 50, 25, 80, 50, 95, 76, 80, 83, 50, 76, 20, 51, 5)),
              way(curve(60, 4, 35, 12, 24, 45, 26, 80, 46, 95, 68, 82, 77, 50, 70, 16, 42, 8))),
          List.of(
              way(line(52, 5, 48, 95)),
              way(line(32, 27, 54, 5, 54, 95)),
              way(line(32, 25, 52, 6, 52, 94), line(30, 94, 74, 94))),
          List.of(
              way(
                  curve(20, 26, 35, 8, 60, 5, 78, 22, 71, 45, 46, 70, 20, 93),
                  line(20, 93, 82, 92)),
              way(
                  curve(
                      22, 24, 45, 5, 74, 18, 70, 42, 45, 74, 24, 90, 20, 76, 40, 77, 60, 92, 86,
                      86))),
          List.of(
              way(
                  curve(22, 17, 48, 5, 74, 18, 70, 38, 44, 47),
                  curve(44, 47, 74, 56, 79, 78, 53, 95, 20, 85)),
              way(line(21, 8, 74, 7, 46, 42), curve(46, 42, 75, 52, 79, 76, 53, 95, 20, 86))),
          List.of(
              way(line(31, 6, 19, 56, 82, 54), line(65, 12, 61, 95)),
              way(line(66, 95, 66, 5, 18, 66, 86, 66)),
              way(curve(27, 6, 24, 35, 36, 50, 70, 46), line(74, 8, 68, 95))),
          List.of(
              way(
                  line(75, 7, 31, 8, 27, 46),
                  curve(27, 46, 50, 38, 78, 52, 77, 80, 50, 95, 20, 86)),
              way(curve(79, 8, 42, 9, 29, 26, 38, 43, 66, 52, 78, 72, 58, 93, 20, 88))),
          List.of(
              way(curve(69, 5, 41, 24, 24, 60, 32, 87, 55, 95, 77, 80, 71, 58, 49, 51, 27, 66)),
              way(curve(55, 4, 34, 32, 26, 70, 42, 94, 66, 88, 70, 68, 52, 58, 30, 74))),
          List.of(
              way(line(18, 8, 80, 8, 42, 95)),
              way(line(18, 9, 80, 8, 46, 95), line(36, 52, 74, 50)),
              way(line(20, 22, 22, 8, 78, 8), curve(78, 8, 62, 36, 50, 65, 47, 95))),
          List.of(
              way(
                  curve(
                      71, 20, 50, 5, 28, 18, 36, 38, 65, 58, 76, 78, 50, 95, 24, 79, 36, 58, 64, 38,
                      72, 18)),
              way(
                  curve(52, 5, 31, 14, 31, 36, 51, 46, 70, 36, 70, 14, 50, 5),
                  curve(50, 46, 25, 58, 25, 84, 50, 95, 76, 84, 76, 58, 52, 46))),
          List.of(
              way(curve(73, 28, 52, 48, 27, 34, 37, 9, 62, 6, 74, 25, 72, 60, 66, 95)),
              way(curve(72, 26, 50, 47, 27, 33, 38, 8, 63, 7, 75, 28, 73, 65, 56, 92, 28, 88)),
              way(curve(70, 18, 46, 5, 27, 22, 36, 45, 58, 42, 70, 18), line(72, 10, 66, 95))));

  private Glyphs() {}

  /** Returns the ways of writing a digit. */
  static List<List<Stroke>> of(int digit) {
    return DIGITS.get(digit);
  }

  private static List<Stroke> way(Stroke... strokes) {
    return List.of(strokes);
  }

  private static Stroke line(int... percent) {
    return new Stroke(false, points(percent));
  }

  private static Stroke curve(int... percent) {
    return new Stroke(true, points(percent));
  }

  private static List<Point> points(int... percent) {
    return IntStream.range(0, percent.length / 2)
        .mapToObj(i -> new Point(percent[2 * i] / 100.0, percent[2 * i + 1] / 100.0))
        .toList();
  }
}
