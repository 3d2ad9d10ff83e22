package dev.quern.trainer.plots;

import dev.quern.trainer.learn.LineCost.Point;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.Shape;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The cost of a line against one of its parameters, and against the steps of a descent. */
public final class CostCurves {
  /**
   * The costs of a descent.
   *
   * @param rate its learning rate
   * @param label what the legend says about it
   * @param points the start and the point after each step
   */
  public record Descent(double rate, String label, List<Point> points) {}

  /** What the legend says about a mark; a mark without a stroke is a dot. */
  private record Entry(Color colour, @Nullable BasicStroke stroke, String text) {}

  private static final int WIDTH = 960;
  private static final int HEIGHT = 600;
  private static final int LEFT = 120;
  private static final int TOP = 64;
  private static final int RIGHT = 28;
  private static final int PLOT_HEIGHT = 428;
  private static final int MOST_IN_A_ROW = 3;
  private static final int MOST_IN_A_COLUMN = 18;
  private static final Font LEGEND = Canvas.plain(14);
  private static final int SAMPLE_WIDTH = 30;
  private static final int SAMPLE_GAP = 9;
  private static final Color CURVE = new Color(0x1f, 0x5f, 0xa8);
  private static final Color MINIMUM = new Color(0xc0, 0x2a, 0x1e);
  private static final Color[] COLOURS = {
    CURVE,
    new Color(0x2a, 0x8a, 0x3c),
    new Color(0xc0, 0x2a, 0x1e),
    new Color(0x7a, 0x3f, 0xa0),
    new Color(0xc8, 0x7a, 0x11),
    new Color(0x44, 0x44, 0x44),
  };
  // Tells apart curves of one colour.
  private static final float[][] DASHES = {{}, {9, 5}, {2, 4}};

  private final Canvas canvas = new Canvas(WIDTH, HEIGHT);
  private final Graphics2D g = canvas.graphics();
  private final List<Entry> legend = new ArrayList<>();

  private CostCurves() {}

  /**
   * Draws the cost against one parameter into a PNG file.
   *
   * @param curve the label of the curve
   * @param at the values of the parameter
   * @param best the parameter and the cost at the minimum
   * @param parameter what the parameter is called
   * @throws java.io.UncheckedIOException if the file cannot be written
   */
  public static void writeSection(
      String title,
      String xAxis,
      String yAxis,
      String curve,
      double[] at,
      double[] costs,
      double[] best,
      String parameter,
      Path path) {
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    for (double cost : costs) {
      low = Math.min(low, cost);
      high = Math.max(high, cost);
    }
    if (low < high / 3) {
      low = 0;
    }
    double margin = high > low ? 0.05 * (high - low) : Math.max(1e-3 * Math.abs(high), 1e-9);
    CostCurves picture = new CostCurves();
    boolean shown = best[0] >= at[0] && best[0] <= at[at.length - 1];
    picture.legend.add(new Entry(CURVE, stroke(0), curve));
    if (shown) {
      String text = "minimum: " + parameter + " = " + number(best[0]) + ", J = " + number(best[1]);
      picture.legend.add(new Entry(MINIMUM, null, text));
    }
    double side = 0.04 * (at[at.length - 1] - at[0]);
    Axes axes =
        picture.axes(
            title,
            xAxis,
            yAxis,
            new double[] {at[0] - side, at[at.length - 1] + side},
            new double[] {low - margin, high + margin},
            false);
    picture.curve(axes, at, costs, at.length, CURVE, stroke(0));
    if (shown) {
      picture.g.setColor(MINIMUM);
      picture.dot(axes.x(best[0]), axes.y(best[1]));
    }
    picture.canvas.write(path);
  }

  /**
   * Draws the costs of several descents from one start into a PNG file; one that grows beyond twice
   * its start is cut there.
   *
   * @throws java.io.UncheckedIOException if the file cannot be written
   */
  public static void writeRates(
      String title, String yAxis, List<Descent> descents, int steps, Path path) {
    double start = descents.get(0).points().get(0).cost();
    double top = start > 0 ? 2 * start : 1;
    CostCurves picture = new CostCurves();
    for (int i = 0; i < descents.size(); i++) {
      picture.legend.add(
          new Entry(COLOURS[i % COLOURS.length], stroke(i), descents.get(i).label()));
    }
    Axes axes =
        picture.axes(
            title,
            "iteration",
            yAxis,
            new double[] {-0.02 * steps, 1.02 * steps},
            new double[] {-0.02 * top, top},
            true);
    List<String> cut = new ArrayList<>();
    double left = 0;
    for (int i = 0; i < descents.size(); i++) {
      List<Point> points = descents.get(i).points();
      double[] x = new double[Math.min(steps + 1, points.size())];
      double[] y = new double[x.length];
      int n = 0;
      boolean inside = true;
      while (inside && n < x.length) {
        double cost = points.get(n).cost();
        x[n] = n;
        y[n] = cost;
        if (n > 0 && !(cost <= top)) {
          // The curve is to leave through the top edge, on the way to a point far above it.
          inside = false;
          double from = y[n - 1];
          x[n] = Double.isFinite(cost) ? n - 1 + (top - from) / (cost - from) : n - 1;
          y[n] = top;
          cut.add(number(descents.get(i).rate()));
          left = Math.max(left, x[n]);
        }
        n++;
      }
      picture.curve(axes, x, y, n, COLOURS[i % COLOURS.length], stroke(i));
    }
    if (!cut.isEmpty()) {
      picture.cut(axes, cut, axes.x(left));
    }
    picture.canvas.write(path);
  }

  /** Says once, beside the last curve to leave, which ones do. */
  private void cut(Axes axes, List<String> rates, double left) {
    String which =
        rates.size() == 1
            ? "rate " + rates.get(0) + " grows"
            : rates.size() <= MOST_IN_A_ROW
                ? "rates " + String.join(", ", rates) + " grow"
                : rates.size() + " rates grow";
    String text = which + " on: cut";
    double width = canvas.textWidth(text, LEGEND);
    double x = Math.min(left + 12, axes.plot().getMaxX() - width - 10);
    double baseline = axes.plot().getY() + 22;
    g.setColor(Color.WHITE);
    g.fill(new Rectangle2D.Double(x - 4, baseline - 15, width + 8, 20));
    g.setColor(Canvas.INK);
    g.setFont(LEGEND);
    g.drawString(text, (float) x, (float) baseline);
  }

  /** Returns a number with as many digits as are read at a glance. */
  public static String number(double value) {
    if (!Double.isFinite(value)) {
      return String.valueOf(value);
    }
    if (value != 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e7)) {
      return String.format(Locale.ROOT, "%.3g", value);
    }
    int digits = Math.abs(value) >= 1000 ? 0 : Math.abs(value) >= 10 ? 2 : 4;
    return new BigDecimal(String.format(Locale.ROOT, "%." + digits + "f", value))
        .stripTrailingZeros()
        .toPlainString();
  }

  /** Draws everything but the curves: a few legend entries in a row below, many in a column. */
  private Axes axes(
      String title, String xAxis, String yAxis, double[] x, double[] y, boolean counts) {
    double row = -24;
    double widest = 0;
    for (Entry entry : legend) {
      double width = SAMPLE_WIDTH + SAMPLE_GAP + canvas.textWidth(entry.text(), LEGEND);
      row += 24 + width;
      widest = Math.max(widest, width);
    }
    boolean below = legend.size() <= MOST_IN_A_ROW && row <= WIDTH - 40;
    double column = below ? 0 : Math.min(widest, WIDTH / 2.5) + 24;
    Rectangle2D plot =
        new Rectangle2D.Double(
            LEFT,
            TOP,
            WIDTH - LEFT - RIGHT - Math.rint(column),
            below ? PLOT_HEIGHT : PLOT_HEIGHT + 34);
    canvas.title(title);
    Axes axes = new Axes(canvas, plot, x, y, counts);
    axes.grid();
    axes.draw(xAxis, yAxis);
    double at = below ? (WIDTH - row) / 2 : plot.getMaxX() + 24;
    double baseline = below ? HEIGHT - 24 : TOP + 16;
    for (int i = 0; i < legend.size(); i++) {
      Entry entry = legend.get(i);
      if (!below && i == MOST_IN_A_COLUMN) {
        g.setFont(LEGEND);
        g.setColor(Canvas.INK);
        g.drawString("and " + (legend.size() - i) + " more", (float) at, (float) baseline);
        break;
      }
      double width = sample(entry, at, baseline, below ? widest : column - 24);
      at += below ? width + 24 : 0;
      baseline += below ? 0 : 24;
    }
    return axes;
  }

  private double sample(Entry entry, double x, double baseline, double widest) {
    g.setColor(entry.colour());
    if (entry.stroke() == null) {
      dot(x + SAMPLE_WIDTH / 2.0, baseline - 5);
    } else {
      g.setStroke(entry.stroke());
      g.draw(new Line2D.Double(x, baseline - 5, x + SAMPLE_WIDTH, baseline - 5));
    }
    g.setColor(Canvas.INK);
    double room = widest - SAMPLE_WIDTH - SAMPLE_GAP;
    double width = Math.min(room, canvas.textWidth(entry.text(), LEGEND));
    double from = x + SAMPLE_WIDTH + SAMPLE_GAP;
    canvas.centred(entry.text(), LEGEND, from + width / 2, baseline, width);
    return SAMPLE_WIDTH + SAMPLE_GAP + width;
  }

  private static BasicStroke stroke(int curve) {
    float[] dashes = DASHES[curve / COLOURS.length % DASHES.length];
    return new BasicStroke(
        2.4f,
        BasicStroke.CAP_BUTT,
        BasicStroke.JOIN_ROUND,
        10,
        dashes.length == 0 ? null : dashes,
        0);
  }

  private void curve(Axes axes, double[] x, double[] y, int n, Color colour, BasicStroke stroke) {
    Path2D path = new Path2D.Double();
    for (int i = 0; i < n; i++) {
      if (i == 0) {
        path.moveTo(axes.x(x[i]), axes.y(y[i]));
      } else {
        path.lineTo(axes.x(x[i]), axes.y(y[i]));
      }
    }
    Shape clip = g.getClip();
    g.clip(axes.plot());
    g.setColor(colour);
    g.setStroke(stroke);
    g.draw(path);
    g.setClip(clip);
  }

  private void dot(double x, double y) {
    g.fill(new Ellipse2D.Double(x - 5.5, y - 5.5, 11, 11));
  }
}
