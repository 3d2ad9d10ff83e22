package dev.quern.trainer.data;

/** What a model is to predict for each row. */
public final class Targets {
  private Targets() {}

  /**
   * Returns the one column of a table as targets for so many rows of features.
   *
   * @throws DataException if the numbers of rows differ, there is more than one column, or a target
   *     does not suit the task
   */
  public static double[] of(int rows, Table targets, Task task) {
    if (targets.columns() != 1) {
      throw targets.error("targets need one column, not " + targets.columns());
    }
    if (rows != targets.rows()) {
      throw targets.error(targets.rows() + " targets for " + rows + " rows of features");
    }
    for (int row = 0; row < rows; row++) {
      String objection = task.objection(targets.at(row, 0), rows);
      if (!objection.isEmpty()) {
        throw targets.error(row, objection);
      }
    }
    return targets.values();
  }
}
