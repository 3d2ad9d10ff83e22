package dev.quern.trainer.digits;

import dev.quern.trainer.data.Samples;
import dev.quern.trainer.digits.Glyphs.Point;
import dev.quern.trainer.digits.Glyphs.Stroke;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Writes digits on {@value #SIZE} x {@value #SIZE} pixels, no two alike: each picks one way of
 * writing the digit, moves the points of its strokes, bends, shears, turns and scales the whole,
 * and draws it with a pen of its own width on noisy paper.
 *
 * <p>Image {@code i} of a seed is the same wherever and in whatever order it is drawn: only {@link
 * Random}, whose algorithm the Java specification fixes, {@link StrictMath} and exact arithmetic
 * make it.
 */
public final class DigitWriter {
  /** The width and height of an image in pixels. */
  public static final int SIZE = 20;

  /** The number of classes. */
  public static final int CLASSES = 10;

  private static final int PIXELS = SIZE * SIZE;
  private static final int CURVE_STEPS = 6;

  private final Random random;
  private final double[] nearest = new double[PIXELS];

  private DigitWriter(long seed, int index) {
    random = new Random(scramble(seed * CLASSES + 1, index));
  }

  // Random gives similar first numbers for similar seeds; SplitMix64's finaliser spreads them.
  private static long scramble(long seed, long index) {
    long z = seed * 0xbf58476d1ce4e5b9L + index * 0x9e3779b97f4a7c15L;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }

  /**
   * Draws images number {@code first} to {@code first + count - 1} of a seed. Image {@code i} shows
   * the digit {@code i % 10}; its pixels are multiples of 1/255, 0 for paper and 1 for ink.
   */
  public static Samples draw(long seed, int first, int count) {
    double[] pixels = new double[count * PIXELS];
    double[] labels = new double[count];
    IntStream.range(0, count)
        .parallel()
        .forEach(
            i -> {
              int index = first + i;
              int digit = index % CLASSES;
              labels[i] = digit;
              new DigitWriter(seed, index).write(digit, pixels, i * PIXELS);
            });
    return new Samples(PIXELS, pixels, labels);
  }

  private void write(int digit, double[] image, int at) {
    List<List<Stroke>> ways = Glyphs.of(digit);
    List<Stroke> strokes = ways.get(random.nextInt(ways.size()));
    Distortion distortion = new Distortion(random);
    double radius = SIZE * uniform(0.028, 0.075);
    Arrays.fill(nearest, Double.POSITIVE_INFINITY);
    for (Stroke stroke : strokes) {
      drawStroke(stroke, distortion, radius);
    }
    double ink = uniform(0.6, 1);
    double grain = uniform(0.02, 0.16);
    for (int i = 0; i < PIXELS; i++) {
      // Coverage falls from 1 to 0 over one pixel at the stroke's edge.
      double coverage = clamp(radius + 0.5 - Math.sqrt(nearest[i]));
      double value = clamp(ink * coverage + grain * random.nextGaussian());
      image[at + i] = Math.rint(value * 255) / 255;
    }
  }

  private void drawStroke(Stroke stroke, Distortion distortion, double radius) {
    List<Point> moved = new ArrayList<>();
    for (Point p : stroke.points()) {
      moved.add(
          new Point(p.x() + 0.03 * random.nextGaussian(), p.y() + 0.03 * random.nextGaussian()));
    }
    List<Point> path = stroke.curved() ? curve(moved) : dense(moved);
    Point before = distortion.apply(path.get(0));
    for (Point p : path) {
      Point now = distortion.apply(p);
      drawSegment(before, now, radius + 0.5);
      before = now;
    }
  }

  /** Keeps, for each pixel within reach, the squared distance to the nearest segment so far. */
  private void drawSegment(Point a, Point b, double reach) {
    int left = (int) Math.max(0, Math.floor(Math.min(a.x(), b.x()) - reach));
    int right = (int) Math.min(SIZE - 1, Math.ceil(Math.max(a.x(), b.x()) + reach));
    int top = (int) Math.max(0, Math.floor(Math.min(a.y(), b.y()) - reach));
    int bottom = (int) Math.min(SIZE - 1, Math.ceil(Math.max(a.y(), b.y()) + reach));
    double dx = b.x() - a.x();
    double dy = b.y() - a.y();
    double length = dx * dx + dy * dy;
    for (int row = top; row <= bottom; row++) {
      for (int column = left; column <= right; column++) {
        double px = column + 0.5 - a.x();
        double py = row + 0.5 - a.y();
        double t = length == 0 ? 0 : clamp((px * dx + py * dy) / length);
        double ex = px - t * dx;
        double ey = py - t * dy;
        int pixel = row * SIZE + column;
        nearest[pixel] = Math.min(nearest[pixel], ex * ex + ey * ey);
      }
    }
  }

  /** Returns a Catmull-Rom spline through the points: it passes through each, without corners. */
  private static List<Point> curve(List<Point> points) {
    List<Point> out = new ArrayList<>();
    int last = points.size() - 1;
    for (int i = 0; i < last; i++) {
      Point a = points.get(Math.max(i - 1, 0));
      Point b = points.get(i);
      Point c = points.get(i + 1);
      Point d = points.get(Math.min(i + 2, last));
      for (int step = 0; step < CURVE_STEPS; step++) {
        double t = step / (double) CURVE_STEPS;
        out.add(
            new Point(
                spline(a.x(), b.x(), c.x(), d.x(), t), spline(a.y(), b.y(), c.y(), d.y(), t)));
      }
    }
    out.add(points.get(last));
    return out;
  }

  private static double spline(double a, double b, double c, double d, double t) {
    return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
  }

  /** Returns the lines cut into short pieces, so that bending shows in them. */
  private static List<Point> dense(List<Point> points) {
    List<Point> out = new ArrayList<>();
    for (int i = 0; i + 1 < points.size(); i++) {
      Point a = points.get(i);
      Point b = points.get(i + 1);
      for (int step = 0; step < CURVE_STEPS; step++) {
        double t = step / (double) CURVE_STEPS;
        out.add(new Point(a.x() + t * (b.x() - a.x()), a.y() + t * (b.y() - a.y())));
      }
    }
    out.add(points.get(points.size() - 1));
    return out;
  }

  private double uniform(double low, double high) {
    return low + (high - low) * random.nextDouble();
  }

  private static double clamp(double x) {
    return Math.max(0, Math.min(1, x));
  }
}
