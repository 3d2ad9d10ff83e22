package dev.quern.trainer.verify;

import dev.quern.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;

/** ONNX operators in terms of the public API, by name. */
final class Operators {
  /** Computes an operator's outputs. */
  @FunctionalInterface
  interface Operator {
    List<Tensor> run(Call call);
  }

  private static final Map<String, Operator> ALL = new HashMap<>();

  static {
    Elementwise.register();
    ReduceOperators.register();
    LayoutOperators.register();
  }

  private Operators() {}

  static Optional<Operator> find(String name) {
    return Optional.ofNullable(ALL.get(name));
  }

  static void several(String name, Operator operator) {
    ALL.put(name, operator);
  }

  static void one(String name, java.util.function.Function<Call, Tensor> operator) {
    ALL.put(name, call -> List.of(operator.apply(call)));
  }

  static void unary(String name, UnaryOperator<Tensor> operator) {
    one(name, call -> operator.apply(call.in(0)));
  }

  static void binary(String name, BinaryOperator<Tensor> operator) {
    one(name, call -> operator.apply(call.in(0), call.in(1)));
  }

  /** Registers an operator that takes one operand or more, from the left. */
  static void variadic(String name, BinaryOperator<Tensor> operator) {
    one(name, call -> call.all().stream().reduce(operator).orElseThrow());
  }
}
