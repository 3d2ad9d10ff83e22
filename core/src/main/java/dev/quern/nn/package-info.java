/** Layers, initialisation and losses. */
@NullMarked
package dev.quern.nn;

import org.jspecify.annotations.NullMarked;
