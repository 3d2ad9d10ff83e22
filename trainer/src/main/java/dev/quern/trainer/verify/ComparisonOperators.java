package dev.quern.trainer.verify;

import static java.util.Map.entry;

import dev.quern.Tensor;
import java.util.Map;

/** Family comparison-logic. */
final class ComparisonOperators {
  private ComparisonOperators() {}

  static Map<String, Operator> table() {
    return Map.ofEntries(
        entry("And", Operator.binary(Tensor::and)),
        entry("Equal", Operator.binary(Tensor::eq)),
        entry("Greater", Operator.binary(Tensor::gt)),
        entry("GreaterOrEqual", Operator.binary(Tensor::ge)),
        entry("IsInf", Operator.of(ComparisonOperators::isInf)),
        entry("IsNaN", Operator.unary(Tensor::isNan)),
        entry("Less", Operator.binary(Tensor::lt)),
        entry("LessOrEqual", Operator.binary(Tensor::le)),
        entry("Not", Operator.unary(Tensor::not)),
        entry("Or", Operator.binary(Tensor::or)),
        entry("Where", Operator.of(c -> Tensor.where(c.in(0), c.in(1), c.in(2)))),
        entry("Xor", Operator.binary(Tensor::xor)));
  }

  private static Tensor isInf(OperatorCall call) {
    Tensor x = call.in(0);
    boolean positive = call.flag("detect_positive", true);
    boolean negative = call.flag("detect_negative", true);
    Tensor infinite = x.isInf();
    if (positive && negative) {
      return infinite;
    }
    Tensor wanted = positive ? x.gt(0) : negative ? x.lt(0) : x.ne(x);
    return infinite.and(wanted);
  }
}
