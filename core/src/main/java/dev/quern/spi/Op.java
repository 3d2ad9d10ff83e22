package dev.quern.spi;

import dev.quern.DType;
import dev.quern.Tensor;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The op table: one row per elementwise operation, with its arity, its types, a C expression valid
 * in OpenCL C and CUDA C, and its gradient, one rule per operand.
 *
 * <p>In an expression {@code a}, {@code b}, {@code c} are the operands, {@code T} is the result's
 * type, and {@code q_} functions are Quern's own routines, overloaded by type. Every backend gives
 * the same bits in F32.
 *
 * <p>Integers wrap. Integer division truncates; a division or remainder by zero gives 0. Casts from
 * floating types truncate towards zero and saturate, NaN gives 0; casts to BOOL give {@code a !=
 * 0}. Comparisons with NaN are false, except {@link #NE}.
 */
public enum Op {
  /** {@code -a}. */
  NEG(1, Typing.NUMERIC, Saves.NOTHING, "-a", (g, x, y) -> g.neg()),
  /** {@code |a|}; the gradient at 0 is 0. */
  ABS(1, Typing.NUMERIC, Saves.INPUTS, "q_abs(a)", (g, x, y) -> g.mul(x.get(0).sign())),
  /** -1, 0 or 1; keeps -0.0 and NaN. */
  SIGN(1, Typing.NUMERIC, Saves.NOTHING, "q_sign(a)", (g, x, y) -> g.zerosLike()),
  /** The correctly rounded square root. */
  SQRT(1, Typing.FLOAT, Saves.OUTPUT, "q_sqrt(a)", (g, x, y) -> g.div(y.mul(2))),
  /** {@code e^a}. */
  EXP(1, Typing.FLOAT, Saves.OUTPUT, "q_exp(a)", (g, x, y) -> g.mul(y)),
  /** {@code e^a - 1}, accurate near 0. */
  EXPM1(1, Typing.FLOAT, Saves.OUTPUT, "q_expm1(a)", (g, x, y) -> g.mul(y.add(1))),
  /** The natural logarithm. */
  LOG(1, Typing.FLOAT, Saves.INPUTS, "q_log(a)", (g, x, y) -> g.div(x.get(0))),
  /** {@code log(1 + a)}, accurate near 0. */
  LOG1P(1, Typing.FLOAT, Saves.INPUTS, "q_log1p(a)", (g, x, y) -> g.div(x.get(0).add(1))),
  /** The hyperbolic tangent. */
  TANH(1, Typing.FLOAT, Saves.OUTPUT, "q_tanh(a)", (g, x, y) -> g.mul(oneMinus(y.square()))),
  /** {@code 1 / (1 + e^-a)}. */
  SIGMOID(1, Typing.FLOAT, Saves.OUTPUT, "q_sigmoid(a)", (g, x, y) -> g.mul(y).mul(oneMinus(y))),
  /** The sine of radians. */
  SIN(1, Typing.FLOAT, Saves.INPUTS, "q_sin(a)", (g, x, y) -> g.mul(x.get(0).cos())),
  /** The cosine of radians. */
  COS(1, Typing.FLOAT, Saves.INPUTS, "q_cos(a)", (g, x, y) -> g.mul(x.get(0).sin()).neg()),
  /** The tangent of radians. */
  TAN(1, Typing.FLOAT, Saves.OUTPUT, "q_tan(a)", (g, x, y) -> g.mul(y.square().add(1))),
  /** The arc sine in radians, NaN beyond 1. */
  ASIN(1, Typing.FLOAT, Saves.INPUTS, "q_asin(a)", (g, x, y) -> g.div(legOf(x.get(0)))),
  /** The arc cosine in radians, NaN beyond 1. */
  ACOS(1, Typing.FLOAT, Saves.INPUTS, "q_acos(a)", (g, x, y) -> g.div(legOf(x.get(0))).neg()),
  /** The arc tangent in radians. */
  ATAN(1, Typing.FLOAT, Saves.INPUTS, "q_atan(a)", (g, x, y) -> g.div(x.get(0).square().add(1))),
  /** The hyperbolic sine. */
  SINH(1, Typing.FLOAT, Saves.INPUTS, "q_sinh(a)", (g, x, y) -> g.mul(x.get(0).cosh())),
  /** The hyperbolic cosine. */
  COSH(1, Typing.FLOAT, Saves.INPUTS, "q_cosh(a)", (g, x, y) -> g.mul(x.get(0).sinh())),
  /** The inverse hyperbolic sine. */
  ASINH(
      1,
      Typing.FLOAT,
      Saves.INPUTS,
      "q_asinh(a)",
      (g, x, y) -> g.div(x.get(0).square().add(1).sqrt())),
  /** The inverse hyperbolic cosine, which is not negative; NaN below 1. */
  ACOSH(
      1,
      Typing.FLOAT,
      Saves.INPUTS,
      "q_acosh(a)",
      // NOTE: the root of each factor, since their product may overflow
      (g, x, y) -> g.div(x.get(0).sub(1).sqrt()).div(x.get(0).add(1).sqrt())),
  /** The inverse hyperbolic tangent, NaN beyond 1. */
  ATANH(
      1,
      Typing.FLOAT,
      Saves.INPUTS,
      "q_atanh(a)",
      (g, x, y) -> g.div(oneMinus(x.get(0)).mul(x.get(0).add(1)))),
  /** The error function {@code 2/sqrt(pi) * integral of e^(-t^2) from 0 to a}. */
  ERF(
      1,
      Typing.FLOAT,
      Saves.INPUTS,
      "q_erf(a)",
      (g, x, y) -> g.mul(x.get(0).square().neg().exp()).mul(2 / Math.sqrt(Math.PI))),
  /** {@code max(a, 0)}; NaN stays NaN. The gradient at 0 is 0. */
  RELU(
      1,
      Typing.NUMERIC,
      Saves.OUTPUT,
      "a < 0 ? (T)0 : a",
      (g, x, y) -> Tensor.where(y.gt(0), g, g.zerosLike())),
  /** {@code log(1 + e^a)}. */
  SOFTPLUS(1, Typing.FLOAT, Saves.INPUTS, "q_softplus(a)", (g, x, y) -> g.mul(x.get(0).sigmoid())),
  /** The greatest integer not above {@code a}. */
  FLOOR(1, Typing.NUMERIC, Saves.NOTHING, "q_floor(a)", (g, x, y) -> g.zerosLike()),
  /** The least integer not below {@code a}. */
  CEIL(1, Typing.NUMERIC, Saves.NOTHING, "q_ceil(a)", (g, x, y) -> g.zerosLike()),
  /** The nearest integer, ties to even. */
  ROUND(1, Typing.NUMERIC, Saves.NOTHING, "q_rint(a)", (g, x, y) -> g.zerosLike()),
  /** The integer part. */
  TRUNC(1, Typing.NUMERIC, Saves.NOTHING, "q_trunc(a)", (g, x, y) -> g.zerosLike()),
  /** Conversion to the result's type. */
  CAST(1, Typing.CAST, Saves.NOTHING, "q_cast(a)", (g, x, y) -> g),
  /** Whether {@code a} is NaN. */
  IS_NAN(1, Typing.COMPARE, Saves.NOTHING, "a != a"),
  /** Whether {@code a} is infinite. */
  IS_INF(1, Typing.COMPARE, Saves.NOTHING, "q_isinf(a)"),
  /** Logical negation. */
  NOT(1, Typing.LOGIC, Saves.NOTHING, "!a"),

  /** {@code a + b}. */
  ADD(2, Typing.NUMERIC, Saves.NOTHING, "a + b", (g, x, y) -> g, (g, x, y) -> g),
  /** {@code a - b}. */
  SUB(2, Typing.NUMERIC, Saves.NOTHING, "a - b", (g, x, y) -> g, (g, x, y) -> g.neg()),
  /** {@code a * b}. */
  MUL(
      2,
      Typing.NUMERIC,
      Saves.INPUTS,
      "a * b",
      (g, x, y) -> g.mul(x.get(1)),
      (g, x, y) -> g.mul(x.get(0))),
  /** {@code a / b}, correctly rounded; truncating for integers, 0 where b is 0. */
  DIV(
      2,
      Typing.NUMERIC,
      Saves.INPUTS,
      "q_div(a, b)",
      (g, x, y) -> g.div(x.get(1)),
      (g, x, y) -> g.neg().mul(x.get(0).div(x.get(1))).div(x.get(1))),
  /**
   * {@code a^b}, special cases as in C99. For integers a wrapping product; a negative exponent
   * gives the truncated reciprocal, 0 for a base of 0.
   */
  POW(
      2,
      Typing.NUMERIC,
      Saves.INPUTS,
      "q_pow(a, b)",
      (g, x, y) ->
          Tensor.where(
              x.get(1).eq(0), g.zerosLike(), g.mul(x.get(1)).mul(x.get(0).pow(x.get(1).sub(1)))),
      (g, x, y) ->
          Tensor.where(
              x.get(0).eq(0).and(x.get(1).ge(0)),
              g.zerosLike(),
              g.mul(x.get(0).pow(x.get(1))).mul(x.get(0).log()))),
  /** The greater operand, NaN if either is NaN. A tie halves the gradient. */
  MAX(
      2,
      Typing.NUMERIC,
      Saves.INPUTS,
      "q_max(a, b)",
      (g, x, y) -> shareOfGreater(g, x.get(0), x.get(1)),
      (g, x, y) -> shareOfGreater(g, x.get(1), x.get(0))),
  /** The lesser operand, NaN if either is NaN. A tie halves the gradient. */
  MIN(
      2,
      Typing.NUMERIC,
      Saves.INPUTS,
      "q_min(a, b)",
      (g, x, y) -> shareOfGreater(g, x.get(1), x.get(0)),
      (g, x, y) -> shareOfGreater(g, x.get(0), x.get(1))),
  /** The remainder with the divisor's sign, as Python's {@code %}; 0 for an integer b of 0. */
  MOD(
      2,
      Typing.NUMERIC,
      Saves.INPUTS,
      "q_mod(a, b)",
      (g, x, y) -> g,
      (g, x, y) -> g.neg().mul(x.get(0).div(x.get(1)).floor())),
  /** The remainder with the dividend's sign, as C's {@code fmod}; 0 for an integer b of 0. */
  FMOD(
      2,
      Typing.NUMERIC,
      Saves.INPUTS,
      "q_fmod(a, b)",
      (g, x, y) -> g,
      (g, x, y) -> g.neg().mul(x.get(0).div(x.get(1)).trunc())),
  /** {@code a == b}. */
  EQ(2, Typing.COMPARE, Saves.NOTHING, "a == b"),
  /** {@code a != b}. */
  NE(2, Typing.COMPARE, Saves.NOTHING, "a != b"),
  /** {@code a < b}. */
  LT(2, Typing.COMPARE, Saves.NOTHING, "a < b"),
  /** {@code a <= b}. */
  LE(2, Typing.COMPARE, Saves.NOTHING, "a <= b"),
  /** {@code a > b}. */
  GT(2, Typing.COMPARE, Saves.NOTHING, "a > b"),
  /** {@code a >= b}. */
  GE(2, Typing.COMPARE, Saves.NOTHING, "a >= b"),
  /** Logical and. */
  AND(2, Typing.LOGIC, Saves.NOTHING, "a & b"),
  /** Logical or. */
  OR(2, Typing.LOGIC, Saves.NOTHING, "a | b"),
  /** Logical exclusive or. */
  XOR(2, Typing.LOGIC, Saves.NOTHING, "a ^ b"),

  /** {@code b} where the BOOL {@code a} is true, else {@code c}. */
  WHERE(
      3,
      Typing.SELECT,
      Saves.INPUTS,
      "a ? b : c",
      null,
      (g, x, y) -> Tensor.where(x.get(0), g, g.zerosLike()),
      (g, x, y) -> Tensor.where(x.get(0), g.zerosLike(), g)),
  /**
   * {@code min(max(a, b), c)}; NaN stays NaN; c where b exceeds c. The gradient passes where {@code
   * b <= a <= c}.
   */
  CLAMP(
      3,
      Typing.NUMERIC,
      Saves.INPUTS,
      "q_clamp(a, b, c)",
      (g, x, y) -> Tensor.where(x.get(0).ge(x.get(1)).and(x.get(0).le(x.get(2))), g, g.zerosLike()),
      (g, x, y) -> Tensor.where(x.get(0).lt(x.get(1)).and(x.get(1).le(x.get(2))), g, g.zerosLike()),
      (g, x, y) -> Tensor.where(x.get(0).gt(x.get(2)).or(x.get(1).gt(x.get(2))), g, g.zerosLike()));

  /** Which operands an operation takes and what it returns. */
  public enum Typing {
    /** Operands of one type other than BOOL; the result has it too. */
    NUMERIC,
    /** Floating operands of one type, integers become F32 first; the result has that type. */
    FLOAT,
    /** BOOL operands and result. */
    LOGIC,
    /** Operands of one type, whichever; a BOOL result. */
    COMPARE,
    /** BOOL, then two operands of one type, which the result has too. */
    SELECT,
    /** Any operand, any result. */
    CAST
  }

  /** Which values a gradient needs, so that no others are kept alive. */
  public enum Saves {
    /** Only the gradient of the result. */
    NOTHING,
    /** The operands. */
    INPUTS,
    /** The result. */
    OUTPUT
  }

  /** The gradient with respect to one operand, as tensor expressions. */
  @FunctionalInterface
  public interface Rule {
    /**
     * Returns the gradient with respect to the operand, in the result's shape; the caller sums it
     * over broadcast axes.
     *
     * @param gradient the gradient with respect to the result
     * @param inputs the operands, empty unless the row saves {@link Saves#INPUTS}
     * @param output the result; the gradient itself unless the row saves {@link Saves#OUTPUT}
     */
    Tensor apply(Tensor gradient, List<Tensor> inputs, Tensor output);
  }

  private final int arity;
  private final Typing typing;
  private final Saves saves;
  private final String expression;
  private final String label = name().toLowerCase(Locale.ROOT);

  // Never written after construction.
  @SuppressWarnings("ImmutableEnumChecker")
  private final @Nullable Rule[] rules;

  Op(int arity, Typing typing, Saves saves, String expression, @Nullable Rule... rules) {
    this.arity = arity;
    this.typing = typing;
    this.saves = saves;
    this.expression = expression;
    this.rules = rules;
  }

  /** Returns the name as messages write it, in lower case. */
  public String label() {
    return label;
  }

  /** Returns the number of operands. */
  public int arity() {
    return arity;
  }

  /** Returns how types are checked and inferred. */
  public Typing typing() {
    return typing;
  }

  /** Returns which values the gradient needs. */
  public Saves saves() {
    return saves;
  }

  /** Returns the C expression. */
  public String expression() {
    return expression;
  }

  /** Returns whether any operand has a gradient. */
  public boolean isDifferentiable() {
    return rules.length > 0;
  }

  /** Returns the gradient rule of an operand, or null where there is none. */
  public @Nullable Rule rule(int operand) {
    return operand < rules.length ? rules[operand] : null;
  }

  /** Returns the result's type for operands of type {@code operand}; CAST's is chosen freely. */
  public DType resultType(DType operand) {
    return typing == Typing.COMPARE ? DType.BOOL : operand;
  }

  private static Tensor oneMinus(Tensor x) {
    return x.neg().add(1);
  }

  /** The square root of 1 - x^2, which near 1 only the factors keep accurate. */
  private static Tensor legOf(Tensor x) {
    return oneMinus(x).mul(x.add(1)).sqrt();
  }

  private static Tensor shareOfGreater(Tensor g, Tensor x, Tensor other) {
    Tensor tied = Tensor.where(x.eq(other), g.mul(0.5), g.zerosLike());
    return Tensor.where(x.gt(other), g, tied);
  }
}
