package dev.quern.trainer.plots;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.geom.Rectangle2D;

/** Two linear axes around a part of a canvas. */
final class Axes {
  private static final Color GRID = new Color(0xdd, 0xdd, 0xdd);
  private static final int FONT_SIZE = 15;
  private static final int SMALL_FONT_SIZE = 12;
  // Between two numbers of the lower axis.
  private static final int BETWEEN = 6;
  // Between the numbers of the upright axis and its label.
  private static final int GAP = 20;

  private final Canvas canvas;
  private final Rectangle2D plot;
  private final double left;
  private final double right;
  private final double bottom;
  private final double top;
  private final Ticks across;
  private final Ticks up;

  Axes(Canvas canvas, Rectangle2D plot, double left, double right, double bottom, double top) {
    this(canvas, plot, new double[] {left, right}, new double[] {bottom, top}, false);
  }

  /**
   * Creates axes over two ranges.
   *
   * @param counts whether only whole numbers mean something along the first
   */
  Axes(Canvas canvas, Rectangle2D plot, double[] x, double[] y, boolean counts) {
    this.canvas = canvas;
    this.plot = plot;
    this.left = x[0];
    this.right = x[1];
    this.bottom = y[0];
    this.top = y[1];
    this.across = counts ? Ticks.ofCounts(left, right) : Ticks.of(left, right);
    this.up = Ticks.of(bottom, top);
  }

  Rectangle2D plot() {
    return plot;
  }

  /** Returns where a number lies; the first and the last in the middle of the outermost pixels. */
  double x(double value) {
    return plot.getX() + (value - left) / (right - left) * (plot.getWidth() - 1);
  }

  double y(double value) {
    return plot.getMaxY() - 1 - (value - bottom) / (top - bottom) * (plot.getHeight() - 1);
  }

  /** Draws a line across the plot at each tick. */
  void grid() {
    Graphics2D g = canvas.graphics();
    g.setColor(GRID);
    g.setStroke(new BasicStroke(1));
    for (double tick : across.at()) {
      int at = (int) Math.rint(x(tick));
      g.drawLine(at, (int) plot.getY(), at, (int) plot.getMaxY());
    }
    for (double tick : up.at()) {
      int at = (int) Math.rint(y(tick));
      g.drawLine((int) plot.getX(), at, (int) plot.getMaxX(), at);
    }
  }

  /** Draws the border, the ticks and what the axes are. */
  void draw(String xAxis, String yAxis) {
    Graphics2D g = canvas.graphics();
    g.setColor(Canvas.INK);
    g.setStroke(new BasicStroke(1));
    g.draw(plot);
    Font plain = Canvas.plain(FONT_SIZE);
    double apart = plot.getWidth();
    for (int i = 1; i < across.at().length; i++) {
      apart = Math.min(apart, x(across.at()[i]) - x(across.at()[i - 1]));
    }
    // Where they would be too small to read, only every second or third tick has a number.
    double needed = widest(across, Canvas.plain(SMALL_FONT_SIZE)) + BETWEEN;
    int every = Math.max(1, (int) Math.ceil(needed / apart));
    for (int i = 0; i < across.at().length; i++) {
      int at = (int) Math.rint(x(across.at()[i]));
      g.drawLine(at, (int) plot.getMaxY(), at, (int) plot.getMaxY() + 5);
      if (i % every == 0) {
        double room = every * apart - BETWEEN;
        canvas.centred(across.labels()[i], plain, at, plot.getMaxY() + 22, room);
      }
    }
    double room = plot.getX() - 9 - GAP - FONT_SIZE;
    Font fitting = plain;
    while (widest(up, fitting) > room && fitting.getSize() > 8) {
      fitting = fitting.deriveFont(fitting.getSize() - 1f);
    }
    for (int i = 0; i < up.at().length; i++) {
      int at = (int) Math.rint(y(up.at()[i]));
      String text = up.labels()[i];
      g.drawLine((int) plot.getX() - 5, at, (int) plot.getX(), at);
      g.setFont(fitting);
      g.drawString(text, (float) (plot.getX() - 9 - canvas.textWidth(text, fitting)), at + 5);
    }
    canvas.centred(xAxis, plain, plot.getCenterX(), plot.getMaxY() + 50, plot.getWidth() + 80);
    double baseline = plot.getX() - 9 - widest(up, fitting) - GAP;
    canvas.upwards(yAxis, plain, baseline, plot.getCenterY(), plot.getHeight() + 40);
  }

  private double widest(Ticks ticks, Font font) {
    double widest = 0;
    for (String label : ticks.labels()) {
      widest = Math.max(widest, canvas.textWidth(label, font));
    }
    return widest;
  }
}
