/** Pictures of a training run, as PNG files. */
@NullMarked
package dev.quern.trainer.plots;

import org.jspecify.annotations.NullMarked;
