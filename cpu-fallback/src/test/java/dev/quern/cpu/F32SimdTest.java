package dev.quern.cpu;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.quern.cpu.F32Oracle.Routine;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class F32SimdTest {
  // No Vector type may appear in this class: JUnit loads it also where the module is missing
  @BeforeEach
  void requireVectorModule() {
    assumeTrue(
        ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent(),
        "jdk.incubator.vector is not in the boot layer: run with --add-modules"
            + " jdk.incubator.vector");
  }

  @TestFactory
  Stream<DynamicTest> shouldGiveTheBitsOfTheScalarRoutine() {
    return F32Oracle.ROUTINES.stream()
        .map(routine -> dynamicTest(routine.name(), () -> compare(routine)));
  }

  private static void compare(Routine routine) {
    F32Sample.forEachBlock(
        block -> {
          float[] out = new float[block.length];
          F32Vectors.apply(routine.name(), block, out);
          for (int i = 0; i < block.length; i++) {
            float expected = routine.scalar().apply(block[i]);
            // Float.compare takes all NaN for equal and tells the zeros apart
            if (Float.compare(expected, out[i]) != 0) {
              throw new AssertionError(
                  "%s(%a): scalar %a, vector %a"
                      .formatted(routine.name(), block[i], expected, out[i]));
            }
          }
        });
  }

  @Test
  void shouldGiveTheBitsOfTheScalarPow() {
    SplittableRandom random = new SplittableRandom(7);
    float[] x = new float[4096];
    float[] y = new float[4096];
    float[] out = new float[4096];
    for (int block = 0; block < 1024; block++) {
      for (int i = 0; i < x.length; i++) {
        float[] xy = F32Oracle.powArguments(random, i);
        x[i] = xy[0];
        y[i] = xy[1];
      }

      F32Vectors.pow(x, y, out);

      for (int i = 0; i < x.length; i++) {
        String where = "pow(%a, %a)";
        int at = i;
        assertTrue(
            Float.compare(F32.pow(x[i], y[i]), out[i]) == 0, () -> where.formatted(x[at], y[at]));
      }
    }
  }

  @Test
  void shouldGiveTheBitsOfTheScalarPowForSpecialArguments() {
    float[] special = {
      0,
      1,
      2,
      3,
      0.5f,
      1.5f,
      Float.MIN_VALUE,
      0x1p-126f,
      Float.MAX_VALUE,
      Float.POSITIVE_INFINITY,
      Float.NaN,
      0x1.fffffep-1f,
      4194303.5f,
      8388607.5f,
      8388609,
      16777215,
      33554432
    };
    float[] x = new float[4096];
    float[] y = new float[4096];
    for (int i = 0; i < 4 * special.length * special.length; i++) {
      x[i] = special[i / 4 % special.length] * ((i & 1) == 0 ? 1 : -1);
      y[i] = special[i / 4 / special.length] * ((i & 2) == 0 ? 1 : -1);
    }
    float[] out = new float[4096];

    F32Vectors.pow(x, y, out);

    for (int i = 0; i < x.length; i++) {
      int at = i;
      assertTrue(
          Float.compare(F32.pow(x[i], y[i]), out[i]) == 0,
          () -> "pow(" + x[at] + ", " + y[at] + ")");
    }
  }
}
