/** What a backend implements. Users of tensors need nothing from here. */
@NullMarked
package dev.quern.spi;

import org.jspecify.annotations.NullMarked;
