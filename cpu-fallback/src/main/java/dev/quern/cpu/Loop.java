package dev.quern.cpu;

/**
 * One operation over a block: {@code o[k + x] = f(a[i + x], b[j + x], c[l + x])} for {@code x} from
 * 0 to {@code n - 1}. The output may be an operand at the same place. Operands that an operation
 * does not have are ignored.
 */
@FunctionalInterface
interface Loop {
  /** Runs over a block of arrays of the types that the loop was made for. */
  void run(Object a, int i, Object b, int j, Object c, int l, Object o, int k, int n);

  /** A loop with one operand. */
  @FunctionalInterface
  interface Unary<A, O> {
    void run(A a, int i, O o, int k, int n);
  }

  /** A loop with two operands of one type. */
  @FunctionalInterface
  interface Binary<A, O> {
    void run(A a, int i, A b, int j, O o, int k, int n);
  }

  /** A loop with three operands, of which the last two have the result's type. */
  @FunctionalInterface
  interface Ternary<C, A> {
    void run(C a, int i, A b, int j, A c, int l, A o, int k, int n);
  }

  /** Returns the loop with its arrays' types erased. */
  @SuppressWarnings("unchecked") // Whoever picks a loop by type passes arrays of that type.
  static <A, O> Loop unary(Unary<A, O> f) {
    return (a, i, b, j, c, l, o, k, n) -> f.run((A) a, i, (O) o, k, n);
  }

  /** Returns the loop with its arrays' types erased. */
  @SuppressWarnings("unchecked") // Whoever picks a loop by type passes arrays of that type.
  static <A, O> Loop binary(Binary<A, O> f) {
    return (a, i, b, j, c, l, o, k, n) -> f.run((A) a, i, (A) b, j, (O) o, k, n);
  }

  /** Returns the loop with its arrays' types erased. */
  @SuppressWarnings("unchecked") // Whoever picks a loop by type passes arrays of that type.
  static <C, A> Loop ternary(Ternary<C, A> f) {
    return (a, i, b, j, c, l, o, k, n) -> f.run((C) a, i, (A) b, j, (A) c, l, (A) o, k, n);
  }
}
