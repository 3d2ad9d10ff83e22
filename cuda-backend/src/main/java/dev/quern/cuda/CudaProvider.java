package dev.quern.cuda;

import dev.quern.kernels.GpuBackend;
import dev.quern.spi.Backend;
import dev.quern.spi.BackendProvider;
import dev.quern.spi.DeviceInfo;
import java.util.List;

/** Offers all NVIDIA GPUs as {@code cuda:0}, {@code cuda:1} and so on, in the driver's order. */
public final class CudaProvider implements BackendProvider {
  /** Creates the provider; {@link java.util.ServiceLoader} does. */
  public CudaProvider() {}

  @Override
  public String name() {
    return "cuda";
  }

  @Override
  public int priority() {
    return 20;
  }

  @Override
  public List<DeviceInfo> devices() {
    return Devices.all().stream().map(CudaDevice::info).toList();
  }

  @Override
  public Backend open(DeviceInfo device) {
    return new GpuBackend(new CudaDriver(Devices.find(device.id())));
  }
}
