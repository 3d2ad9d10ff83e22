package dev.quern.cpu;

import java.util.Optional;

/**
 * Finds out whether SIMD loops can be used. Classes named Simd... mention types of the incubating
 * vector module and must not be loaded where it is absent.
 */
final class SimdSupport {
  private static final String MODULE = "jdk.incubator.vector";

  private SimdSupport() {}

  /** Returns the fastest loops there are. */
  static Kernels kernels() {
    return refusal().isEmpty() ? new SimdKernels() : new PlainKernels();
  }

  /** Returns what the loops are, for a person. */
  static String description() {
    return refusal()
        .map(reason -> "plain loops (" + reason + ")")
        .orElseGet(() -> F32Simd.SPECIES.vectorBitSize() + "-bit vectors");
  }

  private static Optional<String> refusal() {
    if (!Boolean.parseBoolean(System.getProperty("quern.simd", "true"))) {
      return Optional.of("quern.simd is false");
    }
    if (ModuleLayer.boot().findModule(MODULE).isEmpty()) {
      return Optional.of("the Java option --add-modules " + MODULE + " is missing");
    }
    int bits = F32Simd.SPECIES.vectorBitSize();
    // The kernels are written for 4 to 16 lanes.
    return bits < 128 || bits > 512 ? Optional.of(bits + "-bit vectors") : Optional.empty();
  }
}
