/** The {@code quern} command line: training programs that show how the library is used. */
@NullMarked
package dev.quern.trainer;

import org.jspecify.annotations.NullMarked;
