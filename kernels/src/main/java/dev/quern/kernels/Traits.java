package dev.quern.kernels;

/**
 * What the launcher needs to know of a device.
 *
 * @param gpu whether neighbouring work items run in step and share memory accesses; on a processor
 *     each work item does a contiguous piece instead
 * @param computeUnits how many groups run at once, at least
 * @param maxGroup the most work items of a group
 * @param localBytes the memory a group can share
 * @param maxBlockBytes the largest block that can be allocated
 * @param vectorBytes the length of the vector registers that a processor computes with
 * @param float64 whether F64 is supported
 * @param prebuilt whether kernels were compiled ahead of time: one kernel then serves all programs,
 *     which it interprets, and its name says everything about it
 * @param tensorCores whether it multiplies matrices of F16, BF16 and TF32 elements by the kernels
 *     that were compiled ahead of time
 */
public record Traits(
    boolean gpu,
    int computeUnits,
    int maxGroup,
    long localBytes,
    long maxBlockBytes,
    int vectorBytes,
    boolean float64,
    boolean prebuilt,
    boolean tensorCores) {
  /** Creates what describes a device without tensor cores. */
  public Traits(
      boolean gpu,
      int computeUnits,
      int maxGroup,
      long localBytes,
      long maxBlockBytes,
      int vectorBytes,
      boolean float64,
      boolean prebuilt) {
    this(
        gpu,
        computeUnits,
        maxGroup,
        localBytes,
        maxBlockBytes,
        vectorBytes,
        float64,
        prebuilt,
        /* tensorCores= */ false);
  }
}
