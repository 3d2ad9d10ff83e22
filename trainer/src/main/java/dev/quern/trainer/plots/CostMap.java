package dev.quern.trainer.plots;

import dev.quern.trainer.learn.LineCost.Point;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.Shape;
import java.awt.geom.AffineTransform;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
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
  private static final Rectangle2D PLOT = new Rectangle2D.Double(110, 64, 650, 560);
  private static final int BAR_X = 796;
  private static final int BAR_WIDTH = 22;
  private static final int BANDS = 14;
  private static final Color INK = new Color(0x22, 0x22, 0x22);
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
  private final Graphics2D g;

  private CostMap(Grid grid, Graphics2D g) {
    this.grid = grid;
    this.g = g;
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
    BufferedImage picture = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = picture.createGraphics();
    g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    g.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
    g.setColor(Color.WHITE);
    g.fillRect(0, 0, WIDTH, HEIGHT);
    CostMap map = new CostMap(grid, g);
    map.field(picture);
    map.axes(title, xAxis, yAxis);
    map.bar(costUnit);
    map.descent(descent, minimum);
    map.legend(descentLabel, minimum);
    g.dispose();
    Png.write(picture, path);
  }

  /** Returns 0 to 1: even steps of the root make even steps between a bowl's contours. */
  private double height(double cost) {
    return greatest > least ? Math.sqrt(Math.max(0, cost - least) / (greatest - least)) : 0;
  }

  private void field(BufferedImage picture) {
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
        picture.setRGB(left + x, top + y, (contour ? blend(colour, INK, 0.45) : colour).getRGB());
        beside = band;
        before[x] = band;
      }
    }
  }

  private static Color colour(double level) {
    double at = Math.min(level, 1) * (SCALE.length - 1);
    int i = Math.min((int) at, SCALE.length - 2);
    return blend(SCALE[i], SCALE[i + 1], at - i);
  }

  private static Color blend(Color a, Color b, double part) {
    return new Color(
        (int) Math.rint(a.getRed() + part * (b.getRed() - a.getRed())),
        (int) Math.rint(a.getGreen() + part * (b.getGreen() - a.getGreen())),
        (int) Math.rint(a.getBlue() + part * (b.getBlue() - a.getBlue())));
  }

  private double x(double w) {
    double[] all = grid.w();
    return PLOT.getX() + (w - all[0]) / (all[all.length - 1] - all[0]) * (PLOT.getWidth() - 1);
  }

  private double y(double b) {
    double[] all = grid.b();
    return PLOT.getMaxY()
        - 1
        - (b - all[0]) / (all[all.length - 1] - all[0]) * (PLOT.getHeight() - 1);
  }

  private void axes(String title, String xAxis, String yAxis) {
    g.setColor(INK);
    g.setStroke(new BasicStroke(1));
    g.draw(PLOT);
    centred(title, new Font(Font.SANS_SERIF, Font.BOLD, 17), WIDTH / 2, 36);
    Font plain = new Font(Font.SANS_SERIF, Font.PLAIN, 15);
    g.setFont(plain);
    FontMetrics metrics = g.getFontMetrics();
    double[] w = grid.w();
    for (double tick : ticks(w[0], w[w.length - 1])) {
      int at = (int) Math.rint(x(tick));
      g.drawLine(at, (int) PLOT.getMaxY(), at, (int) PLOT.getMaxY() + 5);
      centred(CostCurves.number(tick), plain, at, (int) PLOT.getMaxY() + 22);
    }
    double[] b = grid.b();
    for (double tick : ticks(b[0], b[b.length - 1])) {
      int at = (int) Math.rint(y(tick));
      String text = CostCurves.number(tick);
      g.drawLine((int) PLOT.getX() - 5, at, (int) PLOT.getX(), at);
      g.drawString(text, (int) PLOT.getX() - 9 - metrics.stringWidth(text), at + 5);
    }
    centred(xAxis, plain, (int) PLOT.getCenterX(), (int) PLOT.getMaxY() + 50);
    AffineTransform upright = g.getTransform();
    g.rotate(-Math.PI / 2);
    centred(yAxis, plain, -(int) PLOT.getCenterY(), 40);
    g.setTransform(upright);
  }

  private void bar(String unit) {
    Font plain = new Font(Font.SANS_SERIF, Font.PLAIN, 14);
    int top = (int) PLOT.getY();
    int height = (int) PLOT.getHeight();
    for (int y = 0; y < height; y++) {
      g.setColor(colour(1 - y / (height - 1.0)));
      g.fillRect(BAR_X, top + y, BAR_WIDTH, 1);
    }
    g.setFont(plain);
    g.setColor(INK);
    g.drawRect(BAR_X, top, BAR_WIDTH, height);
    for (int band = 0; band <= BANDS; band += 2) {
      double level = band / (double) BANDS;
      double cost = least + level * level * (greatest - least);
      int at = top + (int) Math.rint((1 - level) * height);
      g.drawLine(BAR_X + BAR_WIDTH, at, BAR_X + BAR_WIDTH + 4, at);
      g.drawString(CostCurves.number(cost), BAR_X + BAR_WIDTH + 8, at + 5);
    }
    AffineTransform upright = g.getTransform();
    g.rotate(-Math.PI / 2);
    centred(
        unit.isEmpty() ? "cost J" : "cost J, " + unit, plain, -(int) PLOT.getCenterY(), WIDTH - 28);
    g.setTransform(upright);
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
    g.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 14));
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
      g.setColor(INK);
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
    g.setColor(INK);
    g.setStroke(new BasicStroke(2.5f));
    Path2D path = new Path2D.Double();
    path.moveTo(x - 6, y - 6);
    path.lineTo(x + 6, y + 6);
    path.moveTo(x - 6, y + 6);
    path.lineTo(x + 6, y - 6);
    g.draw(path);
  }

  private void centred(String text, Font font, int x, int baseline) {
    g.setFont(font);
    g.drawString(text, x - g.getFontMetrics().stringWidth(text) / 2, baseline);
  }

  /** Returns multiples of 1, 2 or 5 times a power of ten, about seven of them. */
  private static double[] ticks(double from, double to) {
    double rough = (to - from) / 7;
    double power = Math.pow(10, Math.floor(Math.log10(rough)));
    double step = power * (rough / power < 1.5 ? 1 : rough / power < 3.5 ? 2 : 5);
    long first = (long) Math.ceil(from / step);
    int n = (int) ((long) Math.floor(to / step) - first + 1);
    double[] ticks = new double[Math.max(0, n)];
    for (int i = 0; i < n; i++) {
      ticks[i] = (first + i) * step;
    }
    return ticks;
  }
}
