/**
 * Proves a device: operator cases and training trajectories from files, and cases built in, each
 * compared with what the device computes.
 */
@NullMarked
package dev.quern.trainer.verify;

import org.jspecify.annotations.NullMarked;
