/**
 * The pure-Java backend: SIMD through the incubating vector module where present, plain loops where
 * not.
 */
@NullMarked
package dev.quern.cpu;

import org.jspecify.annotations.NullMarked;
