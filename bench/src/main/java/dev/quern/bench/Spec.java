package dev.quern.bench;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * What is computed, in words that every contender understands: {@code matmul nt 256 10 128}.
 *
 * <ul>
 *   <li>{@code matmul nn|tn|nt M K N}: a [M, K] times b [K, N]; the operand marked t lies in memory
 *       transposed
 *   <li>{@code batched nn B M K N}: B products
 *   <li>{@code add|chain|exp|sigmoid|tanh into|new N}: a + b, relu(a * b + c), or the function of 8
 *       a; over a result that exists, or into a new one
 *   <li>{@code sum all N}, {@code sum columns R C}, {@code softmax rows R C}
 *   <li>{@code linear|softmax step BATCH IN OUT}, {@code mlp step BATCH IN HIDDEN OUT}: gradients
 *       and one step of gradient descent; the result is all parameters
 * </ul>
 *
 * @param op the operation
 * @param form its variant
 * @param dims its sizes
 */
public record Spec(String op, String form, List<Long> dims) {
  /** Creates a spec. */
  public static Spec of(String op, String form, long... dims) {
    return new Spec(op, form, LongStream.of(dims).boxed().toList());
  }

  /**
   * Reads what {@link #toString} wrote.
   *
   * @throws IllegalArgumentException if it is something else
   */
  public static Spec parse(String text) {
    String[] words = text.strip().split(" +");
    if (words.length < 3) {
      throw new IllegalArgumentException("spec: not OP FORM SIZE ...: " + text);
    }
    long[] dims = Arrays.stream(words).skip(2).mapToLong(Long::parseLong).toArray();
    return of(words[0], words[1], dims);
  }

  /** Returns the same with another first size. */
  Spec withFirst(long size) {
    List<Long> others = dims.subList(1, dims.size());
    return new Spec(op, form, Stream.concat(Stream.of(size), others.stream()).toList());
  }

  /** Returns a size. */
  public int dim(int i) {
    return Math.toIntExact(dims.get(i));
  }

  /** Returns the operation and its variant, to switch over. */
  public String name() {
    return op + " " + form;
  }

  @Override
  public String toString() {
    return name() + " " + dims.stream().map(String::valueOf).collect(Collectors.joining(" "));
  }

  /** Returns how many multiplications, additions and functions it takes, at least. */
  public double operations() {
    return switch (op) {
      case "matmul" -> 2.0 * product(0);
      case "batched" -> 2.0 * product(0);
      case "add", "exp", "sigmoid", "tanh" -> product(0);
      case "chain" -> 3.0 * product(0);
      case "sum" -> product(0);
      case "softmax" -> form.equals("step") ? 4.0 * product(0) : 5.0 * product(0);
      // Forward, and the gradient with respect to the weights.
      case "linear" -> 4.0 * product(0);
      // In the second layer the gradient with respect to the input, too.
      case "mlp" ->
          4.0 * dims.get(0) * dims.get(1) * dims.get(2)
              + 6.0 * dims.get(0) * dims.get(2) * dims.get(3);
      default -> throw new IllegalArgumentException("spec: unknown operation: " + this);
    };
  }

  /** Returns how many bytes it reads and writes, at least. */
  public double bytes() {
    return 4
        * switch (name()) {
          case "matmul nn", "matmul tn", "matmul nt" -> matrices(0);
          case "batched nn" -> dims.get(0) * matrices(1);
          case "add into", "add new" -> 3.0 * product(0);
          case "chain into", "chain new" -> 4.0 * product(0);
          case "sum all", "sum columns" -> product(0);
          case "linear step", "softmax step" ->
              dims.get(0) * dims.get(1) + 3.0 * dims.get(1) * dims.get(2);
          case "mlp step" ->
              dims.get(0) * dims.get(1)
                  + 3.0 * dims.get(2) * (dims.get(1) + dims.get(3))
                  + 4.0 * dims.get(0) * dims.get(2);
          default -> 2.0 * product(0);
        };
  }

  private double product(int from) {
    double product = 1;
    for (int i = from; i < dims.size(); i++) {
      product *= dims.get(i);
    }
    return product;
  }

  private double matrices(int from) {
    double m = dims.get(from);
    double k = dims.get(from + 1);
    double n = dims.get(from + 2);
    return m * k + k * n + m * n;
  }

  /** Returns whether arithmetic rather than memory is what bounds it. */
  public boolean isArithmetic() {
    return switch (op) {
      case "matmul", "batched", "mlp", "linear" -> true;
      default -> form.equals("step");
    };
  }
}
