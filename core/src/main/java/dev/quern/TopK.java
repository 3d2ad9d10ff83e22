package dev.quern;

/**
 * The result of {@link Tensor#topK}.
 *
 * @param values the elements, of the tensor's type; differentiable
 * @param indices where each was along the axis, I64
 */
public record TopK(Tensor values, Tensor indices) {}
