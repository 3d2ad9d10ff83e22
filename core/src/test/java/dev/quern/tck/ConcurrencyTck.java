package dev.quern.tck;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.DType;
import dev.quern.Device;
import dev.quern.Tensor;
import dev.quern.nn.Init;
import dev.quern.nn.Linear;
import dev.quern.nn.Losses;
import dev.quern.optim.Optimizer;
import dev.quern.optim.Sgd;
import dev.quern.random.Generator;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Several threads at once. */
abstract class ConcurrencyTck extends Tck {
  private static final int THREADS = 4;

  /** What one thread does. */
  private interface Body<T> {
    T run(int thread) throws Exception;
  }

  private static <T> List<T> together(Body<T> body) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(THREADS);
    CyclicBarrier start = new CyclicBarrier(THREADS);
    try {
      List<Callable<T>> tasks = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        int thread = i;
        tasks.add(
            () -> {
              start.await();
              return body.run(thread);
            });
      }
      List<T> results = new ArrayList<>();
      for (Future<T> future : pool.invokeAll(tasks, 60, TimeUnit.SECONDS)) {
        results.add(future.get());
      }
      return results;
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void shouldEvaluateSharedDeferredTensors() throws Exception {
    for (int round = 0; round < 50; round++) {
      Tensor x = Samples.uniform(DType.F32, round, -1, 1, 1031).upload();
      Tensor shared = x.exp().add(1);
      Tensor root = shared.log().mul(shared);
      Tensor product = shared.reshape(1, -1).matmul(root.reshape(-1, 1));
      Values a = Values.read(x.exp().realize().add(1).realize());
      Values b = Values.read(a.upload().log().realize().mul(a.upload()));

      List<List<Values>> seen =
          together(
              thread ->
                  // Each reads in another order.
                  thread % 2 == 0
                      ? List.of(Values.read(shared), Values.read(root))
                      : List.of(Values.read(root), Values.read(shared)));

      for (int thread = 0; thread < THREADS; thread++) {
        Expect.same("shared", a, seen.get(thread).get(thread % 2));
        Expect.same("root", b, seen.get(thread).get(1 - thread % 2));
      }
      product.close();
    }
  }

  @Test
  void shouldBuildOnSharedTensors() throws Exception {
    Tensor x = Samples.whole(DType.F64, 1, 9, 257).upload();
    Tensor shared = x.mul(2).add(1);
    double expected = Groups.sum(Values.read(x).reals()) * 2 + 257;

    List<Double> sums =
        together(
            thread -> {
              double[] last = new double[1];
              for (int i = 0; i < 200; i++) {
                scoped(() -> last[0] = shared.add(thread).sub(thread).sum().item());
              }
              return last[0];
            });

    for (double sum : sums) {
      assertEquals(expected, sum, 0);
    }
  }

  @Test
  void shouldTrainIndependently() throws Exception {
    float[] alone = train(0);

    List<float[]> trained = together(thread -> train(0));

    for (float[] weights : trained) {
      assertArrayEquals(alone, weights);
    }
  }

  @Test
  void shouldReturnAllMemoryOfAllThreads() throws Exception {
    long before = Device.current().memory().inUse();

    together(ConcurrencyTck::train);

    assertReturned(before);
  }

  // What an earlier test left to the collector may go at any time.
  private static void assertReturned(long before) {
    long now = Device.current().memory().inUse();
    assertTrue(now <= before, "in use " + now + ", before " + before);
  }

  private static float[] train(int seed) {
    float[][] out = new float[1][];
    scoped(
        () -> {
          Linear layer = new Linear(40, 30, Init.HE, new Generator(seed), DType.F32);
          Optimizer optimizer = new Sgd(layer.tensors(), 0.1, 0.9, false, 0);
          Tensor x = Samples.uniform(DType.F32, seed, -1, 1, 50, 40).upload();
          Tensor y = Samples.uniform(DType.F32, seed + 1, -1, 1, 50, 30).upload();
          for (int i = 0; i < 60; i++) {
            scoped(
                () -> {
                  optimizer.zeroGrad();
                  Losses.squaredError(layer.forward(x).tanh(), y).backward();
                  optimizer.step();
                });
          }
          out[0] = layer.weight().toFloatArray();
        });
    return out[0];
  }

  @Test
  void shouldCloseFromAnyThread() throws Exception {
    long before = Device.current().memory().inUse();
    List<Tensor> made = new ArrayList<>();
    scoped(
        () -> {
          for (int i = 0; i < 400; i++) {
            made.add(Tensor.full(i, 2000).realize());
          }
          try {
            together(
                thread -> {
                  for (int i = thread; i < made.size(); i += THREADS) {
                    made.get(i).close();
                  }
                  return thread;
                });
          } catch (Exception e) {
            throw new AssertionError(e);
          }
        });

    assertReturned(before);
  }

  @Test
  void shouldCloseOnceWhenAllThreadsClose() throws Exception {
    long before = Device.current().memory().inUse();
    for (int i = 0; i < 200; i++) {
      Tensor x = Tensor.full(i, 2000).realize();
      Tensor y = x.add(1);
      together(
          thread -> {
            x.close();
            y.close();
            return thread;
          });
    }

    assertReturned(before);
  }

  @Test
  void shouldDrawFromOneGeneratorWithoutOverlap() throws Exception {
    Generator generator = new Generator(5);

    List<Values> drawn = together(thread -> Values.read(Tensor.rand(generator, DType.F64, 100)));

    double[] all = new double[100 * THREADS];
    for (int i = 0; i < THREADS; i++) {
      System.arraycopy(drawn.get(i).reals(), 0, all, i * 100, 100);
    }
    double[] expected = Tensor.rand(new Generator(5), DType.F64, 100 * THREADS).toDoubleArray();
    java.util.Arrays.sort(all);
    java.util.Arrays.sort(expected);
    assertArrayEquals(expected, all);
  }

  @Test
  void shouldKeepNoGradToItsThread() throws Exception {
    Tensor x = Tensor.of(new double[] {2}, 1).requiresGrad(true);

    List<Boolean> recorded =
        together(
            thread ->
                thread == 0
                    ? Tensor.noGrad(() -> x.add(1).requiresGrad())
                    : x.add(1).requiresGrad());

    assertEquals(List.of(false, true, true, true), recorded);
  }
}
