package dev.quern.spi;

import org.jspecify.annotations.Nullable;

/**
 * What a matrix product does to each result before writing it: {@code activation(c + bias)}.
 *
 * @param bias one value per output element, broadcast by strides to the output's shape, or null
 * @param activation one of {@link Op#RELU}, {@link Op#SIGMOID}, {@link Op#TANH}, or null
 */
public record Epilogue(@Nullable View bias, @Nullable Op activation) {
  /** Leaves the product as it is. */
  public static final Epilogue NONE = new Epilogue(null, null);

  /** Returns whether {@code op} may be an activation here. */
  public static boolean accepts(Op op) {
    return op == Op.RELU || op == Op.SIGMOID || op == Op.TANH;
  }

  /** Returns whether there is nothing to do. */
  public boolean isNone() {
    return bias == null && activation == null;
  }
}
