/** Pictures of training runs and of costs, as PNG files. */
@NullMarked
package dev.quern.trainer.plots;

import org.jspecify.annotations.NullMarked;
