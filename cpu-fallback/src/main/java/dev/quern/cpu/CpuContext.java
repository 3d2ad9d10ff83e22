package dev.quern.cpu;

/**
 * What every kernel works with.
 *
 * @param pool where scratch arrays come from
 * @param threads who shares the work
 * @param kernels the inner loops
 */
record CpuContext(ArrayPool pool, Threads threads, Kernels kernels) {}
