/** The built-in data set: digits as if written by hand, drawn by the program itself. */
@NullMarked
package dev.quern.trainer.digits;

import org.jspecify.annotations.NullMarked;
