package dev.quern.kernels;

import java.util.SortedMap;

/**
 * Names one kernel: what a driver compiles or looks up, once.
 *
 * @param family the source file without its ending: {@code elementwise}, {@code reduce} ...
 * @param entry the kernel's name in it
 * @param defines the macros that make the variant: tile sizes, types, the text of a fused program;
 *     none where kernels are prebuilt
 */
public record KernelKey(String family, String entry, SortedMap<String, String> defines) {}
