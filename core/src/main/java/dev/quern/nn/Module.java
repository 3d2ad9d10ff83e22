package dev.quern.nn;

import dev.quern.Tensor;
import java.util.List;
import java.util.function.UnaryOperator;

/** A differentiable function with parameters. */
@FunctionalInterface
public interface Module {
  /** Returns the module's output for a batch of inputs. */
  Tensor forward(Tensor input);

  /** Returns the parameters in order; none unless overridden. */
  default List<Parameter> parameters() {
    return List.of();
  }

  /** Returns the parameters' tensors in order, as an optimizer takes them. */
  default List<Tensor> tensors() {
    return parameters().stream().map(Parameter::tensor).toList();
  }

  /** Returns the tensors to which an L2 penalty applies: weights, not biases. */
  default List<Tensor> weights() {
    return parameters().stream().filter(Parameter::isWeight).map(Parameter::tensor).toList();
  }

  /**
   * Switches between training and use, where modules such as {@link Dropout} and {@link BatchNorm}
   * differ; they start in training. Others do nothing.
   */
  default void train(boolean training) {}

  /** Returns a module without parameters, such as {@code Module.of(Tensor::relu)}. */
  static Module of(UnaryOperator<Tensor> function) {
    return function::apply;
  }
}
