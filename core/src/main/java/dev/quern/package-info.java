/** Tensors, their types, shapes, devices and scopes: all that most users import. */
@NullMarked
package dev.quern;

import org.jspecify.annotations.NullMarked;
