package dev.quern.trainer;

import dev.quern.Device;
import dev.quern.trainer.data.DataException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option that picks the device. */
final class DeviceOption {
  @Option(
      names = "--device",
      paramLabel = "ID",
      description =
          "cpu, opencl:0, cuda:0 ...; the best there is by default (see 'quern devices').")
  private @Nullable String id;

  /**
   * Makes the chosen device the current one and returns it.
   *
   * @throws DataException if it is not there
   */
  Device select() {
    try {
      Device device = id == null ? Device.best() : Device.of(id);
      Device.setCurrent(device);
      return device;
    } catch (IllegalArgumentException | IllegalStateException e) {
      throw new DataException(String.valueOf(e.getMessage()));
    }
  }
}
