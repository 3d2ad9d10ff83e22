package dev.quern.trainer.plots;

import dev.quern.trainer.data.FeaturePlane;
import dev.quern.trainer.learn.PlaneScores;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.Shape;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.nio.file.Path;
import java.util.Locale;

/**
 * The classes that a model predicts over two features, and labelled rows on top: of two classes the
 * probability, of more the most probable.
 */
public final class DecisionMap {
  private static final int WIDTH = 980;
  private static final int HEIGHT = 720;
  static final Rectangle2D PLOT = new Rectangle2D.Double(120, 86, 620, 560);
  private static final int COLUMN = 768;
  private static final int LINE = 26;
  private static final int MOST_ENTRIES = 18;
  // A prime beyond the number of points reaches each of them once.
  private static final int STRIDE = 7919;
  private static final Font LEGEND = Canvas.plain(14);
  private static final Color UNKNOWN = new Color(0x88, 0x88, 0x88);
  private static final Color MIDDLE = new Color(0xfa, 0xfa, 0xfa);
  private static final Color[] COLOURS = {
    new Color(0x1f, 0x5f, 0xa8),
    new Color(0xd0, 0x6a, 0x10),
    new Color(0x2a, 0x8a, 0x3c),
    new Color(0xb8, 0x24, 0x2a),
    new Color(0x7a, 0x3f, 0xa0),
    new Color(0x1a, 0x9c, 0xa8),
    new Color(0xd0, 0x4f, 0x9a),
    new Color(0x86, 0x7c, 0x16),
    new Color(0x7d, 0x50, 0x40),
    new Color(0x4a, 0x4a, 0x4a),
  };

  private final PlaneScores scores;
  private final FeaturePlane plane;
  private final Canvas canvas = new Canvas(WIDTH, HEIGHT);
  private final Graphics2D g = canvas.graphics();
  private final Axes axes;

  private DecisionMap(PlaneScores scores, FeaturePlane plane) {
    this.scores = scores;
    this.plane = plane;
    double[] x = scores.x();
    double[] y = scores.y();
    this.axes = new Axes(canvas, PLOT, x[0], x[x.length - 1], y[0], y[y.length - 1]);
  }

  /**
   * Draws a model's decisions into a PNG file.
   *
   * @param note a line about what is drawn
   * @throws java.io.UncheckedIOException if the file cannot be written
   */
  public static void write(
      String title, String note, PlaneScores scores, FeaturePlane plane, Path path) {
    DecisionMap map = new DecisionMap(scores, plane);
    map.field();
    map.canvas.title(title);
    map.g.setColor(Canvas.FAINT);
    map.canvas.centred(note, LEGEND, WIDTH / 2.0, 62, WIDTH - 40.0);
    map.points();
    map.axes.draw(plane.xName(), plane.yName());
    int below = map.legend();
    if (scores.classes() == 2) {
      map.bar(below);
    }
    map.canvas.write(path);
  }

  /** Returns the colour of a class's points; the golden ratio spreads the hues of many. */
  static Color colour(int k, int classes) {
    return classes <= COLOURS.length
        ? COLOURS[k]
        : Color.getHSBColor((float) (k * 0.6180339887), 0.75f, 0.4f + 0.2f * (k % 3));
  }

  /** Returns the colour of a place where class 1 of two has some probability. */
  static Color blended(double probability) {
    Color strong = COLOURS[probability > 0.5 ? 1 : 0];
    return Canvas.blend(MIDDLE, strong, 0.62 * Math.abs(2 * probability - 1));
  }

  private void field() {
    int left = (int) PLOT.getX();
    int top = (int) PLOT.getY();
    int width = (int) PLOT.getWidth();
    int height = (int) PLOT.getHeight();
    double[] at = new double[scores.classes()];
    int[] before = new int[width];
    for (int y = 0; y < height; y++) {
      double row = (height - 1 - y) * (scores.y().length - 1.0) / (height - 1);
      int beside = -1;
      for (int x = 0; x < width; x++) {
        scores.at(x * (scores.x().length - 1.0) / (width - 1), row, at);
        int best = best(at);
        boolean boundary = (x > 0 && best != beside) || (y > 0 && best != before[x]);
        Color colour = area(at, best);
        canvas.pixel(left + x, top + y, boundary ? Canvas.blend(colour, Canvas.INK, 0.8) : colour);
        beside = best;
        before[x] = best;
      }
    }
  }

  /** Returns the class with the highest score, of several the first, or -1 if one is no number. */
  private static int best(double[] scores) {
    int best = 0;
    for (int k = 0; k < scores.length; k++) {
      if (Double.isNaN(scores[k])) {
        return -1;
      }
      best = scores[k] > scores[best] ? k : best;
    }
    return best;
  }

  private static Color area(double[] scores, int best) {
    if (best < 0) {
      return UNKNOWN;
    }
    return scores.length == 2
        ? blended(1 / (1 + Math.exp(scores[0] - scores[1])))
        : Canvas.blend(Color.WHITE, colour(best, scores.length), 0.3);
  }

  private void points() {
    Shape clip = g.getClip();
    g.clip(PLOT);
    double[] points = plane.shown().features();
    double[] labels = plane.shown().targets();
    double radius = labels.length > 500 ? 3.5 : 4.5;
    for (int n = 0; n < labels.length; n++) {
      // Rows sorted by class would hide those of the first classes.
      int i = (int) ((long) n * STRIDE % labels.length);
      mark((int) labels[i], axes.x(points[2 * i]), axes.y(points[2 * i + 1]), radius);
    }
    g.setClip(clip);
  }

  /** Draws a row as a shape and a colour of its class's, so that either tells them apart. */
  private void mark(int label, double x, double y, double radius) {
    Path2D corners = new Path2D.Double();
    double r = radius * 1.3;
    Shape shape =
        switch (label < 0 ? 0 : label % 4) {
          case 0 -> new Ellipse2D.Double(x - radius, y - radius, 2 * radius, 2 * radius);
          case 1 -> new Rectangle2D.Double(x - radius, y - radius, 2 * radius, 2 * radius);
          case 2 -> {
            corners.moveTo(x, y - r);
            corners.lineTo(x + r, y + 0.8 * r);
            corners.lineTo(x - r, y + 0.8 * r);
            corners.closePath();
            yield corners;
          }
          default -> {
            corners.moveTo(x, y - r);
            corners.lineTo(x + r, y);
            corners.lineTo(x, y + r);
            corners.lineTo(x - r, y);
            corners.closePath();
            yield corners;
          }
        };
    g.setColor(label < 0 ? Canvas.INK : colour(label, scores.classes()));
    g.fill(shape);
    g.setColor(Color.WHITE);
    g.setStroke(new BasicStroke(1));
    g.draw(shape);
  }

  /** Returns where there is room below. */
  private int legend() {
    double baseline = PLOT.getY() + 14;
    int n = Math.min(scores.classes(), MOST_ENTRIES);
    for (int k = 0; k < n; k++) {
      boolean counted = plane.counts().length > 0;
      String rows =
          !counted
              ? ""
              : String.format(
                  Locale.ROOT, ": %,d row%s", plane.counts()[k], plane.counts()[k] == 1 ? "" : "s");
      if (counted) {
        mark(k, COLUMN + 10.0, baseline - 5, 5);
      } else {
        g.setColor(colour(k, scores.classes()));
        g.fill(new Rectangle2D.Double(COLUMN + 2.0, baseline - 12, 16, 14));
      }
      entry("class " + k + rows, baseline);
      baseline += LINE;
    }
    if (n < scores.classes()) {
      entry("and " + (scores.classes() - n) + " more classes", baseline);
      baseline += LINE;
    }
    if (plane.counts().length == 0) {
      mark(-1, COLUMN + 10.0, baseline - 5, 5);
      entry("rows without labels", baseline);
      baseline += LINE;
    }
    if (scores.classes() > 1) {
      g.setColor(Canvas.INK);
      g.setStroke(new BasicStroke(1.5f));
      g.draw(new Line2D.Double(COLUMN, baseline - 5, COLUMN + 20, baseline - 5));
      entry("boundary", baseline);
    }
    return (int) baseline;
  }

  private void entry(String text, double baseline) {
    g.setColor(Canvas.INK);
    double width = Math.min(canvas.textWidth(text, LEGEND), WIDTH - COLUMN - 40.0);
    canvas.centred(text, LEGEND, COLUMN + 30 + width / 2, baseline, width);
  }

  private void bar(int below) {
    int top = below + 34;
    canvas.bar(
        new Rectangle2D.Double(COLUMN, top, 22, PLOT.getMaxY() - top),
        DecisionMap::blended,
        new double[] {0, 0.25, 0.5, 0.75, 1},
        new String[] {"0", "0.25", "0.5", "0.75", "1"},
        "probability of class 1");
  }
}
