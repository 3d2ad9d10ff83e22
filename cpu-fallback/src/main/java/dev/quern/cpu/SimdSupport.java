package dev.quern.cpu;

import java.util.Optional;
import java.util.Set;

/**
 * Finds out whether SIMD loops can be used. Classes named Simd... mention types of the incubating
 * vector module and must not be loaded where it is absent.
 */
final class SimdSupport {
  private static final String MODULE = "jdk.incubator.vector";
  private static final String ALWAYS = "always";
  private static final Set<String> SETTINGS = Set.of("true", "false", ALWAYS);

  private SimdSupport() {}

  /**
   * Returns the fastest loops there are. The system property {@code quern.simd} may be {@code true}
   * (the default), {@code false}, or {@code always}: SIMD loops before they are compiled too.
   */
  static Kernels kernels() {
    if (refusal().isPresent()) {
      return new PlainKernels();
    }
    Kernels simd = new SimdKernels();
    if (ALWAYS.equals(setting())) {
      SimdProfiles.fill();
      return simd;
    }
    return new WarmKernels(new PlainKernels(), simd, SimdProfiles::fill);
  }

  /** Returns what the loops are, for a person. */
  static String description() {
    return refusal()
        .map(reason -> "plain loops (" + reason + ")")
        .orElseGet(() -> F32Simd.SPECIES.vectorBitSize() + "-bit vectors");
  }

  private static String setting() {
    String setting = System.getProperty("quern.simd", "true").strip();
    if (!SETTINGS.contains(setting)) {
      throw new IllegalArgumentException("quern.simd: not true, false or always: " + setting);
    }
    return setting;
  }

  private static Optional<String> refusal() {
    if (setting().equals("false")) {
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
