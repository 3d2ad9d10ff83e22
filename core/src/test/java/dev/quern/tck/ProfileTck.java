package dev.quern.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.DType;
import dev.quern.Device;
import dev.quern.Profile;
import dev.quern.Tensor;
import dev.quern.spi.KernelRun;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a profile says of the kernels that ran. */
abstract class ProfileTck extends Tck {
  @Test
  void shouldRecordShapesTimeAndWork() {
    Tensor a = Tensor.ones(DType.F32, 3, 5).realize();
    Tensor b = Tensor.ones(DType.F32, 5, 2).realize();
    try (Profile profile = Device.current().profile()) {
      a.matmul(b).realize();
      a.square().sum(1);

      List<KernelRun> runs = profile.runs();

      KernelRun product = runs.get(0);
      assertEquals("matmul", product.kernel());
      assertEquals("F32[1, 3, 5] F32[1, 5, 2] F32[1, 3, 2]", product.shapes());
      assertEquals(2 * 3 * 5 * 2, product.flops());
      assertEquals(4 * (15 + 10 + 6), product.bytes());
      assertTrue(product.nanos() > 0, product.toString());
      KernelRun sum = runs.get(runs.size() - 1);
      assertTrue(sum.kernel().endsWith("sum"), sum.kernel());
      assertTrue(profile.toString().contains("matmul F32[1, 3, 5]"), profile.toString());
    }
  }

  @Test
  void shouldStopRecordingWhenClosed() {
    Profile profile = Device.current().profile();
    profile.close();

    Tensor.ones(DType.F32, 4).add(1).realize();

    assertEquals(List.of(), profile.runs());
  }
}
