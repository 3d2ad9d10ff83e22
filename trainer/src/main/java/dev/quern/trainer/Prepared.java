package dev.quern.trainer;

import dev.quern.trainer.data.Scaling;
import dev.quern.trainer.learn.Rows;
import java.util.List;

/**
 * Data ready to train on.
 *
 * @param features numbers in a row
 * @param classes one more than the greatest label; 0 for a regression
 * @param scaling what was done to the features, in order
 * @param train rows to train on
 * @param validation rows that decide when to stop, or none
 * @param test rows to test with, or none
 * @param checksum tells these training rows from others
 * @param views what pictures of the model show of the training rows
 */
record Prepared(
    int features,
    int classes,
    List<Scaling> scaling,
    Rows train,
    Rows validation,
    Rows test,
    String checksum,
    Views views) {}
