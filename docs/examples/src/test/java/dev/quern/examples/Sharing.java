package dev.quern.examples;

import dev.quern.Tensor;
import java.util.Arrays;

/** Tensors, their shapes, and arrays that they share memory with. */
public final class Sharing {
  private Sharing() {}

  public static void main(String[] args) {
    // [start:tensors]
    Tensor matrix = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
    System.out.println(matrix);
    System.out.println(matrix.shape() + " " + matrix.dtype() + " on " + matrix.device().id());
    System.out.println(matrix.sum(0)); // down the columns
    System.out.println(matrix.add(Tensor.of(10, 20, 30))); // [2, 3] and [3]: to each row
    System.out.println(matrix.gt(3));
    System.out.println(Tensor.arange(3).add(matrix.slice(0, 0, 1))); // I64 and F32 make F32
    // [end:tensors]
    // [start:errors]
    try {
      matrix.matmul(matrix);
    } catch (IllegalArgumentException e) {
      System.out.println(e.getMessage());
    }
    // [end:errors]
    // [start:copies]
    float[] values = {1, 2, 3};
    Tensor copy = Tensor.of(values, 3); // has elements of its own
    Tensor shared = Tensor.wrap(values, 3); // has the array's
    values[0] = 100;
    System.out.println("copy   " + Arrays.toString(copy.toFloatArray()));
    System.out.println("shared " + Arrays.toString(shared.toFloatArray()));
    // [end:copies]
    // [start:writes]
    shared.assign(Tensor.of(7, 8, 9)); // writes through to the array
    System.out.println("array  " + Arrays.toString(values));
    Tensor doubled = shared.mul(2); // computed at once, since the array may change
    values[0] = 0;
    System.out.println("doubled " + Arrays.toString(doubled.toFloatArray()));
    // [end:writes]
  }
}
