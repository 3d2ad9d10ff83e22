package dev.quern.cuda;

import dev.quern.tck.BackendTck;

/** The test kit on the first CUDA device. */
final class CudaTckTest extends BackendTck {
  CudaTckTest() {
    super("cuda");
  }
}
