package dev.quern.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.quern.cpu.F32Oracle.Routine;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class F32Test {
  private static final float INF = Float.POSITIVE_INFINITY;
  private static final float NAN = Float.NaN;
  private static final float MIN = Float.MIN_VALUE;
  private static final float MAX = Float.MAX_VALUE;
  private static final Set<String> ODD =
      Set.of("tanh", "erf", "sin", "tan", "asin", "atan", "sinh", "asinh", "atanh");

  @TestFactory
  Stream<DynamicTest> shouldStayWithinItsErrorBound() {
    return F32Oracle.ROUTINES.stream()
        .map(routine -> dynamicTest(routine.name(), () -> checkErrors(routine)));
  }

  private static void checkErrors(Routine routine) {
    F32Sample.forEachBlock(
        block -> {
          for (float x : block) {
            if (routine.accepts(x) && !(routine.error(x) <= routine.bound())) {
              throw new AssertionError(
                  "%s(%a): %a is %.3f ULP from %s"
                      .formatted(
                          routine.name(),
                          x,
                          routine.scalar().apply(x),
                          routine.error(x),
                          routine.oracle().applyAsDouble(x)));
            }
          }
        });
  }

  @Test
  void shouldStayWithinTwoUlpInPow() {
    SplittableRandom random = new SplittableRandom(42);
    for (int i = 0; i < 1 << 22; i++) {
      float[] xy = F32Oracle.powArguments(random, i);

      double error = F32Oracle.ulps(F32.pow(xy[0], xy[1]), F32Oracle.pow(xy[0], xy[1]));

      assertTrue(error <= 2, () -> "pow(%a, %a)".formatted(xy[0], xy[1]));
    }
  }

  @Test
  void shouldAgreeWithC99OnSpecialArgumentsOfPow() {
    float[] special = {
      0,
      1,
      2,
      3,
      0.5f,
      1.5f,
      MIN,
      0x1p-126f,
      MAX,
      INF,
      NAN,
      0x1.fffffep-1f,
      0x1.000002p0f,
      4194303.5f,
      8388607,
      8388607.5f,
      8388609,
      16777215,
      16777216,
      33554432
    };
    for (int i = 0; i < 4 * special.length * special.length; i++) {
      float x = special[i / 4 % special.length] * ((i & 1) == 0 ? 1 : -1);
      float y = special[i / 4 / special.length] * ((i & 2) == 0 ? 1 : -1);

      float power = F32.pow(x, y);

      double exact = F32Oracle.pow(x, y);
      assertTrue(F32Oracle.ulps(power, exact) <= 1.1, () -> "pow(%a, %a)".formatted(x, y));
      boolean signed = !Double.isNaN(exact);
      assertTrue(!signed || Math.copySign(1, power) == Math.copySign(1, exact), () -> x + "^" + y);
    }
  }

  @TestFactory
  Stream<DynamicTest> shouldKeepNan() {
    return F32Oracle.ROUTINES.stream()
        .map(
            routine ->
                dynamicTest(
                    routine.name(), () -> assertTrue(Float.isNaN(routine.scalar().apply(NAN)))));
  }

  @TestFactory
  Stream<DynamicTest> shouldGiveExactValues() {
    return Stream.of(
        exact("exp(0)", F32.exp(0), 1),
        exact("exp(-0)", F32.exp(-0.0f), 1),
        exact("exp(inf)", F32.exp(INF), INF),
        exact("exp(-inf)", F32.exp(-INF), 0),
        exact("exp(88.72284)", F32.exp(88.72284f), INF),
        exact("exp(-103.97208)", F32.exp(-103.97207f), MIN),
        exact("exp(-103.97209)", F32.exp(-103.97209f), 0),
        exact("expm1(0)", F32.expm1(0), 0),
        exact("expm1(-0)", F32.expm1(-0.0f), -0.0f),
        exact("expm1(-min)", F32.expm1(-MIN), -MIN),
        exact("expm1(inf)", F32.expm1(INF), INF),
        exact("expm1(-inf)", F32.expm1(-INF), -1),
        exact("log(1)", F32.log(1), 0),
        exact("log(0)", F32.log(0), -INF),
        exact("log(-0)", F32.log(-0.0f), -INF),
        exact("log(-min)", F32.log(-MIN), NAN),
        exact("log(-inf)", F32.log(-INF), NAN),
        exact("log(inf)", F32.log(INF), INF),
        exact("log1p(0)", F32.log1p(0), 0),
        exact("log1p(-0)", F32.log1p(-0.0f), -0.0f),
        exact("log1p(min)", F32.log1p(MIN), MIN),
        exact("log1p(-1)", F32.log1p(-1), -INF),
        exact("log1p(-1.0000001)", F32.log1p(-1.0000001f), NAN),
        exact("log1p(-inf)", F32.log1p(-INF), NAN),
        exact("log1p(inf)", F32.log1p(INF), INF),
        exact("tanh(0)", F32.tanh(0), 0),
        exact("tanh(-0)", F32.tanh(-0.0f), -0.0f),
        exact("tanh(-min)", F32.tanh(-MIN), -MIN),
        exact("tanh(inf)", F32.tanh(INF), 1),
        exact("tanh(-inf)", F32.tanh(-INF), -1),
        exact("sigmoid(0)", F32.sigmoid(0), 0.5f),
        exact("sigmoid(-0)", F32.sigmoid(-0.0f), 0.5f),
        exact("sigmoid(inf)", F32.sigmoid(INF), 1),
        exact("sigmoid(-inf)", F32.sigmoid(-INF), 0),
        exact("softplus(inf)", F32.softplus(INF), INF),
        exact("softplus(-inf)", F32.softplus(-INF), 0),
        exact("softplus(max)", F32.softplus(MAX), MAX),
        exact("erf(0)", F32.erf(0), 0),
        exact("erf(-0)", F32.erf(-0.0f), -0.0f),
        exact("erf(inf)", F32.erf(INF), 1),
        exact("erf(-inf)", F32.erf(-INF), -1),
        exact("sin(-0)", F32Trig.sin(-0.0f), -0.0f),
        exact("sin(-min)", F32Trig.sin(-MIN), -MIN),
        exact("sin(inf)", F32Trig.sin(INF), NAN),
        exact("cos(-0)", F32Trig.cos(-0.0f), 1),
        exact("cos(-inf)", F32Trig.cos(-INF), NAN),
        exact("tan(-0)", F32Trig.tan(-0.0f), -0.0f),
        exact("tan(inf)", F32Trig.tan(INF), NAN),
        exact("asin(-0)", F32Trig.asin(-0.0f), -0.0f),
        exact("asin(1)", F32Trig.asin(1), (float) (Math.PI / 2)),
        exact("asin(1.0000001)", F32Trig.asin(1.0000001f), NAN),
        exact("asin(-inf)", F32Trig.asin(-INF), NAN),
        exact("acos(1)", F32Trig.acos(1), 0),
        exact("acos(0)", F32Trig.acos(0), (float) (Math.PI / 2)),
        exact("acos(-1)", F32Trig.acos(-1), (float) Math.PI),
        exact("acos(-1.0000001)", F32Trig.acos(-1.0000001f), NAN),
        exact("acos(inf)", F32Trig.acos(INF), NAN),
        exact("atan(-0)", F32Trig.atan(-0.0f), -0.0f),
        exact("atan(inf)", F32Trig.atan(INF), (float) (Math.PI / 2)),
        exact("atan(-inf)", F32Trig.atan(-INF), (float) (-Math.PI / 2)),
        exact("sinh(-0)", F32Trig.sinh(-0.0f), -0.0f),
        exact("sinh(-min)", F32Trig.sinh(-MIN), -MIN),
        exact("sinh(-inf)", F32Trig.sinh(-INF), -INF),
        exact("sinh(max)", F32Trig.sinh(MAX), INF),
        exact("cosh(0)", F32Trig.cosh(0), 1),
        exact("cosh(-inf)", F32Trig.cosh(-INF), INF),
        exact("asinh(-0)", F32Trig.asinh(-0.0f), -0.0f),
        exact("asinh(-inf)", F32Trig.asinh(-INF), -INF),
        exact("acosh(1)", F32Trig.acosh(1), 0),
        exact("acosh(0.99999994)", F32Trig.acosh(0.99999994f), NAN),
        exact("acosh(-inf)", F32Trig.acosh(-INF), NAN),
        exact("acosh(inf)", F32Trig.acosh(INF), INF),
        exact("atanh(-0)", F32Trig.atanh(-0.0f), -0.0f),
        exact("atanh(1)", F32Trig.atanh(1), INF),
        exact("atanh(-1)", F32Trig.atanh(-1), -INF),
        exact("atanh(1.0000001)", F32Trig.atanh(1.0000001f), NAN),
        exact("atanh(inf)", F32Trig.atanh(INF), NAN),
        exact("sin2pi(0)", F32.sin2pi(0), 0),
        exact("sin2pi(0.25)", F32.sin2pi(0.25f), 1),
        exact("sin2pi(0.75)", F32.sin2pi(0.75f), -1),
        exact("cos2pi(0)", F32.cos2pi(0), 1),
        exact("cos2pi(0.5)", F32.cos2pi(0.5f), -1));
  }

  private static DynamicTest exact(String name, float actual, float expected) {
    // assertEquals on floats tells -0.0 from 0.0 and takes NaN for equal to NaN
    return dynamicTest(name, () -> assertEquals(expected, actual));
  }

  @TestFactory
  Stream<DynamicTest> shouldBeOdd() {
    return F32Oracle.ROUTINES.stream()
        .filter(routine -> ODD.contains(routine.name()))
        .map(routine -> dynamicTest(routine.name(), () -> checkOdd(routine)));
  }

  private static void checkOdd(Routine routine) {
    F32Sample.forEachBlock(
        block -> {
          for (float x : block) {
            float expected = -routine.scalar().apply(x);
            if (Float.compare(expected, routine.scalar().apply(-x)) != 0) {
              throw new AssertionError("%s is not odd at %a".formatted(routine.name(), x));
            }
          }
        });
  }

  @Test
  void shouldKeepTanhErfAndSigmoidWithinOne() {
    F32Sample.forEachBlock(
        block -> {
          for (float x : block) {
            boolean beyond = Math.abs(F32.tanh(x)) > 1 || Math.abs(F32.erf(x)) > 1;
            if (beyond || F32.sigmoid(x) > 1 || F32.sigmoid(x) < 0) {
              throw new AssertionError("beyond one at %a".formatted(x));
            }
          }
        });
  }
}
