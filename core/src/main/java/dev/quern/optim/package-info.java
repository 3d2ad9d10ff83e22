/** Optimizers: each updates all parameters simultaneously from the same gradients. */
@NullMarked
package dev.quern.optim;

import org.jspecify.annotations.NullMarked;
