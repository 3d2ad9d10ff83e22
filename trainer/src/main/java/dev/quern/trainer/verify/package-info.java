/** Proves a device: operator cases and training trajectories against numbers made elsewhere. */
@NullMarked
package dev.quern.trainer.verify;

import org.jspecify.annotations.NullMarked;
