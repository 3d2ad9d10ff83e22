package dev.quern.cpu;

import dev.quern.spi.Backend;
import dev.quern.spi.BackendProvider;
import dev.quern.spi.DeviceInfo;
import java.util.List;

/** Offers the processor as the one device {@code cpu}. */
public final class CpuProvider implements BackendProvider {
  /** Creates the provider; {@link java.util.ServiceLoader} does. */
  public CpuProvider() {}

  @Override
  public String name() {
    return "cpu";
  }

  @Override
  public int priority() {
    return 0;
  }

  @Override
  public List<DeviceInfo> devices() {
    return List.of(info());
  }

  @Override
  public Backend open(DeviceInfo device) {
    return new CpuBackend(device, Threads.configured(), SimdSupport.kernels());
  }

  private static DeviceInfo info() {
    return new DeviceInfo("cpu", "Java on " + System.getProperty("os.arch"), false, details());
  }

  // A wrong setting is an error for whoever opens the device. The device is there all the same: or
  // another would be chosen without a word.
  private static String details() {
    try {
      int threads = Threads.configured();
      return threads + (threads == 1 ? " thread, " : " threads, ") + SimdSupport.description();
    } catch (IllegalArgumentException e) {
      return "cannot be opened: " + e.getMessage();
    }
  }
}
