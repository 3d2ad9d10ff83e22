package dev.quern.opencl;

import dev.quern.tck.BackendTck;

/** The test kit on the first OpenCL device. */
final class OpenClTckTest extends BackendTck {
  OpenClTckTest() {
    super("opencl");
  }
}
