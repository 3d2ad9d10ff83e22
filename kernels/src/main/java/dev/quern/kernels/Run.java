package dev.quern.kernels;

/**
 * One run of a kernel, as the device's clock saw it.
 *
 * @param kernel the kernel's name
 * @param grid what it was started with
 * @param nanoseconds from its start to its end on the device
 */
public record Run(String kernel, Grid grid, long nanoseconds) {}
