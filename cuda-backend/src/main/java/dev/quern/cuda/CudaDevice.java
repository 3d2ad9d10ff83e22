package dev.quern.cuda;

import dev.quern.kernels.Traits;
import dev.quern.spi.DeviceInfo;

/**
 * A device as it was found.
 *
 * @param info what a user is told
 * @param traits what picks kernels
 * @param ordinal its number among the driver's devices
 * @param major its compute capability before the point
 * @param minor and after it
 * @param driver the version of CUDA that the driver supports, such as 12.4
 * @param memory the bytes there are for blocks
 * @param blocking whether to wait for each kernel, so that a fault names the one that made it
 */
record CudaDevice(
    DeviceInfo info,
    Traits traits,
    int ordinal,
    int major,
    int minor,
    String driver,
    long memory,
    boolean blocking) {}
