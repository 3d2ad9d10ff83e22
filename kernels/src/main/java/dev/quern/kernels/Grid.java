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
 * @param localBytes the memory that a group shares beyond what the kernel itself declares
 */
public record Grid(long groupsX, long groupsY, long groupsZ, int sizeX, int sizeY, int localBytes) {
  /** Creates a grid for a kernel that declares what its groups share. */
  public Grid(long groupsX, long groupsY, long groupsZ, int sizeX, int sizeY) {
    this(groupsX, groupsY, groupsZ, sizeX, sizeY, 0);
  }

  /** Returns a grid of one axis. */
  public static Grid of(long groups, int size) {
    return new Grid(groups, 1, 1, size, 1);
  }
}
