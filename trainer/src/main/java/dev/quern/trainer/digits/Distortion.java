package dev.quern.trainer.digits;

import dev.quern.trainer.digits.Glyphs.Point;
import java.util.Random;

/** A random smooth map from the unit square to the image: bent first, then turned and scaled. */
final class Distortion {
  private static final double CENTRE = 0.5;

  private final double[] wave;
  private final double xx;
  private final double xy;
  private final double yx;
  private final double yy;
  private final double shiftX;
  private final double shiftY;

  Distortion(Random random) {
    wave = new double[8];
    for (int i = 0; i < wave.length; i += 2) {
      wave[i] = 0.035 * random.nextGaussian();
      wave[i + 1] = 2 * Math.PI * random.nextDouble();
    }
    double angle = 0.16 * random.nextGaussian();
    double shear = 0.22 * random.nextGaussian();
    double width = 0.52 + 0.3 * random.nextDouble();
    double height = 0.62 + 0.22 * random.nextDouble();
    double cos = StrictMath.cos(angle);
    double sin = StrictMath.sin(angle);
    // Scale, then shear along x, then turn.
    xx = width * cos;
    xy = height * (-shear * cos - sin);
    yx = width * sin;
    yy = height * (-shear * sin + cos);
    shiftX = CENTRE + 0.05 * random.nextGaussian();
    shiftY = CENTRE + 0.05 * random.nextGaussian();
  }

  /** Returns where a point of the unit square lies, in pixels. */
  Point apply(Point p) {
    double bentX = p.x() + wave(0, p.y(), 1) + wave(2, p.y(), 2) - CENTRE;
    double bentY = p.y() + wave(4, p.x(), 1) + wave(6, p.x(), 2) - CENTRE;
    return new Point(
        DigitWriter.SIZE * (shiftX + xx * bentX + xy * bentY),
        DigitWriter.SIZE * (shiftY + yx * bentX + yy * bentY));
  }

  private double wave(int at, double along, int periods) {
    return wave[at] / periods * StrictMath.sin(2 * Math.PI * periods * along + wave[at + 1]);
  }
}
