package dev.quern.opencl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.tck.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jocl.CL;
import org.jocl.LibUtils;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What is found on machines with, without, and with broken OpenCL. */
final class DiscoveryTest {
  private static final int JVMS = 8;
  private static final int ROUNDS = 3;

  @TempDir private Path folder;

  @BeforeEach
  void requireDevice() {
    Required.device();
  }

  @Test
  void shouldKnowTheNameOfTheBindingsLibrary() {
    String name = LibUtils.createPlatformLibraryName(Devices.LIBRARY);

    assertNotNull(CL.class.getResource("/lib/" + LibUtils.createLibraryFileName(name)));
  }

  @Test
  void shouldTellWhatTheDeviceIs() {
    ClDevice device = Required.device();

    assertEquals("opencl:0", device.info().id());
    assertTrue(device.info().details().matches("OpenCL .*, driver .* GiB, \\d+ compute units, .*"));
    assertTrue(device.traits().maxBlockBytes() > 0);
    assertTrue(device.traits().maxGroup() > 0);
    assertTrue(device.traits().localBytes() > 0);
  }

  @Test
  void shouldObeyPropertiesOfTraits() throws Exception {
    ChildJvm.Result result =
        new ChildJvm(
                folder,
                ListTraits.class,
                cache(),
                "-Dquern.opencl.gpu=true",
                "-Dquern.opencl.float64=false",
                "-Dquern.opencl.memory=1048576")
            .await();

    assertTrue(result.output().contains("gpu=true"), result.output());
    assertTrue(result.output().contains("float64=false"), result.output());
    assertTrue(result.output().contains("maxBlockBytes=1048576"), result.output());
  }

  @Test
  void shouldLoadItsLibraryInJvmsThatStartTogether() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      Path empty = Files.createDirectory(folder.resolve("round" + round));
      Map<String, String> cache = Map.of("XDG_CACHE_HOME", empty.resolve("cache").toString());
      List<ChildJvm> jvms = new ArrayList<>();
      for (int i = 0; i < JVMS; i++) {
        jvms.add(new ChildJvm(empty, ListDevices.class, cache));
      }

      for (ChildJvm jvm : jvms) {
        ChildJvm.Result result = jvm.await();

        assertEquals(0, result.status(), result.output());
        assertTrue(result.output().contains("opencl:0"), result.output());
      }
    }
  }

  @Test
  void shouldReplaceADamagedLibrary() throws Exception {
    list(cache());
    Path library;
    try (var files = Files.walk(folder.resolve("cache"))) {
      library = files.filter(file -> file.toString().contains("JOCL")).findFirst().orElseThrow();
    }
    byte[] whole = Files.readAllBytes(library);
    Files.write(library, new byte[100]);

    ChildJvm.Result result = list(cache());

    assertTrue(result.output().contains("opencl:0"), result.output());
    assertEquals(whole.length, Files.size(library));
  }

  @Test
  void shouldDoWithoutACacheFolder() throws Exception {
    Files.createFile(Files.createDirectory(folder.resolve("cache")).resolve("quern"));

    ChildJvm.Result result = list(cache());

    assertEquals(0, result.status(), result.output());
    assertTrue(result.output().contains("opencl:0"), result.output());
    try (var files = Files.list(folder)) {
      assertEquals(0, files.filter(f -> f.toString().contains("quern-native")).count());
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void shouldSayThatThereIsNoPlatform() throws Exception {
    Path vendors = Files.createDirectory(folder.resolve("vendors"));

    ChildJvm.Result result = list(vendors(vendors));

    assertEquals(0, result.status(), result.output());
    assertTrue(
        result.output().contains("unavailable: no OpenCL device on this machine"), result.output());
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void shouldSkipABrokenPlatform() throws Exception {
    Path vendors = Files.createDirectory(folder.resolve("vendors"));
    Files.writeString(vendors.resolve("missing.icd"), "/nowhere/libmissing.so\n");
    Files.writeString(folder.resolve("libgarbage.so"), "this is no library\n");
    Files.writeString(vendors.resolve("garbage.icd"), folder.resolve("libgarbage.so") + "\n");
    int copied = copySystemVendors(vendors);

    ChildJvm.Result result = list(vendors(vendors));

    assertTrue(copied > 0, "no vendors to copy");
    assertEquals(0, result.status(), result.output());
    assertTrue(result.output().contains("opencl:0"), result.output());
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void shouldSayThatThereIsNoLibrary() throws Exception {
    // The loader finds these first, and refuses them.
    for (String name : List.of("libOpenCL.so", "libOpenCL.so.1")) {
      Files.writeString(folder.resolve(name), "this is no library\n".repeat(100));
    }
    Map<String, String> environment =
        Map.of(
            "XDG_CACHE_HOME", folder.resolve("cache").toString(),
            "LD_LIBRARY_PATH", folder.toString());

    ChildJvm.Result result = list(environment);

    assertEquals(0, result.status(), result.output());
    assertTrue(
        result.output().contains("unavailable: no OpenCL library (libOpenCL.so.1)"),
        result.output());
  }

  private Map<String, String> cache() {
    return Map.of("XDG_CACHE_HOME", folder.resolve("cache").toString());
  }

  private Map<String, String> vendors(Path vendors) {
    return Map.of(
        "XDG_CACHE_HOME", folder.resolve("cache").toString(),
        // One loader calls it this, another that.
        "OCL_ICD_VENDORS", vendors.toString(),
        "OPENCL_VENDOR_PATH", vendors.toString());
  }

  private ChildJvm.Result list(Map<String, String> environment) throws InterruptedException {
    return new ChildJvm(folder, ListDevices.class, environment).await();
  }

  private static int copySystemVendors(Path vendors) throws IOException {
    int copied = 0;
    try (var files = Files.newDirectoryStream(Path.of("/etc/OpenCL/vendors"), "*.icd")) {
      for (Path file : files) {
        Files.copy(file, vendors.resolve(String.valueOf(file.getFileName())));
        copied++;
      }
    }
    return copied;
  }
}
