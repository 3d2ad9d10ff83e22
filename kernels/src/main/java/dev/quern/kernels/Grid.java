package dev.quern.kernels;

/**
 * How many work items a kernel is started with. Every kernel is right for any grid; the extents
 * decide its speed only, except the group size where a kernel is compiled for one.
 *
 * @param groupsX groups along the first axis
 * @param groupsY groups along the second axis
 * @param groupsZ groups along the third axis
 * @param sizeX work items of a group along the first axis
 * @param sizeY work items of a group along the second axis
 */
public record Grid(long groupsX, long groupsY, long groupsZ, int sizeX, int sizeY) {
  /** Returns a grid of one axis. */
  public static Grid of(long groups, int size) {
    return new Grid(groups, 1, 1, size, 1);
  }
}
