package dev.quern.opencl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.DType;
import dev.quern.Device;
import dev.quern.Scope;
import dev.quern.Tensor;
import dev.quern.kernels.Counters;
import dev.quern.kernels.GpuBackend;
import dev.quern.nn.Linear;
import dev.quern.nn.Losses;
import dev.quern.nn.Module;
import dev.quern.nn.Sequential;
import dev.quern.optim.Adam;
import org.junit.jupiter.api.Test;

/** What goes between host and device. */
final class TransferTest {
  @Test
  void shouldMoveNothingInATrainingStepButWhatIsRead() {
    OpenClDriver driver = new OpenClDriver(Required.device());
    Device before = Device.current();
    try (GpuBackend backend = new GpuBackend(driver)) {
      Device.setCurrent(Device.on(backend));
      Tensor x = Tensor.rand(20, 6).realize();
      Tensor labels = Tensor.zeros(DType.I64, 20).realize();
      Sequential model =
          new Sequential(new Linear(6, 5), Module.of(Tensor::relu), new Linear(5, 3));
      Adam optimizer = new Adam(model.tensors(), 0.01);
      step(model, optimizer, x, labels);

      Counters start = driver.counters();
      try (Scope scope = Scope.open()) {
        Tensor loss = step(model, optimizer, x, labels);
        Counters trained = driver.counters();
        loss.item();
        Counters read = driver.counters();

        assertEquals(start.uploads(), trained.uploads(), "uploads");
        assertEquals(start.downloads(), trained.downloads(), "downloads");
        assertTrue(trained.launches() > start.launches(), "launches");
        // The loss, and before it whether an index was out of range.
        assertTrue(read.downloads() - trained.downloads() <= 2, "downloads for the loss");
      }
    } finally {
      Device.setCurrent(before);
    }
  }

  private static Tensor step(Sequential model, Adam optimizer, Tensor x, Tensor labels) {
    Tensor loss =
        Losses.crossEntropy(model.forward(x), labels).add(Losses.l2(1e-3, model.weights()));
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    return loss;
  }
}
