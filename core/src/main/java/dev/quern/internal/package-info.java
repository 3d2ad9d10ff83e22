/** Graph, evaluation and lookup behind the public types. Not exported. */
@NullMarked
package dev.quern.internal;

import org.jspecify.annotations.NullMarked;
