/** JMH benchmarks. */
@NullMarked
package dev.quern.bench;

import org.jspecify.annotations.NullMarked;
