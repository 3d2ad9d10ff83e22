package dev.quern.trainer.plots;

import dev.quern.trainer.learn.LineCost.Point;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.Shape;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.nio.file.Path;
import java.util.List;

/** The cost of a line over slope and intercept as a map with contours, and a descent on it. */
public final class CostMap {
  /**
   * Costs on an even grid.
   *
   * @param w the slopes, ascending
   * @param b the intercepts, ascending
   * @param costs a row for each slope
   */
  public record Grid(double[] w, double[] b, double[][] costs) {
    private double at(double column, double row) {
      int i = Math.min((int) column, w.length - 2);
      int j = Math.min((int) row, b.length - 2);
      double u = column - i;
      double v = row - j;
      return (1 - u) * ((1 - v) * costs[i][j] + v * costs[i][j + 1])
          + u * ((1 - v) * costs[i + 1][j] + v * costs[i + 1][j + 1]);
    }
  }

  private static final int WIDTH = 960;
  private static final int HEIGHT = 760;
  private static final Rectangle2D PLOT = new Rectangle2D.Double(120, 64, 640, 560);
  private static final Rectangle2D BAR = new Rectangle2D.Double(796, 64, 22, 560);
  private static final int BANDS = 14;
  private static final Color DESCENT = new Color(0xd0, 0x2a, 0x1e);
  private static final Color[] SCALE = {
    new Color(0xf7, 0xfb, 0xe8),
    new Color(0xc0, 0xe4, 0xc4),
    new Color(0x6f, 0xbf, 0xc4),
    new Color(0x3a, 0x82, 0xb5),
    new Color(0x24, 0x3f, 0x86),
  };

  private final Grid grid;
  private final double least;
  private final double greatest;
  private final Canvas canvas = new Canvas(WIDTH, HEIGHT);
  private final Graphics2D g = canvas.graphics();
  private final Axes axes;

  private CostMap(Grid grid) {
    this.grid = grid;
    double[] w = grid.w();
    double[] b = grid.b();
    this.axes = new Axes(canvas, PLOT, w[0], w[w.length - 1], b[0], b[b.length - 1]);
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    for (double[] row : grid.costs()) {
      for (double cost : row) {
        low = Math.min(low, cost);
        high = Math.max(high, cost);
      }
    }
    this.least = low;
    this.greatest = high;
  }

  /**
   * Draws a map into a PNG file.
   *
   * @param costUnit the unit of the cost; empty if there is none
   * @param descent the start of a descent and the point after each step
   * @throws java.io.UncheckedIOException if the file cannot be written
   */
  public static void write(
      String title,
      String xAxis,
      String yAxis,
      String costUnit,
      Grid grid,
      List<Point> descent,
      String descentLabel,
      Point minimum,
      Path path) {
    CostMap map = new CostMap(grid);
    map.field();
    map.canvas.title(title);
    map.axes.draw(xAxis, yAxis);
    map.bar(costUnit.isEmpty() ? "cost J" : "cost J, " + costUnit);
    map.descent(descent, minimum);
    map.legend(descentLabel, minimum);
    map.canvas.write(path);
  }

  /** Returns 0 to 1: even steps of the root make even steps between a bowl's contours. */
  private double height(double cost) {
    return greatest > least ? Math.sqrt(Math.max(0, cost - least) / (greatest - least)) : 0;
  }

  private void field() {
    int left = (int) PLOT.getX();
    int top = (int) PLOT.getY();
    int width = (int) PLOT.getWidth();
    int height = (int) PLOT.getHeight();
    int[] before = new int[width];
    for (int y = 0; y < height; y++) {
      double row = (height - 1 - y) * (grid.b().length - 1.0) / (height - 1);
      int beside = -1;
      for (int x = 0; x < width; x++) {
        double column = x * (grid.w().length - 1.0) / (width - 1);
        double level = height(grid.at(column, row));
        int band = (int) Math.min(BANDS - 1, level * BANDS);
        boolean contour = (x > 0 && band != beside) || (y > 0 && band != before[x]);
        Color colour = colour(level);
        canvas.pixel(left + x, top + y, contour ? Canvas.blend(colour, Canvas.INK, 0.45) : colour);
        beside = band;
        before[x] = band;
      }
    }
  }

  private static Color colour(double level) {
    double at = Math.min(level, 1) * (SCALE.length - 1);
    int i = Math.min((int) at, SCALE.length - 2);
    return Canvas.blend(SCALE[i], SCALE[i + 1], at - i);
  }

  private void bar(String title) {
    double[] levels = new double[BANDS / 2 + 1];
    String[] labels = new String[levels.length];
    for (int i = 0; i < levels.length; i++) {
      levels[i] = 2.0 * i / BANDS;
      labels[i] = CostCurves.number(least + levels[i] * levels[i] * (greatest - least));
    }
    canvas.bar(BAR, CostMap::colour, levels, labels, title);
  }

  private double x(double w) {
    return axes.x(w);
  }

  private double y(double b) {
    return axes.y(b);
  }

  private void descent(List<Point> points, Point minimum) {
    Shape clip = g.getClip();
    g.clip(PLOT);
    Path2D path = new Path2D.Double();
    double lastX = x(points.get(0).w());
    double lastY = y(points.get(0).b());
    path.moveTo(lastX, lastY);
    g.setColor(DESCENT);
    for (Point point : points) {
      // What has left the picture this far is beyond what the renderer's arithmetic takes.
      if (!point.isFinite() || Math.abs(x(point.w())) > 1e5 || Math.abs(y(point.b())) > 1e5) {
        break;
      }
      path.lineTo(x(point.w()), y(point.b()));
      if (Math.hypot(x(point.w()) - lastX, y(point.b()) - lastY) >= 7) {
        lastX = x(point.w());
        lastY = y(point.b());
        dot(lastX, lastY, 2.5);
      }
    }
    g.setStroke(new BasicStroke(2, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    g.draw(path);
    start(x(points.get(0).w()), y(points.get(0).b()));
    cross(x(minimum.w()), y(minimum.b()));
    g.setClip(clip);
  }

  private void legend(String descentLabel, Point minimum) {
    int baseline = HEIGHT - 30;
    g.setFont(Canvas.plain(14));
    String best =
        "minimum: w = "
            + CostCurves.number(minimum.w())
            + ", b = "
            + CostCurves.number(minimum.b());
    String[] texts = {"start", descentLabel, best};
    int[] gaps = {22, 44, 22};
    int width = 0;
    for (int i = 0; i < texts.length; i++) {
      width += gaps[i] + g.getFontMetrics().stringWidth(texts[i]) + (i > 0 ? 28 : 0);
    }
    int at = (WIDTH - width) / 2;
    for (int i = 0; i < texts.length; i++) {
      double middle = baseline - 5;
      switch (i) {
        case 0 -> start(at + 7, middle);
        case 1 -> {
          g.setColor(DESCENT);
          g.setStroke(new BasicStroke(2));
          g.drawLine(at, (int) middle, at + 34, (int) middle);
          dot(at + 4, middle, 2.5);
          dot(at + 17, middle, 2.5);
          dot(at + 30, middle, 2.5);
        }
        default -> cross(at + 8, middle);
      }
      g.setColor(Canvas.INK);
      g.drawString(texts[i], at + gaps[i], baseline);
      at += gaps[i] + g.getFontMetrics().stringWidth(texts[i]) + 28;
    }
  }

  private void dot(double x, double y, double radius) {
    g.fill(new Ellipse2D.Double(x - radius, y - radius, 2 * radius, 2 * radius));
  }

  private void start(double x, double y) {
    g.setColor(Color.WHITE);
    dot(x, y, 6);
    g.setColor(DESCENT);
    g.setStroke(new BasicStroke(2));
    g.draw(new Ellipse2D.Double(x - 6, y - 6, 12, 12));
  }

  private void cross(double x, double y) {
    g.setColor(Canvas.INK);
    g.setStroke(new BasicStroke(2.5f));
    Path2D path = new Path2D.Double();
    path.moveTo(x - 6, y - 6);
    path.lineTo(x + 6, y + 6);
    path.moveTo(x - 6, y + 6);
    path.lineTo(x + 6, y - 6);
    g.draw(path);
  }
}
