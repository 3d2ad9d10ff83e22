package dev.quern.nn;

import dev.quern.Tensor;

/**
 * A tensor that training changes.
 *
 * @param name its place in the model, such as {@code 0.weight}
 * @param tensor the leaf that requires a gradient
 * @param isWeight whether an L2 penalty applies to it; a bias is no weight
 */
public record Parameter(String name, Tensor tensor, boolean isWeight) {}
