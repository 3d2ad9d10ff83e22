package dev.quern.trainer.plots;

import dev.quern.trainer.data.ImageSize;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.List;

/** Weights of pixels as images: blue where a pixel speaks against, red where it speaks for. */
public final class WeightSheet {
  /**
   * Weights that make an image.
   *
   * @param title what they speak for
   * @param weights a weight for each pixel, line by line from the top
   */
  public record Tile(String title, double[] weights) {}

  private static final int MARGIN = 28;
  private static final int HEADING = 82;
  private static final int GAP = 18;
  private static final int CAPTION = 30;
  private static final int LEAST_WIDTH = 620;
  private static final int BAR = 110;
  private static final int FEW = 20;
  private static final Font NOTE = Canvas.plain(14);
  private static final Color ZERO = new Color(0xf7, 0xf7, 0xf7);
  private static final Color[] AGAINST = {
    ZERO, new Color(0x5f, 0xa2, 0xcd), new Color(0x10, 0x3f, 0x7d)
  };
  private static final Color[] FOR = {
    ZERO, new Color(0xe8, 0x80, 0x62), new Color(0x8e, 0x0c, 0x25)
  };

  private WeightSheet() {}

  /**
   * Draws weights into a PNG file, all on one scale.
   *
   * @param note a line about what is drawn
   * @throws IllegalArgumentException if there is no tile or one does not have the size
   * @throws java.io.UncheckedIOException if the file cannot be written
   */
  public static void write(String title, String note, ImageSize size, List<Tile> tiles, Path path) {
    if (tiles.isEmpty()) {
      throw new IllegalArgumentException("weight sheet: no weights");
    }
    double most = 0;
    for (Tile tile : tiles) {
      if (tile.weights().length != size.width() * size.height()) {
        throw new IllegalArgumentException(
            "weight sheet: " + tile.weights().length + " weights are no image of " + size);
      }
      for (double weight : tile.weights()) {
        most = Math.max(most, Math.abs(weight));
      }
    }
    int columns = Math.min(tiles.size(), tiles.size() <= FEW ? 5 : 10);
    int rows = (tiles.size() + columns - 1) / columns;
    int side = tiles.size() == 1 ? 320 : tiles.size() <= FEW ? 128 : 84;
    double factor = side / (double) Math.max(size.width(), size.height());
    // Pixels of one size are easier to compare.
    factor = factor >= 1 ? Math.floor(factor) : factor;
    int width = Math.max(1, (int) Math.rint(factor * size.width()));
    int height = Math.max(1, (int) Math.rint(factor * size.height()));
    int cell = Math.max(width, 64) + GAP;
    int tilesWidth = columns * cell - GAP;
    int all = Math.max(LEAST_WIDTH, 2 * MARGIN + tilesWidth + BAR);
    int tilesHeight = rows * (height + CAPTION) - (CAPTION - 22);
    int barHeight = Math.max(tilesHeight - 22, 160);
    Canvas canvas = new Canvas(all, HEADING + 22 + Math.max(tilesHeight - 22, barHeight) + MARGIN);
    Graphics2D g = canvas.graphics();
    canvas.title(title);
    g.setColor(Canvas.FAINT);
    canvas.centred(note, NOTE, all / 2.0, 62, all - 2.0 * MARGIN);
    int left = (all - tilesWidth - BAR) / 2;
    for (int i = 0; i < tiles.size(); i++) {
      int centre = left + i % columns * cell + (cell - GAP) / 2;
      int top = HEADING + 22 + i / columns * (height + CAPTION);
      g.setColor(Canvas.INK);
      canvas.centred(tiles.get(i).title(), Canvas.plain(14), centre, top - 6, cell - 4);
      image(g, tiles.get(i).weights(), size, most, centre - width / 2, top, width, height);
    }
    bar(canvas, most, new Rectangle2D.Double(left + tilesWidth + 24, HEADING + 22, 20, barHeight));
    canvas.write(path);
  }

  private static void image(
      Graphics2D g,
      double[] weights,
      ImageSize size,
      double most,
      int left,
      int top,
      int width,
      int height) {
    BufferedImage image =
        new BufferedImage(size.width(), size.height(), BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < weights.length; i++) {
      Color colour = colour(most == 0 ? 0 : weights[i] / most);
      image.setRGB(i % size.width(), i / size.width(), colour.getRGB());
    }
    g.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION,
        width < size.width()
            ? RenderingHints.VALUE_INTERPOLATION_BILINEAR
            : RenderingHints.VALUE_INTERPOLATION_NEAREST_NEIGHBOR);
    g.setColor(Color.LIGHT_GRAY);
    g.fillRect(left - 1, top - 1, width + 2, height + 2);
    g.drawImage(image, left, top, width, height, null);
  }

  /** Returns the colour of -1 to 1. */
  static Color colour(double weight) {
    Color[] scale = weight < 0 ? AGAINST : FOR;
    double at = 2 * Math.min(Math.abs(weight), 1);
    int i = at < 1 ? 0 : 1;
    return Canvas.blend(scale[i], scale[i + 1], at - i);
  }

  private static void bar(Canvas canvas, double most, Rectangle2D area) {
    Ticks ticks = Ticks.of(-most, most);
    double[] levels = new double[ticks.at().length];
    for (int i = 0; i < levels.length; i++) {
      levels[i] = (ticks.at()[i] / most + 1) / 2;
    }
    canvas.bar(area, level -> colour(2 * level - 1), levels, ticks.labels(), "weight");
  }
}
