/**
 * File formats: NumPy's {@code .npy} and {@code .npz}, safetensors, and the IDX format of the MNIST
 * files.
 *
 * <p>Readers trust nothing: every size a file claims is compared with what the file can hold before
 * memory is allocated, and every fault is a {@link dev.quern.io.FormatException} that names the
 * file and the byte.
 */
@NullMarked
package dev.quern.io;

import org.jspecify.annotations.NullMarked;
