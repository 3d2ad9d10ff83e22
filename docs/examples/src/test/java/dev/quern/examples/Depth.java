package dev.quern.examples;

import dev.quern.DType;
import dev.quern.Scope;
import dev.quern.Tensor;
import dev.quern.random.Generator;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** Activations, their slopes, and gradients that vanish or explode on their way through layers. */
public final class Depth {
  private Depth() {}

  public static void main(String[] args) {
    // [start:slopes]
    Tensor z = Tensor.of(-4, -1, 0, 1, 4);
    System.out.println("sigmoid  " + slopes(Tensor::sigmoid, z));
    System.out.println("tanh     " + slopes(Tensor::tanh, z));
    System.out.println("relu     " + slopes(Tensor::relu, z));
    // [end:slopes]
    // [start:layers]
    print("sigmoid, scale 1  ", gradients(Tensor::sigmoid, 1));
    print("tanh, scale 1     ", gradients(Tensor::tanh, 1));
    print("relu, scale 1     ", gradients(Tensor::relu, 1));
    print("relu, scale 1.414 ", gradients(Tensor::relu, Math.sqrt(2)));
    print("relu, scale 3     ", gradients(Tensor::relu, 3));
    // [end:layers]
  }

  private static void print(String name, List<Double> norms) {
    System.out.printf("%s first %.1e, last %.1e%n", name, norms.get(0), norms.get(19));
  }

  // [start:slope]
  /** Returns an activation's slope at each z. */
  static Tensor slopes(UnaryOperator<Tensor> activation, Tensor z) {
    Tensor at = z.detach().requiresGrad(true);
    activation.apply(at).sum().backward(); // d sum / d z[i] is the slope at z[i]
    return at.grad().orElseThrow();
  }

  // [end:slope]

  // [start:gradients]
  /** Returns the length of the gradient of each of 20 layers' biases, the first layer first. */
  static List<Double> gradients(UnaryOperator<Tensor> activation, double scale) {
    Generator random = new Generator(1);
    List<Double> norms = new ArrayList<>();
    try (Scope scope = Scope.open()) {
      List<Tensor> biases = new ArrayList<>();
      Tensor h = Tensor.randn(random, DType.F32, 32, 64); // 32 samples of 64 features
      for (int layer = 0; layer < 20; layer++) {
        Tensor w = Tensor.randn(random, DType.F32, 64, 64).mul(scale / Math.sqrt(64));
        Tensor b = Tensor.zeros(64).requiresGrad(true);
        biases.add(b);
        h = activation.apply(h.matmul(w).add(b));
      }
      h.sum().backward();
      biases.forEach(b -> norms.add(b.grad().orElseThrow().norm().item()));
    }
    return norms;
  }
  // [end:gradients]
}
