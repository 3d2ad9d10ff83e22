package dev.quern.cpu;

import dev.quern.spi.Op;
import java.util.Locale;
import jdk.incubator.vector.FloatVector;

/**
 * Runs the routines of {@link F32Simd} over arrays, where the vector module is present. No
 * signature here names a vector, so that a search for tests may load the class anywhere.
 */
final class F32Vectors {
  private static final int LANES = F32Simd.SPECIES.length();

  private F32Vectors() {}

  /** Applies the named routine; both arrays have a length that is a multiple of {@link #LANES}. */
  static void apply(String name, float[] x, float[] out) {
    switch (name) {
      case "exp" -> exp(x, out);
      case "expm1" -> expm1(x, out);
      case "log" -> log(x, out);
      case "log1p" -> log1p(x, out);
      case "tanh" -> tanh(x, out);
      case "sigmoid" -> sigmoid(x, out);
      case "softplus" -> softplus(x, out);
      case "erf" -> erf(x, out);
      case "sin2pi" -> sin2pi(x, out);
      case "cos2pi" -> cos2pi(x, out);
      case "sin",
          "cos",
          "tan",
          "asin",
          "acos",
          "atan",
          "sinh",
          "cosh",
          "asinh",
          "acosh",
          "atanh" -> {
        // Through the loops, which pass large angles to the scalar routines
        Loop loop = SimdF32Loops.of(Op.valueOf(name.toUpperCase(Locale.ROOT)));
        loop.run(x, 0, x, 0, x, 0, out, 0, x.length);
      }
      default -> throw new IllegalArgumentException("routine: unknown: " + name);
    }
  }

  private static void exp(float[] x, float[] out) {
    for (int i = 0; i < x.length; i += LANES) {
      F32Simd.exp(FloatVector.fromArray(F32Simd.SPECIES, x, i)).intoArray(out, i);
    }
  }

  private static void expm1(float[] x, float[] out) {
    for (int i = 0; i < x.length; i += LANES) {
      F32Simd.expm1(FloatVector.fromArray(F32Simd.SPECIES, x, i)).intoArray(out, i);
    }
  }

  private static void log(float[] x, float[] out) {
    for (int i = 0; i < x.length; i += LANES) {
      F32Simd.log(FloatVector.fromArray(F32Simd.SPECIES, x, i)).intoArray(out, i);
    }
  }

  private static void log1p(float[] x, float[] out) {
    for (int i = 0; i < x.length; i += LANES) {
      F32Simd.log1p(FloatVector.fromArray(F32Simd.SPECIES, x, i)).intoArray(out, i);
    }
  }

  private static void tanh(float[] x, float[] out) {
    for (int i = 0; i < x.length; i += LANES) {
      F32Simd.tanh(FloatVector.fromArray(F32Simd.SPECIES, x, i)).intoArray(out, i);
    }
  }

  private static void sigmoid(float[] x, float[] out) {
    for (int i = 0; i < x.length; i += LANES) {
      F32Simd.sigmoid(FloatVector.fromArray(F32Simd.SPECIES, x, i)).intoArray(out, i);
    }
  }

  private static void softplus(float[] x, float[] out) {
    for (int i = 0; i < x.length; i += LANES) {
      F32Simd.softplus(FloatVector.fromArray(F32Simd.SPECIES, x, i)).intoArray(out, i);
    }
  }

  private static void erf(float[] x, float[] out) {
    for (int i = 0; i < x.length; i += LANES) {
      F32Simd.erf(FloatVector.fromArray(F32Simd.SPECIES, x, i)).intoArray(out, i);
    }
  }

  private static void sin2pi(float[] x, float[] out) {
    for (int i = 0; i < x.length; i += LANES) {
      F32Simd.sin2pi(FloatVector.fromArray(F32Simd.SPECIES, x, i)).intoArray(out, i);
    }
  }

  private static void cos2pi(float[] x, float[] out) {
    for (int i = 0; i < x.length; i += LANES) {
      F32Simd.cos2pi(FloatVector.fromArray(F32Simd.SPECIES, x, i)).intoArray(out, i);
    }
  }

  static void pow(float[] x, float[] y, float[] out) {
    for (int i = 0; i < x.length; i += LANES) {
      F32Simd.pow(
              FloatVector.fromArray(F32Simd.SPECIES, x, i),
              FloatVector.fromArray(F32Simd.SPECIES, y, i))
          .intoArray(out, i);
    }
  }
}
