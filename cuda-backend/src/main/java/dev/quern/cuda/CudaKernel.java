package dev.quern.cuda;

import dev.quern.kernels.Kernel;
import jcuda.driver.CUfunction;

/** A kernel of one driver. */
final class CudaKernel implements Kernel {
  /** What every kernel may have without asking. */
  private static final int DYNAMIC_BYTES = 48 << 10;

  final CudaDriver driver;
  final CUfunction function;
  private final String name;
  private final int parameterBytes;
  private final int sharedBytes;
  private final int maxThreads;
  private int dynamicBytes;

  /**
   * Creates a kernel.
   *
   * @param parameterBytes the size of its one parameter, a structure
   * @param sharedBytes the memory that it declares for a group to share
   * @param maxThreads the most work items of a group
   */
  CudaKernel(
      CudaDriver driver,
      CUfunction function,
      String name,
      int parameterBytes,
      int sharedBytes,
      int maxThreads) {
    this.driver = driver;
    this.function = function;
    this.name = name;
    this.parameterBytes = parameterBytes;
    this.sharedBytes = sharedBytes;
    this.maxThreads = maxThreads;
    dynamicBytes = Math.max(0, DYNAMIC_BYTES - sharedBytes);
  }

  @Override
  public String name() {
    return name;
  }

  int parameterBytes() {
    return parameterBytes;
  }

  int sharedBytes() {
    return sharedBytes;
  }

  int maxThreads() {
    return maxThreads;
  }

  /** Returns how much more than it declares its groups may share at present. */
  int dynamicBytes() {
    return dynamicBytes;
  }

  void setDynamicBytes(int bytes) {
    dynamicBytes = bytes;
  }
}
