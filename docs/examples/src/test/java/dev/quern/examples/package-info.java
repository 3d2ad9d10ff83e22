/** The programs on the pages in docs; what stands between [start] and [end] is shown there. */
@org.jspecify.annotations.NullMarked
package dev.quern.examples;
