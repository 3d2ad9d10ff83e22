package dev.quern.trainer.plots;

import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** A sheet of the images that a classifier got wrong, the most confident mistakes first. */
public final class MistakeSheet {
  /**
   * An image that was given the wrong class.
   *
   * @param row the number of its sample
   * @param label the true class
   * @param predicted the class it was given
   * @param probability how sure the model was of that, 0 to 1
   */
  public record Mistake(int row, int label, int predicted, double probability) {}

  private static final int COLUMNS = 10;
  private static final int MAX_ROWS = 8;
  private static final int IMAGE = 80;
  private static final int CELL_WIDTH = 104;
  private static final int CELL_HEIGHT = 124;
  private static final int MARGIN = 20;
  private static final int HEADING = 84;
  private static final Color INK = new Color(0x22, 0x22, 0x22);
  private static final Color FAINT = new Color(0x66, 0x66, 0x66);
  private static final Color WRONG = new Color(0xb0, 0x2a, 0x1e);

  private MistakeSheet() {}

  /**
   * Draws mistakes into a PNG file.
   *
   * @param pixels all images one after the other, square, 0 for paper and 1 for ink
   * @param size the width and height of an image
   * @param total the number of images that were classified
   * @throws java.io.UncheckedIOException if the file cannot be written
   */
  public static void write(
      double[] pixels, int size, List<Mistake> mistakes, int total, Path path) {
    List<Mistake> shown =
        mistakes.stream()
            .sorted(Comparator.comparingDouble(Mistake::probability).reversed())
            .limit(COLUMNS * MAX_ROWS)
            .toList();
    int rows = Math.max(1, (shown.size() + COLUMNS - 1) / COLUMNS);
    BufferedImage sheet =
        new BufferedImage(
            2 * MARGIN + COLUMNS * CELL_WIDTH,
            HEADING + MARGIN + rows * CELL_HEIGHT,
            BufferedImage.TYPE_INT_RGB);
    Graphics2D g = sheet.createGraphics();
    g.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    g.setColor(Color.WHITE);
    g.fillRect(0, 0, sheet.getWidth(), sheet.getHeight());
    heading(g, mistakes.size(), shown.size(), total);
    for (int i = 0; i < shown.size(); i++) {
      int left = MARGIN + i % COLUMNS * CELL_WIDTH + (CELL_WIDTH - IMAGE) / 2;
      int top = HEADING + i / COLUMNS * CELL_HEIGHT;
      Mistake mistake = shown.get(i);
      image(g, pixels, mistake.row() * size * size, size, left, top);
      caption(g, mistake, left + IMAGE / 2, top + IMAGE + 20);
    }
    g.dispose();
    Png.write(sheet, path);
  }

  private static void heading(Graphics2D g, int mistakes, int shown, int total) {
    g.setColor(INK);
    g.setFont(new Font(Font.SANS_SERIF, Font.BOLD, 20));
    g.drawString(
        String.format(Locale.ROOT, "Misclassified: %,d of %,d test images", mistakes, total),
        MARGIN + (CELL_WIDTH - IMAGE) / 2,
        36);
    g.setColor(FAINT);
    g.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 14));
    String legend = "Below each image: true class " + arrow(g) + " predicted class, and how sure";
    String part = shown < mistakes ? ". The " + shown + " surest are shown." : ".";
    g.drawString(legend + part, MARGIN + (CELL_WIDTH - IMAGE) / 2, 60);
  }

  private static String arrow(Graphics2D g) {
    return g.getFont().canDisplay('\u2192') ? "\u2192" : "->";
  }

  private static void image(Graphics2D g, double[] pixels, int at, int size, int left, int top) {
    for (int row = 0; row < size; row++) {
      for (int column = 0; column < size; column++) {
        int grey = 255 - (int) Math.rint(255 * pixels[at + row * size + column]);
        g.setColor(new Color(grey, grey, grey));
        int x0 = column * IMAGE / size;
        int y0 = row * IMAGE / size;
        int x1 = (column + 1) * IMAGE / size;
        int y1 = (row + 1) * IMAGE / size;
        g.fillRect(left + x0, top + y0, x1 - x0, y1 - y0);
      }
    }
    g.setColor(Color.LIGHT_GRAY);
    g.drawRect(left - 1, top - 1, IMAGE + 1, IMAGE + 1);
  }

  private static void caption(Graphics2D g, Mistake mistake, int centre, int baseline) {
    Font bold = new Font(Font.SANS_SERIF, Font.BOLD, 15);
    Font small = new Font(Font.SANS_SERIF, Font.PLAIN, 12);
    g.setFont(bold);
    String classes = mistake.label() + " " + arrow(g) + " " + mistake.predicted();
    String sure = String.format(Locale.ROOT, "  %.0f %%", 100 * mistake.probability());
    FontMetrics boldMetrics = g.getFontMetrics(bold);
    FontMetrics smallMetrics = g.getFontMetrics(small);
    int width = boldMetrics.stringWidth(classes) + smallMetrics.stringWidth(sure);
    g.setColor(WRONG);
    g.drawString(classes, centre - width / 2, baseline);
    g.setFont(small);
    g.setColor(FAINT);
    g.drawString(sure, centre - width / 2 + boldMetrics.stringWidth(classes), baseline);
  }
}
