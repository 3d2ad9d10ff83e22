package dev.quern.bench.gpu;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A piece of work that every contestant does. Sizes by kind:
 *
 * <ul>
 *   <li>{@code copy n}, {@code tanh n}, {@code sum n}: n elements
 *   <li>{@code map ops n}: a chain of so many operations on n elements
 *   <li>{@code colsum r c}, {@code softmax r c}: the sum of each column, the softmax of each row
 *   <li>{@code matmul m k n}: [m, k] times [k, n]
 *   <li>{@code mlp batch in hidden.. classes}: one step of training with gradient descent
 *   <li>{@code launch n}: one operation on few elements
 * </ul>
 *
 * @param kind what to do
 * @param precision of products: {@code f32}, {@code tf32} or {@code bf16}, which also is the type
 *     of what {@code matmul} reads and writes
 * @param sizes as above
 */
record Task(String kind, String precision, List<Long> sizes) {
  static Task of(String kind, String precision, long... sizes) {
    return new Task(kind, precision, Arrays.stream(sizes).boxed().toList());
  }

  /** Reads what {@link #line()} wrote. */
  static Task parse(String line) {
    String[] words = line.split(" ");
    return of(
        words[0], words[1], Arrays.stream(words).skip(2).mapToLong(Long::parseLong).toArray());
  }

  /** Returns kind, precision and sizes with blanks between them. */
  String line() {
    return kind
        + " "
        + precision
        + sizes.stream().map(size -> " " + size).collect(Collectors.joining());
  }

  /** Returns a name for people and files. */
  String id() {
    String dims = sizes.stream().map(String::valueOf).collect(Collectors.joining("x"));
    return kind + "-" + precision + "-" + dims;
  }

  long size(int i) {
    return sizes.get(i);
  }

  /** Returns whether the device's memory is the limit rather than its arithmetic. */
  boolean isMemoryBound() {
    return switch (kind) {
      case "matmul", "mlp", "launch" -> false;
      default -> true;
    };
  }

  /** Returns how much must be read and written at least, each operand and result once. */
  long bytes() {
    return switch (kind) {
      case "copy", "tanh", "launch" -> 8 * size(0);
      case "map" -> 4 * size(1) * (size(0) == 1 ? 3 : 4);
      case "sum" -> 4 * size(0);
      case "colsum" -> 4 * (size(0) + 1) * size(1);
      case "softmax" -> 8 * size(0) * size(1);
      case "matmul" -> {
        long elements = size(0) * size(1) + size(1) * size(2) + size(0) * size(2);
        yield (precision.equals("bf16") ? 2 : 4) * elements;
      }
      case "mlp" -> 0;
      default -> throw unknown();
    };
  }

  /** Returns the arithmetic of the products in it, a fused multiply-add counting as two. */
  long flops() {
    return switch (kind) {
      case "matmul" -> 2 * size(0) * size(1) * size(2);
      case "mlp" -> {
        long products = 0;
        for (int i = 1; i + 1 < sizes.size(); i++) {
          // Forward, the weight's gradient, and the input's except for the first layer.
          products += (i == 1 ? 2 : 3) * size(i) * size(i + 1);
        }
        yield 2 * size(0) * products;
      }
      default -> 0;
    };
  }

  IllegalArgumentException unknown() {
    return new IllegalArgumentException("task: unknown kind: " + kind);
  }
}
