package dev.quern.trainer.plots;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.AffineTransform;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.function.DoubleFunction;

/** A picture that is drawn by hand, and what the pictures have in common. */
final class Canvas {
  static final Color INK = new Color(0x22, 0x22, 0x22);
  static final Color FAINT = new Color(0x66, 0x66, 0x66);

  private static final int LEAST_SIZE = 10;

  private final BufferedImage picture;
  private final Graphics2D g;

  Canvas(int width, int height) {
    this.picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    this.g = picture.createGraphics();
    g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    // Without it a curve's points are moved to whole pixels, which shows on a smooth one.
    g.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
    g.setColor(Color.WHITE);
    g.fillRect(0, 0, width, height);
    g.setColor(INK);
  }

  static Font plain(int size) {
    return new Font(Font.SANS_SERIF, Font.PLAIN, size);
  }

  static Font bold(int size) {
    return new Font(Font.SANS_SERIF, Font.BOLD, size);
  }

  static Color blend(Color a, Color b, double part) {
    return new Color(
        (int) Math.rint(a.getRed() + part * (b.getRed() - a.getRed())),
        (int) Math.rint(a.getGreen() + part * (b.getGreen() - a.getGreen())),
        (int) Math.rint(a.getBlue() + part * (b.getBlue() - a.getBlue())));
  }

  Graphics2D graphics() {
    return g;
  }

  int width() {
    return picture.getWidth();
  }

  void pixel(int x, int y, Color colour) {
    picture.setRGB(x, y, colour.getRGB());
  }

  double textWidth(String text, Font font) {
    return g.getFontMetrics(font).stringWidth(text);
  }

  /** Writes a line of text; one that is wider than {@code room} gets smaller, then is cut. */
  void centred(String text, Font font, double x, double baseline, double room) {
    Font fitting = font;
    while (textWidth(text, fitting) > room && fitting.getSize() > LEAST_SIZE) {
      fitting = fitting.deriveFont(fitting.getSize() - 1f);
    }
    String shown = text;
    int length = text.length();
    while (textWidth(shown, fitting) > room && length > 0) {
      length--;
      shown = text.substring(0, length).stripTrailing() + "...";
    }
    g.setFont(fitting);
    g.drawString(shown, (float) (x - textWidth(shown, fitting) / 2), (float) baseline);
  }

  /** Writes a line of text that runs upwards, its baseline at {@code x}. */
  void upwards(String text, Font font, double x, double y, double room) {
    AffineTransform upright = g.getTransform();
    g.rotate(-Math.PI / 2);
    centred(text, font, -y, x, room);
    g.setTransform(upright);
  }

  /** Writes what the picture shows over its top. */
  void title(String text) {
    g.setColor(INK);
    centred(text, bold(17), width() / 2.0, 36, width() - 40.0);
  }

  /**
   * Draws a column of colours with what they mean.
   *
   * @param colour the colours from 0, the bottom, to 1
   * @param levels the heights of the labels, 0 to 1
   */
  void bar(
      Rectangle2D area,
      DoubleFunction<Color> colour,
      double[] levels,
      String[] labels,
      String title) {
    int left = (int) area.getX();
    int top = (int) area.getY();
    int width = (int) area.getWidth();
    int height = (int) area.getHeight();
    for (int y = 0; y < height; y++) {
      g.setColor(colour.apply(1 - y / (height - 1.0)));
      g.fillRect(left, top + y, width, 1);
    }
    g.setColor(INK);
    g.setStroke(new BasicStroke(1));
    g.drawRect(left, top, width, height);
    Font font = plain(14);
    double widest = 0;
    for (int i = 0; i < levels.length; i++) {
      int at = top + (int) Math.rint((1 - levels[i]) * height);
      g.drawLine(left + width, at, left + width + 4, at);
      g.setFont(font);
      g.drawString(labels[i], left + width + 8, at + 5);
      widest = Math.max(widest, textWidth(labels[i], font));
    }
    double baseline = Math.min(left + width + 8 + widest + 28, width() - 8.0);
    upwards(title, font, baseline, area.getCenterY(), Math.max(height, 160));
  }

  /**
   * Writes the picture as a PNG file.
   *
   * @throws java.io.UncheckedIOException if that fails
   */
  void write(Path path) {
    g.dispose();
    Png.write(picture, path);
  }
}
