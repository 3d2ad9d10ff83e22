package dev.quern.trainer.verify;

import static java.util.Map.entry;

import dev.quern.Tensor;
import java.util.Map;

/** Family linear-algebra. */
final class LinearAlgebraOperators {
  private LinearAlgebraOperators() {}

  static Map<String, Operator> table() {
    return Map.ofEntries(
        entry("Einsum", Operator.of(LinearAlgebraOperators::einsum)),
        entry("Gemm", Operator.of(LinearAlgebraOperators::gemm)),
        entry("MatMul", Operator.binary(Tensor::matmul)));
  }

  private static Tensor einsum(OperatorCall call) {
    Tensor[] operands = new Tensor[call.inputs()];
    for (int i = 0; i < operands.length; i++) {
      operands[i] = call.in(i);
    }
    return Tensor.einsum(call.text("equation"), operands);
  }

  /** {@code alpha * A * B + beta * C}; an integer type takes integer factors only. */
  private static Tensor gemm(OperatorCall call) {
    double alpha = call.number("alpha", 1);
    double beta = call.number("beta", 1);
    Tensor a = call.flag("transA", false) ? call.in(0).transpose() : call.in(0);
    Tensor b = call.flag("transB", false) ? call.in(1).transpose() : call.in(1);
    if (call.opset() < 7) {
      call.ignore("broadcast");
    }
    Tensor product = a.matmul(b);
    Tensor scaled = alpha == 1 ? product : product.mul(alpha);
    if (!call.has(2)) {
      return scaled;
    }
    return scaled.add(beta == 1 ? call.in(2) : call.in(2).mul(beta));
  }
}
