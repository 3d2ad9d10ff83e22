package dev.quern.opencl;

import dev.quern.kernels.Traits;
import dev.quern.spi.DeviceInfo;
import org.jocl.cl_device_id;
import org.jocl.cl_platform_id;

/**
 * A device as it was found.
 *
 * @param info what a user is told
 * @param traits what picks kernels
 * @param handle the device
 * @param platform the platform it belongs to
 * @param build what identifies the compiler: device, driver and platform with their versions
 * @param roundsDivision whether it can round division and square root correctly
 * @param memory the bytes there are for blocks
 */
record ClDevice(
    DeviceInfo info,
    Traits traits,
    cl_device_id handle,
    cl_platform_id platform,
    String build,
    boolean roundsDivision,
    long memory) {}
