package dev.quern.trainer.verify;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The table of all ONNX operators that have a counterpart. */
final class Operators {
  private Operators() {}

  /** Returns the mapping of each operator by its name. */
  static Map<String, Operator> table() {
    Map<String, Operator> table = new HashMap<>();
    List.of(
            ArithmeticOperators.table(),
            ActivationOperators.table(),
            ReductionOperators.table(),
            ArgCumulativeOperators.table(),
            LinearAlgebraOperators.table(),
            ComparisonOperators.table(),
            LayoutOperators.table(),
            IndexingOperators.table(),
            NormalizationOperators.table(),
            LossOperators.table(),
            OptimizerOperators.table())
        .forEach(table::putAll);
    return Map.copyOf(table);
  }
}
