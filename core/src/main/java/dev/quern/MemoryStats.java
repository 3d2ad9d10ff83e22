package dev.quern;

/**
 * A device's memory as Quern accounts for it, in bytes. On the CPU, buffers under 4 KiB are left
 * out, and arrays that were only wrapped are the caller's.
 *
 * @param inUse held by tensors
 * @param cached kept for reuse
 * @param peak the greatest {@code inUse} so far
 * @param buffers how many buffers are in use
 */
public record MemoryStats(long inUse, long cached, long peak, int buffers) {}
