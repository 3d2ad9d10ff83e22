/** Tests that the pages in docs, and what is published, are as they say. */
@org.jspecify.annotations.NullMarked
package dev.quern.docs;
