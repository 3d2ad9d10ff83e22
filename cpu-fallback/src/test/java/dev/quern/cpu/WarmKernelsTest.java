package dev.quern.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.DType;
import dev.quern.spi.Op;
import dev.quern.spi.Reduction;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WarmKernelsTest {
  private static final Kernels PLAIN = new PlainKernels();

  @Test
  void shouldTakeTheFasterLoopOnceItIsKnown() throws InterruptedException {
    AtomicInteger fastRuns = new AtomicInteger();
    Loop fast = (a, i, b, j, c, l, o, k, n) -> fastRuns.incrementAndGet();
    Loop warm = new WarmKernels(PLAIN, kernels(fast), () -> {}).loop(Op.EXP, DType.F32);
    float[] in = new float[1];
    float[] out = new float[1];

    do {
      out[0] = 0;
      warm.run(in, 0, in, 0, in, 0, out, 0, 1);
      Thread.sleep(1);
    } while (out[0] == 1);

    assertTrue(fastRuns.get() > 1);
  }

  @Test
  void shouldKeepToThePlainLoopWhileTheOtherIsSlower() throws InterruptedException {
    Loop slow =
        (a, i, b, j, c, l, o, k, n) -> {
          long end = System.nanoTime() + 1_000_000;
          while (System.nanoTime() < end) {
            Thread.onSpinWait();
          }
        };
    Loop warm = new WarmKernels(PLAIN, kernels(slow), () -> {}).loop(Op.EXP, DType.F32);
    float[] in = new float[1];
    float[] out = new float[1];

    for (int i = 0; i < 200; i++) {
      warm.run(in, 0, in, 0, in, 0, out, 0, 1);
      Thread.sleep(1);
    }

    assertEquals(1f, out[0]);
  }

  // As where many programs share a processor, and the compiler is through minutes later.
  @Test
  void shouldTakeALoopThatBecomesFastAfterAllPatience() throws InterruptedException {
    AtomicBoolean isCompiled = new AtomicBoolean();
    Loop late =
        (a, i, b, j, c, l, o, k, n) -> {
          long end = System.nanoTime() + 1_000_000;
          while (!isCompiled.get() && System.nanoTime() < end) {
            Thread.onSpinWait();
          }
        };
    WarmKernels.Patience none = new WarmKernels.Patience(1, 1, 10_000_000);
    Loop warm = new WarmKernels(PLAIN, kernels(late), () -> {}, none).loop(Op.EXP, DType.F32);
    float[] in = new float[1];
    float[] out = new float[1];
    warm.run(in, 0, in, 0, in, 0, out, 0, 1);
    Thread.sleep(300);
    isCompiled.set(true);

    do {
      out[0] = 0;
      warm.run(in, 0, in, 0, in, 0, out, 0, 1);
      Thread.sleep(1);
    } while (out[0] == 1);

    assertEquals(0f, out[0]);
  }

  private static Kernels kernels(Loop loop) {
    return new Kernels() {
      @Override
      public Loop loop(Op op, DType operand) {
        return loop;
      }

      @Override
      public @Nullable Loop pair(Op first, Op second, boolean turned, boolean relu) {
        return PLAIN.pair(first, second, turned, relu);
      }

      @Override
      public Segment segment(Reduction reduction, DType dtype) {
        return PLAIN.segment(reduction, dtype);
      }

      @Override
      public @Nullable EightRows eightRows() {
        return PLAIN.eightRows();
      }

      @Override
      public @Nullable LongRuns longRuns() {
        return PLAIN.longRuns();
      }

      @Override
      public Gemm gemm(DType dtype) {
        return PLAIN.gemm(dtype);
      }

      @Override
      public @Nullable SoftmaxLoops softmax() {
        return PLAIN.softmax();
      }
    };
  }
}
