package dev.quern.opencl;

/** Lists the traits of the devices, in a JVM of its own. */
final class ListTraits {
  private ListTraits() {}

  public static void main(String[] args) {
    for (ClDevice device : Devices.all()) {
      System.out.println(device.traits());
    }
  }
}
