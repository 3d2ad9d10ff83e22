/** What the GPU backends share: kernel sources, and the launcher that picks and starts kernels. */
@NullMarked
package dev.quern.kernels;

import org.jspecify.annotations.NullMarked;
