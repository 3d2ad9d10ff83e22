package dev.quern.spi;

/**
 * What a backend tells about a device before opening it.
 *
 * @param id the name a user chooses it by, such as {@code cpu} or {@code cuda:0}
 * @param name what it is, such as the processor's name
 * @param gpu whether it is a GPU: {@code Device.best()} takes GPUs first
 * @param details further facts for a person: threads, vector width, memory, driver
 */
public record DeviceInfo(String id, String name, boolean gpu, String details) {}
