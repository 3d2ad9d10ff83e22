package dev.quern.trainer.data;

import dev.quern.Shape;
import java.util.Optional;

/**
 * The size of images that are rows of pixels, line by line from the top.
 *
 * @param width pixels in a line
 * @param height lines
 */
public record ImageSize(int width, int height) {
  // Tables with fewer columns are seldom images, and their squares seldom worth a look.
  private static final int LEAST_SIDE = 8;

  /** Returns the size that an array of images [rows, height, width] tells. */
  static Optional<ImageSize> of(Shape shape) {
    return shape.rank() == 3
        ? Optional.of(new ImageSize((int) shape.dim(2), (int) shape.dim(1)))
        : Optional.empty();
  }

  /** Returns the size of rows that may be square images, from 8 x 8 pixels on. */
  public static Optional<ImageSize> square(int features) {
    int side = (int) Math.rint(Math.sqrt(features));
    return side >= LEAST_SIDE && side * side == features
        ? Optional.of(new ImageSize(side, side))
        : Optional.empty();
  }

  @Override
  public String toString() {
    return width + "x" + height;
  }
}
