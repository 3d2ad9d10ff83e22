/**
 * The test kit: what every backend must do, checked against oracles in plain Java that share
 * nothing with any backend. A backend runs it by one small subclass of {@link
 * dev.quern.tck.BackendTck}.
 */
@NullMarked
package dev.quern.tck;

import org.jspecify.annotations.NullMarked;
