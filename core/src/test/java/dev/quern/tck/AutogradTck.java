package dev.quern.tck;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.DType;
import dev.quern.Device;
import dev.quern.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The recorded graph: what flows where, when, and how often. */
abstract class AutogradTck extends Tck {
  private static Tensor leaf(double... values) {
    return Tensor.of(values, values.length).requiresGrad(true);
  }

  private static double[] grad(Tensor leaf) {
    return leaf.grad().orElseThrow().toDoubleArray();
  }

  @Test
  void shouldCollectGradientInLeaf() {
    Tensor x = leaf(1, 2);

    x.square().sum().backward();

    assertArrayEquals(new double[] {2, 4}, grad(x));
  }

  @Test
  void shouldAccumulateOverBackwardCalls() {
    Tensor x = leaf(1, 2);

    x.square().sum().backward();
    x.mul(3).sum().backward();

    assertArrayEquals(new double[] {5, 7}, grad(x));
  }

  @Test
  void shouldForgetGradient() {
    Tensor x = leaf(1, 2);
    x.square().sum().backward();

    x.zeroGrad();

    assertTrue(x.grad().isEmpty());
    x.sum().backward();
    assertArrayEquals(new double[] {1, 1}, grad(x));
  }

  @Test
  void shouldKeepGradientReadBeforeAccumulating() {
    Tensor x = leaf(1, 2);
    x.square().sum().backward();
    Tensor copy = x.grad().orElseThrow().detach();

    x.square().sum().backward();

    assertArrayEquals(new double[] {2, 4}, copy.toDoubleArray());
    assertArrayEquals(new double[] {4, 8}, grad(x));
  }

  @Test
  void shouldWalkScalarLeaf() {
    Tensor x = Tensor.scalar(DType.F64, 3).requiresGrad(true);

    x.backward();

    assertEquals(1, x.grad().orElseThrow().item(), 0);
  }

  @Test
  void shouldAddContributionsOfDiamond() {
    Tensor x = leaf(3);
    Tensor a = x.mul(2);
    Tensor b = a.square();
    Tensor c = a.add(b).mul(a);

    c.sum().backward();

    // c = (2x + 4x^2) 2x = 4x^2 + 8x^3
    assertArrayEquals(new double[] {8 * 3 + 24 * 9}, grad(x));
  }

  @Test
  void shouldCountOperandUsedTwice() {
    Tensor x = leaf(3);

    x.add(x).mul(x).sub(x).sum().backward();

    assertArrayEquals(new double[] {11}, grad(x));
  }

  @Test
  void shouldDoubleThroughSixtyLevels() {
    Tensor x = leaf(1);
    Tensor y = x;
    for (int i = 0; i < 60; i++) {
      y = y.add(y);
    }

    y.sum().backward();

    assertArrayEquals(new double[] {0x1p60}, grad(x));
  }

  @Test
  void shouldWalkGraphOfTenThousandOps() {
    Tensor x = leaf(1);
    Tensor y = x;
    for (int i = 0; i < 10_000; i++) {
      y = y.mul(i % 2 == 0 ? 2 : 0.5);
    }

    y.sum().backward();

    assertArrayEquals(new double[] {1}, grad(x));
  }

  @Test
  void shouldWalkDeepGraphThatSavesValues() {
    Tensor x = leaf(0.5);
    Tensor y = x;
    for (int i = 0; i < 3000; i++) {
      // Back and forth, so that the value stays.
      y = y.exp().log();
    }

    y.sum().backward();

    assertArrayEquals(new double[] {1}, grad(x), 1e-9);
  }

  @Test
  void shouldSumOverBroadcastAxes() {
    Tensor row = leaf(1, 2, 3);
    Tensor column = Tensor.of(new double[] {1, 2}, 2, 1).requiresGrad(true);
    Tensor scalar = Tensor.scalar(DType.F64, 2).requiresGrad(true);

    row.mul(column).mul(scalar).sum().backward();

    assertArrayEquals(new double[] {6, 6, 6}, grad(row));
    assertArrayEquals(new double[] {12, 12}, grad(column));
    assertArrayEquals(new long[] {2, 1}, column.grad().orElseThrow().shape().dims());
    assertEquals(18, scalar.grad().orElseThrow().item(), 0);
  }

  @Test
  void shouldNotFlowThroughDetach() {
    Tensor x = leaf(3);

    x.mul(x.detach()).sum().backward();

    assertArrayEquals(new double[] {3}, grad(x));
    assertFalse(x.detach().requiresGrad());
  }

  @Test
  void shouldNotRecordInNoGrad() {
    Tensor x = leaf(3);

    Tensor y = Tensor.noGrad(() -> x.square());
    Tensor.noGrad(
        () -> {
          assertFalse(x.add(1).requiresGrad());
        });

    assertFalse(y.requiresGrad());
    assertTrue(x.add(1).requiresGrad());
  }

  @Test
  void shouldRecordAgainAfterExceptionInNoGrad() {
    Tensor x = leaf(3);
    assertThrows(
        IllegalStateException.class,
        () ->
            Tensor.noGrad(
                () -> {
                  throw new IllegalStateException("mine");
                }));

    assertTrue(x.add(1).requiresGrad());
  }

  @Test
  void shouldNotRecordComparisonsAndIntegers() {
    Tensor x = leaf(3, 1);

    assertFalse(x.gt(2).requiresGrad());
    assertFalse(x.cast(DType.I64).requiresGrad());
    assertFalse(x.argmax().requiresGrad());
    assertFalse(x.any().requiresGrad());
    assertFalse(x.zerosLike().requiresGrad());
  }

  @Test
  void shouldStopCollecting() {
    Tensor x = leaf(3);
    x.requiresGrad(false);

    assertFalse(x.requiresGrad());
    assertThrows(IllegalStateException.class, () -> x.square().sum().backward());
  }

  @Test
  void shouldLeaveConstantsWithoutGradient() {
    Tensor x = leaf(3);
    Tensor constant = Tensor.of(new double[] {2}, 1);

    x.mul(constant).sum().backward();

    assertTrue(constant.grad().isEmpty());
  }

  @Test
  void shouldRefuseSecondWalk() {
    Tensor x = leaf(3);
    Tensor loss = x.square().sum();
    loss.backward();

    IllegalStateException e = assertThrows(IllegalStateException.class, loss::backward);

    assertTrue(e.getMessage().startsWith("backward:"), e.getMessage());
  }

  @Test
  void shouldRefuseWalkThroughFreedPart() {
    Tensor x = leaf(3);
    Tensor shared = x.square();
    shared.sum().backward();

    assertThrows(IllegalStateException.class, () -> shared.mul(2).sum().backward());
  }

  @Test
  void shouldWalkAgainWhereGraphIsRetained() {
    Tensor x = leaf(3);
    Tensor loss = x.square().sum();
    Tensor one = Tensor.scalar(DType.F64, 1);

    loss.backward(one, true);
    loss.backward(one, false);

    assertArrayEquals(new double[] {12}, grad(x));
    assertThrows(IllegalStateException.class, () -> loss.backward(one, true));
  }

  @Test
  void shouldScaleBySeed() {
    Tensor x = leaf(1, 2, 3);

    x.square().backward(Tensor.of(new double[] {1, 0, -2}, 3));

    assertArrayEquals(new double[] {2, 0, -12}, grad(x));
  }

  @Test
  void shouldNotChangeSeed() {
    Tensor x = leaf(1);
    Tensor seed = Tensor.of(new double[] {2}, 1);

    x.add(x).backward(seed);

    assertArrayEquals(new double[] {2}, seed.toDoubleArray());
    assertFalse(seed.isClosed());
    assertArrayEquals(new double[] {4}, grad(x));
  }

  @Test
  void shouldWalkAfterIntermediatesAreClosed() {
    Tensor x = leaf(3);
    Tensor a = x.square();
    Tensor b = a.exp();
    Tensor loss = b.log().sum();
    a.close();
    b.close();

    loss.backward();

    assertArrayEquals(new double[] {6}, grad(x), 1e-12);
  }

  @Test
  void shouldWalkAfterScopeOfIntermediatesEnded() {
    Tensor x = leaf(3);
    Tensor[] loss = new Tensor[1];
    dev.quern.Scope scope = dev.quern.Scope.open();
    try (scope) {
      loss[0] = scope.keep(x.square().mul(2).sum());
    }

    loss[0].backward();

    assertArrayEquals(new double[] {12}, grad(x));
  }

  @Test
  void shouldKeepGradientBeyondScope() {
    Tensor x = leaf(3);
    scoped(() -> x.square().sum().backward());

    assertArrayEquals(new double[] {6}, grad(x));
    scoped(() -> x.square().sum().backward());
    assertArrayEquals(new double[] {12}, grad(x));
  }

  @Test
  void shouldCloseGradientWithItsTensor() {
    Tensor x = leaf(3);
    x.square().sum().backward();
    Tensor gradient = x.grad().orElseThrow();

    x.close();

    assertTrue(gradient.isClosed());
  }

  @Test
  void shouldGiveGradientTypeOfLeaf() {
    Tensor x = Tensor.of(new float[] {1, 2}, 2).requiresGrad(true);
    Tensor y = leaf(3, 4);

    x.mul(y).sum().backward();

    assertEquals(DType.F32, x.grad().orElseThrow().dtype());
    assertEquals(DType.F64, y.grad().orElseThrow().dtype());
  }

  @Test
  void shouldFlowThroughCopyToSameDevice() {
    Tensor x = leaf(3);

    x.to(Device.current()).square().sum().backward();

    assertArrayEquals(new double[] {6}, grad(x));
  }

  @Test
  void shouldFlowBackFromOtherDevice() {
    Device other = Device.on(new FaultyBackend(Modes.backend()));
    Tensor x = leaf(3);

    x.to(other).square().sum().backward();

    assertEquals(Device.current(), x.grad().orElseThrow().device());
    assertArrayEquals(new double[] {6}, grad(x));
  }

  @Test
  void shouldPassGradientAtBoundsOfClamp() {
    Tensor x = leaf(-2, -1, 0, 1, 2);

    x.clamp(-1, 1).sum().backward();

    assertArrayEquals(new double[] {0, 1, 1, 1, 0}, grad(x));
  }

  @Test
  void shouldHalveGradientOfTie() {
    Tensor x = leaf(1, 2);
    Tensor y = leaf(1, 3);

    x.maximum(y).sum().backward();
    assertArrayEquals(new double[] {0.5, 0}, grad(x));
    assertArrayEquals(new double[] {0.5, 1}, grad(y));

    x.zeroGrad();
    x.minimum(y).sum().backward();
    assertArrayEquals(new double[] {0.5, 1}, grad(x));
  }

  @Test
  void shouldHaveZeroGradientAtKinks() {
    Tensor x = leaf(0, 0);

    x.relu().add(x.abs()).sum().backward();

    assertArrayEquals(new double[] {0, 0}, grad(x));
  }

  @Test
  void shouldKeepPowerGradientFinite() {
    Tensor zero = leaf(0, 0);
    Tensor exponents = Tensor.of(new double[] {0, 3}, 2).requiresGrad(true);

    zero.pow(exponents).sum().backward();

    assertArrayEquals(new double[] {0, 0}, grad(zero));
    assertArrayEquals(new double[] {0, 0}, grad(exponents));
  }

  @Test
  void shouldKeepUntakenBranchOutOfGradient() {
    Tensor x = leaf(-1000, 1000, 5);

    x.elu(1).add(x.selu()).add(x.softplus()).sum().backward();

    for (double g : grad(x)) {
      assertTrue(Double.isFinite(g), "gradient " + g);
    }
  }

  @Test
  void shouldWalkManyBranches() {
    Tensor x = leaf(1);
    List<Tensor> branches = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      branches.add(x.mul(i));
    }

    Tensor.concat(0, branches.toArray(new Tensor[0])).sum().backward();

    assertArrayEquals(new double[] {199 * 100}, grad(x));
  }

  @Test
  void shouldGiveSameGradientBitsEachTime() {
    Values values = Samples.uniform(DType.F32, 1, -1, 1, 64, 33);
    Values first = gradientOf(values);

    for (int i = 0; i < 3; i++) {
      Expect.same("run " + i, first, gradientOf(values));
    }
  }

  private static Values gradientOf(Values values) {
    Tensor x = values.upload().requiresGrad(true);
    x.matmul(x.transpose()).tanh().mean(0).square().sum().backward();
    return Values.read(x.grad().orElseThrow());
  }

  @Test
  void shouldKeepRequiringAfterRead() {
    Tensor x = leaf(2);
    Tensor y = x.square();
    y.toDoubleArray();
    y.item();

    y.sum().backward();

    assertArrayEquals(new double[] {4}, grad(x));
  }

  @Test
  void shouldNotShareTheArrayOfAWrappedSeed() {
    Tensor x = Tensor.of(1f, 1f).requiresGrad(true);
    float[] seed = {1, 2};

    x.mul(1).backward(Tensor.wrap(seed, 2).to(Device.current()));
    seed[0] = 9;

    assertArrayEquals(new float[] {1, 2}, x.grad().orElseThrow().toFloatArray());
  }
}
