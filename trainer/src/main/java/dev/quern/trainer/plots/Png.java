package dev.quern.trainer.plots;

import dev.quern.io.AtomicFile;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/** Writes pictures. */
final class Png {
  private Png() {}

  /**
   * Writes a PNG file, all or nothing.
   *
   * @throws java.io.UncheckedIOException if that fails
   */
  static void write(BufferedImage picture, Path path) {
    // The writer's own disk cache would leave files behind where a run is killed.
    ImageIO.setUseCache(false);
    AtomicFile.write(
        path,
        out -> {
          if (!ImageIO.write(picture, "png", out)) {
            throw new IOException("this Java runtime writes no PNG");
          }
        });
  }
}
