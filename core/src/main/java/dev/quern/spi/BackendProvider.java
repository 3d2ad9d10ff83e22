package dev.quern.spi;

import java.util.List;

/** Finds the devices of one kind; registered with {@link java.util.ServiceLoader}. */
public interface BackendProvider {
  /** Returns the kind of device: {@code cpu}, {@code opencl}, {@code cuda}. */
  String name();

  /** Returns the rank among providers when the default device is chosen; higher goes first. */
  int priority();

  /**
   * Returns the devices there are, best first.
   *
   * @throws BackendUnavailableException if there are none, saying why
   */
  List<DeviceInfo> devices();

  /**
   * Opens a device that {@link #devices} returned.
   *
   * @throws dev.quern.BackendException if the device cannot be opened
   */
  Backend open(DeviceInfo device);
}
