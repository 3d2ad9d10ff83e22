package dev.quern.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.quern.DType;
import dev.quern.spi.DeviceInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TuningTest {
  private static final Traits TRAITS =
      new Traits(true, 8, 256, 32 << 10, 1L << 30, 64, true, false);
  private static final DeviceInfo DEVICE =
      new DeviceInfo("opencl:0", "A device/of: some kind", true, "driver 1");

  @TempDir private Path folder;

  @BeforeEach
  void useFolder() {
    System.setProperty("quern.tuning", folder.toString());
  }

  @AfterEach
  void forgetFolder() {
    System.clearProperty("quern.tuning");
  }

  private static Tuning tuned() {
    MatmulTiles f32 = MatmulTiles.candidates(DType.F32, TRAITS).get(1);
    return new Tuning(f32, MatmulTiles.of(DType.F64, 64));
  }

  @Test
  void shouldLoadWhatWasStored() throws IOException {
    tuned().store(DEVICE, TRAITS);

    assertEquals(tuned(), Tuning.load(DEVICE, TRAITS));
  }

  @Test
  void shouldKeepDevicesApart() throws IOException {
    tuned().store(DEVICE, TRAITS);
    DeviceInfo other = new DeviceInfo("opencl:0", "Another device", true, DEVICE.details());

    assertEquals(Tuning.defaults(TRAITS), Tuning.load(other, TRAITS));
    assertNotEquals(Tuning.defaults(TRAITS), Tuning.load(DEVICE, TRAITS));
  }

  @Test
  void shouldUseDefaultsWhereAFileMakesNoSense() throws IOException {
    Path file = tuned().store(DEVICE, TRAITS);

    for (String text :
        List.of(
            "",
            "matmul.f32.local=1,2",
            "matmul.f32.local=64,64,8,4,4,4\nmatmul.f32.wide=x,2,16,8,128",
            "matmul.f32.local=7,64,8,4,4,4\nmatmul.f32.wide=4,2,16,8,128",
            "matmul.f32.local=1024,1024,1024,1,1,1\nmatmul.f32.wide=1000,4,16,8000,128")) {
      Files.writeString(file, text);

      assertEquals(Tuning.defaults(TRAITS), Tuning.load(DEVICE, TRAITS), text);
    }
  }
}
