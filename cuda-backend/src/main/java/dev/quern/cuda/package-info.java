/** The CUDA backend. */
@NullMarked
package dev.quern.cuda;

import org.jspecify.annotations.NullMarked;
