package dev.quern.trainer.verify;

import static dev.quern.trainer.verify.Operators.binary;
import static dev.quern.trainer.verify.Operators.one;
import static dev.quern.trainer.verify.Operators.unary;
import static dev.quern.trainer.verify.Operators.variadic;

import dev.quern.DType;
import dev.quern.Tensor;
import dev.quern.nn.Activations;

/** Arithmetic, comparisons, logic, rounding and activations. */
final class Elementwise {
  private Elementwise() {}

  static void register() {
    arithmetic();
    comparisons();
    activations();
  }

  private static void arithmetic() {
    unary("Abs", Tensor::abs);
    unary("Neg", Tensor::neg);
    unary("Sign", Tensor::sign);
    unary("Sqrt", Tensor::sqrt);
    unary("Reciprocal", Tensor::reciprocal);
    unary("Exp", Tensor::exp);
    unary("Log", Tensor::log);
    unary("Erf", Tensor::erf);
    unary("Ceil", Tensor::ceil);
    unary("Floor", Tensor::floor);
    unary("Round", Tensor::round);
    unary("Identity", Tensor::detach);
    binary("Add", Tensor::add);
    binary("Sub", Tensor::sub);
    binary("Mul", Tensor::mul);
    binary("Div", Tensor::div);
    binary("Pow", Elementwise::pow);
    variadic("Sum", Tensor::add);
    variadic("Max", Tensor::maximum);
    variadic("Min", Tensor::minimum);
    one("Mean", c -> c.all().stream().reduce(Tensor::add).orElseThrow().div(c.inputs().size()));
    one("Mod", c -> c.flag("fmod", false) ? c.in(0).fmod(c.in(1)) : c.in(0).mod(c.in(1)));
    one("Cast", c -> c.in(0).cast(onnxType(c.integer("to", 1))));
  }

  private static DType onnxType(int code) {
    return switch (code) {
      case 1 -> DType.F32;
      case 6 -> DType.I32;
      case 7 -> DType.I64;
      case 9 -> DType.BOOL;
      case 11 -> DType.F64;
      default -> throw new IllegalArgumentException("type code " + code + " is not supported");
    };
  }

  // The result has the base's type; an integer base under a fraction needs a double's precision.
  private static Tensor pow(Tensor base, Tensor exponent) {
    boolean wide = !base.dtype().isFloat() && exponent.dtype().isFloat();
    Tensor b = wide ? base.cast(DType.F64) : base;
    return b.pow(exponent).cast(base.dtype());
  }

  private static void comparisons() {
    binary("Equal", Tensor::eq);
    binary("Greater", Tensor::gt);
    binary("GreaterOrEqual", Tensor::ge);
    binary("Less", Tensor::lt);
    binary("LessOrEqual", Tensor::le);
    binary("And", Tensor::and);
    binary("Or", Tensor::or);
    binary("Xor", Tensor::xor);
    unary("Not", Tensor::not);
    unary("IsNaN", Tensor::isNan);
    one("Where", c -> Tensor.where(c.in(0), c.in(1), c.in(2)));
    one(
        "IsInf",
        c -> {
          Tensor x = c.in(0);
          Tensor up = x.gt(0).and(x.isInf());
          Tensor down = x.lt(0).and(x.isInf());
          boolean wantsUp = c.flag("detect_positive", true);
          boolean wantsDown = c.flag("detect_negative", true);
          Tensor none = up.zerosLike();
          return (wantsUp ? up : none).or(wantsDown ? down : none);
        });
  }

  private static void activations() {
    unary("Relu", Tensor::relu);
    unary("Sigmoid", Tensor::sigmoid);
    unary("Tanh", Tensor::tanh);
    unary("Softplus", Tensor::softplus);
    unary("Softsign", Activations::softsign);
    unary("Mish", Activations::mish);
    unary("HardSwish", Activations::hardSwish);
    binary("PRelu", Tensor::prelu);
    one("LeakyRelu", c -> c.in(0).leakyRelu(c.number("alpha", 0.01)));
    one("Elu", c -> c.in(0).elu(c.number("alpha", 1)));
    one("Celu", c -> Activations.celu(c.in(0), c.number("alpha", 1)));
    one("Swish", c -> Activations.swish(c.in(0), c.number("alpha", 1)));
    one("ThresholdedRelu", c -> Activations.thresholdedRelu(c.in(0), c.number("alpha", 1)));
    one(
        "HardSigmoid",
        c -> Activations.hardSigmoid(c.in(0), c.number("alpha", 0.2), c.number("beta", 0.5)));
    one("Shrink", c -> Activations.shrink(c.in(0), c.number("lambd", 0.5), c.number("bias", 0)));
    one(
        "Gelu",
        c ->
            c.text("approximate", "none").equals("tanh")
                ? Activations.geluTanh(c.in(0))
                : c.in(0).gelu());
    one(
        "Selu",
        c ->
            c.attributes().size() == 0
                ? c.in(0).selu()
                : c.in(0)
                    .elu(c.number("alpha", 1.6732631921768188))
                    .mul(c.number("gamma", 1.0507010221481323)));
    one("Clip", Elementwise::clip);
  }

  private static Tensor clip(Call c) {
    Tensor low = c.optional(1);
    Tensor high = c.optional(2);
    if (low != null && high != null) {
      return c.in(0).clamp(low, high);
    }
    return c.in(0)
        .clamp(
            low == null ? Double.NEGATIVE_INFINITY : low.item(),
            high == null ? Double.POSITIVE_INFINITY : high.item());
  }
}
