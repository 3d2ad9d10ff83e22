package dev.quern.opencl;

import dev.quern.kernels.GpuBackend;
import dev.quern.spi.Backend;
import dev.quern.spi.BackendProvider;
import dev.quern.spi.DeviceInfo;
import java.util.List;

/** Offers all OpenCL devices as {@code opencl:0}, {@code opencl:1} and so on, GPUs first. */
public final class OpenClProvider implements BackendProvider {
  /** Creates the provider; {@link java.util.ServiceLoader} does. */
  public OpenClProvider() {}

  @Override
  public String name() {
    return "opencl";
  }

  @Override
  public int priority() {
    return 10;
  }

  @Override
  public List<DeviceInfo> devices() {
    return Devices.all().stream().map(ClDevice::info).toList();
  }

  @Override
  public Backend open(DeviceInfo device) {
    return new GpuBackend(new OpenClDriver(Devices.find(device.id())));
  }
}
