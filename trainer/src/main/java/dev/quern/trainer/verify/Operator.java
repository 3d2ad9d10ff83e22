package dev.quern.trainer.verify;

import dev.quern.Tensor;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** An ONNX operator in terms of Quern's public methods. */
@FunctionalInterface
interface Operator {
  /** Returns the outputs in the operator's order. */
  List<Tensor> apply(OperatorCall call);

  /** Returns an operator of one output. */
  static Operator of(Function<OperatorCall, Tensor> body) {
    return call -> List.of(body.apply(call));
  }

  /** Returns an operator of one input and one output. */
  static Operator unary(UnaryOperator<Tensor> body) {
    return call -> List.of(body.apply(call.in(0)));
  }

  /** Returns an operator of two inputs and one output. */
  static Operator binary(BinaryOperator<Tensor> body) {
    return call -> List.of(body.apply(call.in(0), call.in(1)));
  }

  /** Returns an operator that combines any number of inputs from the left. */
  static Operator folding(BinaryOperator<Tensor> body) {
    return call -> {
      Tensor out = call.in(0);
      for (int i = 1; i < call.inputs(); i++) {
        out = body.apply(out, call.in(i));
      }
      return List.of(out);
    };
  }
}
