/** Training by gradient descent: models, the loop, and measures of what was learned. */
@NullMarked
package dev.quern.trainer.learn;

import org.jspecify.annotations.NullMarked;
