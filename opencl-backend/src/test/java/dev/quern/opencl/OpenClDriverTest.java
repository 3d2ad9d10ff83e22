package dev.quern.opencl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quern.kernels.Block;
import dev.quern.kernels.Grid;
import dev.quern.kernels.Kernel;
import dev.quern.kernels.KernelKey;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class OpenClDriverTest {
  @Test
  void shouldScaleNumbers() {
    try (OpenClDriver driver = new OpenClDriver(Devices.all().get(0))) {
      System.err.println(driver.info() + " " + driver.traits());
      Kernel kernel =
          driver.kernel(
              new KernelKey("drivertest", "scale", new TreeMap<>(Map.of("FACTOR", "3.0f"))));
      Block in = driver.allocate(40);
      Block out = driver.allocate(40);
      driver.upload(new float[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 1, in, 0, 10);
      driver.launch(kernel, Grid.of(2, 4), new Block[] {in, out}, new long[] {10, 7});
      float[] got = new float[12];
      driver.download(out, 0, got, 1, 10);

      assertArrayEquals(new float[] {0, 10, 13, 16, 19, 22, 25, 28, 31, 34, 37, 0}, got);
      assertEquals(1, driver.counters().launches());
    }
  }
}
