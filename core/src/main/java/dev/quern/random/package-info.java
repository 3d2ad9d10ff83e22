/** Counter-based random numbers, the same bits on every device. */
@NullMarked
package dev.quern.random;

import org.jspecify.annotations.NullMarked;
