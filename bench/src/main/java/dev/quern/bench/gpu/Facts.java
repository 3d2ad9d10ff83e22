package dev.quern.bench.gpu;

import dev.quern.Device;
import dev.quern.spi.Backend;

/** Prints what Quern says of a device, a line {@code name=value} each: {@code Facts DEVICE}. */
public final class Facts {
  private Facts() {}

  /** Prints the other devices too, and why a backend has none. */
  public static void main(String[] args) {
    System.out.println("quern.devices=" + Device.all());
    System.out.println("quern.refusals=" + Device.refusals());
    try (Backend backend = Workloads.open(args[0])) {
      System.out.println("quern.name=" + backend.info().name());
      System.out.println("quern.details=" + backend.info().details());
    }
  }
}
