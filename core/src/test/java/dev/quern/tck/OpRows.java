package dev.quern.tck;

import static dev.quern.tck.OpRow.Kind.COMPARE;
import static dev.quern.tck.OpRow.Kind.LOGIC;
import static dev.quern.tck.OpRow.Kind.NUMERIC;
import static dev.quern.tck.OpRow.Kind.SELECT;
import static dev.quern.tck.OpRow.binary;
import static dev.quern.tck.OpRow.floating;
import static dev.quern.tck.OpRow.ternary;
import static dev.quern.tck.OpRow.unary;

import dev.quern.DType;
import dev.quern.Tensor;
import dev.quern.spi.Op;
import java.util.ArrayList;
import java.util.List;

/** The rows: one for each table op, then those that are composed of them. */
final class OpRows {
  private static final String PROMISED = "the bound that is promised for F32 routines";
  private static final String F64_ROUTINE = PROMISED + "; F64 comes from a double routine";

  private OpRows() {}

  static List<OpRow> all() {
    List<OpRow> rows = new ArrayList<>();
    rows.addAll(exactUnary());
    rows.addAll(routines());
    rows.addAll(circularAndHyperbolic());
    rows.addAll(arithmetic());
    rows.addAll(comparisons());
    rows.addAll(selections());
    rows.addAll(scalars());
    rows.addAll(composed());
    return rows;
  }

  private static List<OpRow> exactUnary() {
    return List.of(
        unary("neg", Op.NEG, NUMERIC, Tensor::neg, x -> -x, x -> -x).gradient(-3, 3),
        unary("abs", Op.ABS, NUMERIC, Tensor::abs, Math::abs, Math::abs).gradient(-3, 3),
        unary("sign", Op.SIGN, NUMERIC, Tensor::sign, Math::signum, Long::signum).gradient(-3, 3),
        unary("relu", Op.RELU, NUMERIC, Tensor::relu, x -> x < 0 ? 0 : x, x -> x < 0 ? 0 : x)
            .gradient(-3, 3),
        unary("floor", Op.FLOOR, NUMERIC, Tensor::floor, Math::floor, x -> x).gradient(-3, 3),
        unary("ceil", Op.CEIL, NUMERIC, Tensor::ceil, Math::ceil, x -> x).gradient(-3, 3),
        unary("round", Op.ROUND, NUMERIC, Tensor::round, Math::rint, x -> x).gradient(-3, 3),
        unary("trunc", Op.TRUNC, NUMERIC, Tensor::trunc, OpRows::trunc, x -> x).gradient(-3, 3),
        unary("isNan", Op.IS_NAN, COMPARE, Tensor::isNan, x -> bit(Double.isNaN(x)), x -> 0),
        unary("isInf", Op.IS_INF, COMPARE, Tensor::isInf, x -> bit(Double.isInfinite(x)), x -> 0),
        unary("not", Op.NOT, LOGIC, Tensor::not, x -> 1 - x, x -> 1 - x),
        floating("sqrt", Op.SQRT, Tensor::sqrt, Math::sqrt).on(0, 1000).gradient(0.1, 9));
  }

  private static List<OpRow> routines() {
    return List.of(
        floating("exp", Op.EXP, Tensor::exp, StrictMath::exp)
            .on(-105, 90)
            .within(1.5, 2, F64_ROUTINE)
            .gradient(-2, 2),
        floating("expm1", Op.EXPM1, Tensor::expm1, StrictMath::expm1)
            .on(-20, 90)
            .within(2, 2, F64_ROUTINE)
            .gradient(-2, 2),
        floating("log", Op.LOG, Tensor::log, StrictMath::log)
            .on(0, 10)
            .within(1.5, 2, F64_ROUTINE)
            .gradient(0.1, 5),
        floating("log1p", Op.LOG1P, Tensor::log1p, StrictMath::log1p)
            .on(-1, 10)
            .within(2, 2, F64_ROUTINE)
            .gradient(-0.5, 5),
        floating("tanh", Op.TANH, Tensor::tanh, StrictMath::tanh)
            .on(-10, 10)
            .within(1.5, 4, F64_ROUTINE)
            .gradient(-2, 2),
        floating("sigmoid", Op.SIGMOID, Tensor::sigmoid, TrueMath::sigmoid)
            .on(-105, 90)
            .within(2, 4, F64_ROUTINE)
            .gradient(-3, 3),
        floating("erf", Op.ERF, Tensor::erf, TrueMath::erf)
            .on(-5, 5)
            .within(2, 8, F64_ROUTINE + "; the oracle itself is good to a few ulp")
            .gradient(-2, 2),
        floating("softplus", Op.SOFTPLUS, Tensor::softplus, TrueMath::softplus)
            .on(-105, 90)
            .within(2, 4, F64_ROUTINE)
            .gradient(-3, 3));
  }

  private static List<OpRow> circularAndHyperbolic() {
    return List.of(
        floating("sin", Op.SIN, Tensor::sin, StrictMath::sin)
            .on(-300, 300)
            .within(2, 4, F64_ROUTINE)
            .gradient(-3, 3),
        floating("cos", Op.COS, Tensor::cos, StrictMath::cos)
            .on(-300, 300)
            .within(2, 4, F64_ROUTINE)
            .gradient(-3, 3),
        floating("tan", Op.TAN, Tensor::tan, StrictMath::tan)
            .on(-300, 300)
            .within(2, 4, F64_ROUTINE)
            .gradient(-1.2, 1.2),
        floating("asin", Op.ASIN, Tensor::asin, StrictMath::asin)
            .on(-1, 1)
            .within(2, 4, F64_ROUTINE)
            .gradient(-0.9, 0.9),
        floating("acos", Op.ACOS, Tensor::acos, StrictMath::acos)
            .on(-1, 1)
            .within(2, 4, F64_ROUTINE)
            .gradient(-0.9, 0.9),
        floating("atan", Op.ATAN, Tensor::atan, StrictMath::atan)
            .on(-100, 100)
            .within(2, 4, F64_ROUTINE)
            .gradient(-3, 3),
        floating("sinh", Op.SINH, Tensor::sinh, StrictMath::sinh)
            .on(-90, 90)
            .within(2, 4, F64_ROUTINE)
            .gradient(-2, 2),
        floating("cosh", Op.COSH, Tensor::cosh, StrictMath::cosh)
            .on(-90, 90)
            .within(2, 4, F64_ROUTINE)
            .gradient(-2, 2),
        floating("asinh", Op.ASINH, Tensor::asinh, TrueMath::asinh)
            .on(-100, 100)
            .within(2, 4, F64_ROUTINE)
            .gradient(-3, 3),
        floating("acosh", Op.ACOSH, Tensor::acosh, TrueMath::acosh)
            .on(1, 100)
            .within(2, 4, F64_ROUTINE)
            .gradient(1.2, 5),
        floating("atanh", Op.ATANH, Tensor::atanh, TrueMath::atanh)
            .on(-1, 1)
            .within(2, 4, F64_ROUTINE)
            .gradient(-0.8, 0.8));
  }

  private static List<OpRow> arithmetic() {
    return List.of(
        binary("add", Op.ADD, NUMERIC, Tensor::add, Double::sum, Long::sum).gradient(-3, 3),
        binary("sub", Op.SUB, NUMERIC, Tensor::sub, (a, b) -> a - b, (a, b) -> a - b)
            .gradient(-3, 3),
        binary("mul", Op.MUL, NUMERIC, Tensor::mul, (a, b) -> a * b, (a, b) -> a * b)
            .gradient(-3, 3),
        binary("div", Op.DIV, NUMERIC, Tensor::div, (a, b) -> a / b, TrueMath::divide)
            .gradient(0, -3, 3)
            .gradient(1, 0.5, 3),
        binary("pow", Op.POW, NUMERIC, Tensor::pow, TrueMath::pow, TrueMath::pow)
            .on(0, 0, 20)
            .on(1, -12, 12)
            .within(2, 4, F64_ROUTINE)
            .gradient(0, 0.3, 3)
            .gradient(1, -2, 2),
        binary("maximum", Op.MAX, NUMERIC, Tensor::maximum, Math::max, Math::max).gradient(-3, 3),
        binary("minimum", Op.MIN, NUMERIC, Tensor::minimum, Math::min, Math::min).gradient(-3, 3),
        binary("mod", Op.MOD, NUMERIC, Tensor::mod, TrueMath::mod, TrueMath::mod)
            .gradient(0, -5, 5)
            .gradient(1, 1, 3),
        binary("fmod", Op.FMOD, NUMERIC, Tensor::fmod, (a, b) -> a % b, TrueMath::remainder)
            .gradient(0, -5, 5)
            .gradient(1, 1, 3),
        binary("and", Op.AND, LOGIC, Tensor::and, (a, b) -> a * b, (a, b) -> a & b),
        binary("or", Op.OR, LOGIC, Tensor::or, Math::max, (a, b) -> a | b),
        binary("xor", Op.XOR, LOGIC, Tensor::xor, (a, b) -> a == b ? 0 : 1, (a, b) -> a ^ b));
  }

  private static List<OpRow> comparisons() {
    List<OpRow> rows =
        List.of(
            binary(
                "eq", Op.EQ, COMPARE, Tensor::eq, (a, b) -> bit(a == b), (a, b) -> whole(a == b)),
            binary(
                "ne", Op.NE, COMPARE, Tensor::ne, (a, b) -> bit(a != b), (a, b) -> whole(a != b)),
            binary("lt", Op.LT, COMPARE, Tensor::lt, (a, b) -> bit(a < b), (a, b) -> whole(a < b)),
            binary(
                "le", Op.LE, COMPARE, Tensor::le, (a, b) -> bit(a <= b), (a, b) -> whole(a <= b)),
            binary("gt", Op.GT, COMPARE, Tensor::gt, (a, b) -> bit(a > b), (a, b) -> whole(a > b)),
            binary(
                "ge", Op.GE, COMPARE, Tensor::ge, (a, b) -> bit(a >= b), (a, b) -> whole(a >= b)));
    // A narrow interval, so that F32 values meet.
    rows.forEach(row -> row.on(0, 1e-6));
    return rows;
  }

  private static List<OpRow> selections() {
    return List.of(
        ternary(
                "where",
                Op.WHERE,
                SELECT,
                x -> Tensor.where(x[0], x[1], x[2]),
                x -> x[0] != 0 ? x[1] : x[2],
                x -> x[0] != 0 ? x[1] : x[2])
            .gradient(-3, 3),
        ternary(
                "clamp",
                Op.CLAMP,
                NUMERIC,
                x -> x[0].clamp(x[1], x[2]),
                x -> Math.min(Math.max(x[0], x[1]), x[2]),
                x -> Math.min(Math.max(x[0], x[1]), x[2]))
            .gradient(-3, 3));
  }

  private static List<OpRow> scalars() {
    return List.of(
        unary("add scalar", null, NUMERIC, x -> x.add(3), x -> x + 3, x -> x + 3).gradient(-3, 3),
        unary("sub scalar", null, NUMERIC, x -> x.sub(3), x -> x - 3, x -> x - 3).gradient(-3, 3),
        unary("mul scalar", null, NUMERIC, x -> x.mul(-3), x -> x * -3, x -> x * -3)
            .gradient(-3, 3),
        unary("div scalar", null, NUMERIC, x -> x.div(3), x -> x / 3, x -> x / 3).gradient(-3, 3),
        unary("div 0", null, NUMERIC, x -> x.div(0), x -> x / 0.0, x -> 0),
        unary("maximum scalar", null, NUMERIC, x -> x.maximum(2), x -> Math.max(x, 2), OpRows::max2)
            .gradient(-3, 3),
        unary("minimum scalar", null, NUMERIC, x -> x.minimum(2), x -> Math.min(x, 2), OpRows::min2)
            .gradient(-3, 3),
        unary("mod scalar", null, NUMERIC, x -> x.mod(-3), x -> TrueMath.mod(x, -3), OpRows::mod3)
            .gradient(-5, 5),
        unary("fmod scalar", null, NUMERIC, x -> x.fmod(-3), x -> x % -3, x -> x % -3)
            .gradient(-5, 5),
        unary("eq scalar", null, COMPARE, x -> x.eq(1), x -> bit(x == 1), x -> whole(x == 1)),
        unary("ne scalar", null, COMPARE, x -> x.ne(1), x -> bit(x != 1), x -> whole(x != 1)),
        unary("lt scalar", null, COMPARE, x -> x.lt(1), x -> bit(x < 1), x -> whole(x < 1)),
        unary("le scalar", null, COMPARE, x -> x.le(0), x -> bit(x <= 0), x -> whole(x <= 0)),
        unary("gt scalar", null, COMPARE, x -> x.gt(0), x -> bit(x > 0), x -> whole(x > 0)),
        unary("ge scalar", null, COMPARE, x -> x.ge(1), x -> bit(x >= 1), x -> whole(x >= 1)),
        unary("pow 3", null, NUMERIC, x -> x.pow(3), x -> TrueMath.pow(x, 3), x -> x * x * x)
            .within(2, 4, F64_ROUTINE)
            .gradient(-3, 3),
        unary("pow 0", null, NUMERIC, x -> x.pow(0), x -> 1, x -> 1).gradient(-3, 3),
        floating("pow 0.5", null, x -> floats(x).pow(0.5), x -> TrueMath.pow(x, 0.5))
            .on(0, 100)
            .within(2, 4, F64_ROUTINE)
            .gradient(0.1, 5),
        unary("clamp scalars", null, NUMERIC, x -> x.clamp(-2, 7), OpRows::clamp, OpRows::clamp)
            .gradient(-4, 9),
        unary(
                "clamp below",
                null,
                NUMERIC,
                x -> x.clamp(-2, Double.POSITIVE_INFINITY),
                x -> Math.max(x, -2),
                x -> Math.max(x, -2))
            .gradient(-4, 9),
        unary("clamp crossed", null, NUMERIC, x -> x.clamp(5, 1), OpRows::crossed, x -> 1));
  }

  private static List<OpRow> composed() {
    return List.of(
        unary("square", null, NUMERIC, Tensor::square, x -> x * x, x -> x * x).gradient(-3, 3),
        floating("reciprocal", null, Tensor::reciprocal, x -> 1 / x).gradient(0.5, 3),
        floating("leakyRelu", null, x -> x.leakyRelu(0.125), x -> x > 0 ? x : x * 0.125)
            .gradient(-3, 3),
        binary("prelu", null, NUMERIC, Tensor::prelu, (x, s) -> x > 0 ? x : x * s, OpRows::prelu)
            .gradient(-3, 3),
        floating("elu", null, x -> x.elu(1), x -> x > 0 ? x : StrictMath.expm1(x))
            .on(-20, 20)
            .within(2, 2, "expm1, everything else is exact")
            .gradient(-3, 3),
        floating("elu 0.5", null, x -> x.elu(0.5), x -> x > 0 ? x : 0.5 * StrictMath.expm1(x))
            .on(-20, 20)
            .within(2.5, 2.5, "expm1, and half an ulp where a subnormal is halved")
            .gradient(-3, 3),
        floating("selu", null, Tensor::selu, OpRows::selu)
            .on(-20, 20)
            .within(6, 6, "expm1, two rounded constants and two products")
            .gradient(-3, 3),
        floating("gelu", null, Tensor::gelu, OpRows::gelu)
            .on(-6, 6)
            .within(
                Bound.ulps(2, 4).plus(Bound.ofOperand(4)),
                "erf + 1 cancels for negative x: the error is relative to x")
            .gradient(-3, 3),
        floating("silu", null, Tensor::silu, x -> x * TrueMath.sigmoid(x))
            .on(-105, 90)
            .within(
                Bound.ulps(3, 6).plus((exact, x, dtype) -> Math.abs(x[0]) * 2 * Bound.tiny(dtype)),
                "sigmoid and a product; a subnormal sigmoid has few bits")
            .gradient(-3, 3));
  }

  private static Tensor floats(Tensor x) {
    return x.dtype().isFloat() ? x : x.cast(DType.F32);
  }

  private static double bit(boolean value) {
    return value ? 1 : 0;
  }

  private static long whole(boolean value) {
    return value ? 1 : 0;
  }

  private static double trunc(double x) {
    return x < 0 ? Math.ceil(x) : Math.floor(x);
  }

  private static long max2(long x) {
    return Math.max(x, 2);
  }

  private static long min2(long x) {
    return Math.min(x, 2);
  }

  private static long mod3(long x) {
    return Math.floorMod(x, -3L);
  }

  private static double clamp(double x) {
    return Math.min(Math.max(x, -2), 7);
  }

  private static long clamp(long x) {
    return Math.min(Math.max(x, -2), 7);
  }

  private static double crossed(double x) {
    return Double.isNaN(x) ? x : 1;
  }

  private static long prelu(long x, long slope) {
    return x > 0 ? x : x * slope;
  }

  private static double selu(double x) {
    double scale = 1.0507009873554805;
    return x > 0 ? scale * x : scale * 1.6732632423543772 * StrictMath.expm1(x);
  }

  private static double gelu(double x) {
    // For negative x 1 + erf cancels in double too, far below the bound for F32.
    return x * 0.5 * (1 + TrueMath.erf(x * Math.sqrt(0.5)));
  }
}
