package dev.quern.tck;

import dev.quern.Device;
import dev.quern.Tensor;
import dev.quern.internal.Backends;
import dev.quern.spi.Backend;
import org.junit.jupiter.api.Assumptions;

/** How the tests run at present. */
final class Modes {
  private Modes() {}

  /** Skips a test that watches deferral where every operation runs when called. */
  static void assumeDeferred() {
    boolean eager =
        Boolean.parseBoolean(System.getProperty("quern.eager", "false"))
            || "1".equals(System.getenv("QUERN_EAGER"));
    Assumptions.assumeFalse(eager, "eager mode defers nothing");
  }

  /** Skips a test of shared arrays where the device has memory of its own. */
  static void assumeSharesArrays() {
    Tensor probe = Tensor.wrap(new float[1], 1);
    Assumptions.assumeTrue(
        probe.device() == Device.current(), "wrap makes CPU tensors, this is another device");
  }

  /** Returns the open backend under test. */
  static Backend backend() {
    Backends backends = Backends.instance();
    return backends.engine(backends.find(Device.current().id()).orElseThrow()).backend();
  }
}
