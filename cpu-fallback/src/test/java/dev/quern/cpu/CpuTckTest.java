package dev.quern.cpu;

import dev.quern.tck.BackendTck;

/** The test kit on the CPU. */
final class CpuTckTest extends BackendTck {
  CpuTckTest() {
    super("cpu");
  }
}
