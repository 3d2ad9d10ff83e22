package dev.quern.kernels;

/**
 * How often a driver was called since it was opened: a training step that reads nothing back leaves
 * the transfers as they are, and once warm the allocations too.
 *
 * @param allocations blocks that were allocated
 * @param uploads copies from the host, empty ones left out
 * @param downloads copies to the host, empty ones left out
 * @param launches kernels put into the queue, one by one or as a whole that was prepared
 */
public record Counters(long allocations, long uploads, long downloads, long launches) {}
