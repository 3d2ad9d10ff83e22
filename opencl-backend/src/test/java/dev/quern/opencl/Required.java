package dev.quern.opencl;

import dev.quern.spi.BackendUnavailableException;
import java.util.Arrays;
import org.junit.jupiter.api.Assumptions;

/** The device of the tests; where there is none they are skipped, or fail if it is required. */
final class Required {
  private Required() {}

  static ClDevice device() {
    try {
      return Devices.all().get(0);
    } catch (BackendUnavailableException e) {
      String required = System.getProperty("quern.test.require", "");
      if (Arrays.asList(required.split(",")).contains("opencl")) {
        throw new AssertionError("required by quern.test.require: " + e.getMessage(), e);
      }
      System.getLogger("dev.quern.opencl")
          .log(System.Logger.Level.WARNING, "OpenCL tests skipped: {0}", e.getMessage());
      Assumptions.abort("OpenCL tests skipped: " + e.getMessage());
      throw e;
    }
  }
}
