package dev.quern.examples;

import dev.quern.BackendException;
import dev.quern.Device;
import dev.quern.MemoryStats;
import dev.quern.Scope;
import dev.quern.Tensor;

/** Who frees what. */
public final class Memory {
  private Memory() {}

  public static void main(String[] args) {
    // [start:scope]
    Tensor total;
    try (Scope scope = Scope.open()) {
      Tensor x = Tensor.ones(1000, 1000).realize();
      Tensor squares = x.square().realize();
      total = scope.keep(squares.sum());
      System.out.println(Device.current().memory().inUse());
    }
    System.out.println(Device.current().memory().inUse());
    System.out.println(total.item());
    // [end:scope]
    // [start:closed]
    Tensor a = Tensor.ones(3);
    Tensor b = a.mul(2); // needs a, and has not been computed
    a.close();
    System.out.println(b); // unharmed
    try {
      System.out.println(a.sum());
    } catch (IllegalStateException e) {
      System.out.println(e.getMessage());
    }
    // [end:closed]
    // [start:pool]
    Device cpu = Device.of("cpu");
    cpu.trim();
    Tensor.ones(1 << 20).realize().close();
    MemoryStats after = cpu.memory();
    System.out.printf("in use %d, kept for reuse %d MiB%n", after.inUse(), after.cached() >> 20);
    cpu.trim();
    System.out.printf("kept for reuse %d MiB%n", cpu.memory().cached() >> 20);
    // [end:pool]
    // [start:exhausted]
    try {
      Tensor.ones(1L << 30).realize().close(); // 4 GiB, more than -Xmx allows
    } catch (BackendException e) {
      System.out.println(e.getMessage());
    }
    // [end:exhausted]
    // [start:leaks]
    for (Throwable place : Scope.unclosed()) {
      place.printStackTrace();
    }
    // [end:leaks]
  }
}
