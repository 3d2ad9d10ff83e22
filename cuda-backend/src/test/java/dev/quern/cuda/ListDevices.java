package dev.quern.cuda;

import dev.quern.spi.BackendUnavailableException;

/** Lists the devices, or says why there are none, in a JVM of its own. */
final class ListDevices {
  private ListDevices() {}

  public static void main(String[] args) {
    try {
      for (CudaDevice device : Devices.all()) {
        System.out.println(device);
      }
    } catch (BackendUnavailableException e) {
      System.out.println("unavailable: " + e.getMessage());
    }
  }
}
