package dev.quern.opencl;

import dev.quern.spi.BackendUnavailableException;
import dev.quern.spi.DeviceInfo;

/** Lists the devices, or says why there are none, in a JVM of its own. */
final class ListDevices {
  private ListDevices() {}

  public static void main(String[] args) {
    try {
      for (ClDevice device : Devices.all()) {
        DeviceInfo info = device.info();
        System.out.println(info.id() + " gpu=" + info.gpu() + " " + info.name());
      }
    } catch (BackendUnavailableException e) {
      System.out.println("unavailable: " + e.getMessage());
    }
  }
}
