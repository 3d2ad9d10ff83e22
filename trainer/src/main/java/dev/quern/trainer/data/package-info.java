/**
 * Data sets for training: readers for delimited text, IDX and {@code .npy} files, plain or gzipped
 * by content, the split into training and test rows, and feature scaling.
 */
@NullMarked
package dev.quern.trainer.data;

import org.jspecify.annotations.NullMarked;
