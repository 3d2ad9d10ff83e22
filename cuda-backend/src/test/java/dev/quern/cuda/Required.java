package dev.quern.cuda;

import dev.quern.spi.BackendUnavailableException;
import java.util.Arrays;
import org.junit.jupiter.api.Assumptions;

/** The device of the tests; where there is none they are skipped, or fail if it is required. */
final class Required {
  private Required() {}

  static CudaDevice device() {
    try {
      return Devices.all().get(0);
    } catch (BackendUnavailableException e) {
      String required = System.getProperty("quern.test.require", "");
      if (Arrays.asList(required.split(",")).contains("cuda")) {
        throw new AssertionError("required by quern.test.require: " + e.getMessage(), e);
      }
      System.getLogger("dev.quern.cuda")
          .log(System.Logger.Level.WARNING, "CUDA tests skipped: {0}", e.getMessage());
      Assumptions.abort("CUDA tests skipped: " + e.getMessage());
      throw e;
    }
  }

  /** Skips tests of faults that only the emulator makes. */
  static void emulator() {
    device();
    Assumptions.assumeTrue(
        Boolean.getBoolean("quern.cuda.emulator"), "needs the emulator, not a real driver");
  }
}
