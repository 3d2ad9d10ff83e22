/**
 * Benchmarks for a GPU machine: the same tasks for several contestants (Quern fused and eager,
 * PyTorch), each in a process of its own, in turns. {@code bench/gpu/run} starts them.
 */
@NullMarked
package dev.quern.bench.gpu;

import org.jspecify.annotations.NullMarked;
