package dev.quern.kernels;

/**
 * A kernel with all it is started with; see {@link Driver#launch}.
 *
 * @param kernel the kernel
 * @param grid how many work items
 * @param blocks its pointer arguments
 * @param parameters the words of its structure
 */
public record Launch(Kernel kernel, Grid grid, Block[] blocks, long[] parameters) {}
