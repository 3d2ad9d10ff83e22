package dev.quern.trainer.verify;

import static java.util.Map.entry;

import dev.quern.DType;
import dev.quern.Tensor;
import java.util.Map;

/** Families arithmetic, exp-log-erf, trigonometric, rounding and cast. */
final class ArithmeticOperators {
  private ArithmeticOperators() {}

  static Map<String, Operator> table() {
    return Map.ofEntries(
        entry("Abs", Operator.unary(Tensor::abs)),
        entry("Acos", Operator.unary(Tensor::acos)),
        entry("Acosh", Operator.unary(Tensor::acosh)),
        entry("Add", Operator.binary(Tensor::add)),
        entry("Asin", Operator.unary(Tensor::asin)),
        entry("Asinh", Operator.unary(Tensor::asinh)),
        entry("Atan", Operator.unary(Tensor::atan)),
        entry("Atanh", Operator.unary(Tensor::atanh)),
        entry("Cast", Operator.of(ArithmeticOperators::cast)),
        entry("CastLike", Operator.of(ArithmeticOperators::castLike)),
        entry("Ceil", Operator.unary(Tensor::ceil)),
        entry("Cos", Operator.unary(Tensor::cos)),
        entry("Cosh", Operator.unary(Tensor::cosh)),
        entry("Div", Operator.binary(Tensor::div)),
        entry("Erf", Operator.unary(Tensor::erf)),
        entry("Exp", Operator.unary(Tensor::exp)),
        entry("Floor", Operator.unary(Tensor::floor)),
        entry("Log", Operator.unary(Tensor::log)),
        entry("Max", Operator.folding(Tensor::maximum)),
        entry("Mean", Operator.of(ArithmeticOperators::mean)),
        entry("Min", Operator.folding(Tensor::minimum)),
        entry("Mod", Operator.of(ArithmeticOperators::mod)),
        entry("Mul", Operator.binary(Tensor::mul)),
        entry("Neg", Operator.unary(Tensor::neg)),
        entry("Pow", Operator.binary(ArithmeticOperators::pow)),
        entry("Reciprocal", Operator.unary(Tensor::reciprocal)),
        entry("Round", Operator.unary(Tensor::round)),
        entry("Sign", Operator.unary(Tensor::sign)),
        entry("Sin", Operator.unary(Tensor::sin)),
        entry("Sinh", Operator.unary(Tensor::sinh)),
        entry("Sqrt", Operator.unary(Tensor::sqrt)),
        entry("Sub", Operator.binary(Tensor::sub)),
        entry("Sum", Operator.folding(Tensor::add)),
        entry("Tan", Operator.unary(Tensor::tan)));
  }

  private static Tensor mean(OperatorCall call) {
    Tensor sum = Operator.folding(Tensor::add).apply(call).get(0);
    return sum.div(call.inputs());
  }

  private static Tensor mod(OperatorCall call) {
    return call.flag("fmod", false) ? call.in(0).fmod(call.in(1)) : call.in(0).mod(call.in(1));
  }

  /** The result has the base's type; an integer base with a real exponent is computed in F64. */
  private static Tensor pow(Tensor base, Tensor exponent) {
    boolean mixed = base.dtype().isInteger() && exponent.dtype().isFloat();
    Tensor wide = mixed ? base.cast(DType.F64) : base;
    return wide.pow(exponent).cast(base.dtype());
  }

  private static Tensor cast(OperatorCall call) {
    long code = call.integer("to");
    // The codes of ONNX's TensorProto.DataType.
    DType to =
        switch ((int) code) {
          case 1 -> DType.F32;
          case 6 -> DType.I32;
          case 7 -> DType.I64;
          case 9 -> DType.BOOL;
          case 10 -> DType.F16;
          case 11 -> DType.F64;
          case 16 -> DType.BF16;
          default -> throw call.unsupported("element type " + code);
        };
    // They decide about types of 8 bits alone.
    call.ignore("saturate", "round_mode");
    return call.in(0).cast(to);
  }

  private static Tensor castLike(OperatorCall call) {
    call.ignore("saturate", "round_mode");
    return call.in(0).cast(call.in(1).dtype());
  }
}
