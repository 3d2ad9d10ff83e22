package dev.quern.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.BackendException;
import dev.quern.spi.BackendProvider;
import dev.quern.tck.ChildJvm;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is found on machines with, without, and with unfit CUDA devices. */
final class DiscoveryTest {
  private static final int JVMS = 8;
  private static final int ROUNDS = 3;

  @TempDir private Path folder;

  @BeforeEach
  void requireDevice() {
    Required.device();
  }

  private Map<String, String> environment(String... settings) {
    Map<String, String> environment = new HashMap<>();
    environment.put("XDG_CACHE_HOME", folder.resolve("cache").toString());
    for (int i = 0; i < settings.length; i += 2) {
      environment.put(settings[i], settings[i + 1]);
    }
    return environment;
  }

  private String list(Map<String, String> environment, String... options)
      throws InterruptedException {
    ChildJvm.Result result = new ChildJvm(folder, ListDevices.class, environment, options).await();
    assertEquals(0, result.status(), result.output());
    return result.output();
  }

  private static void assertContains(String part, String text) {
    assertTrue(text.contains(part), text);
  }

  @Test
  void shouldKnowTheNameOfTheBindingsLibrary() {
    assertNotNull(JCudaDriver.class.getResource("/" + Devices.resource()));
  }

  @Test
  void shouldTellWhatTheDeviceIs() {
    CudaDevice device = Required.device();

    assertEquals("cuda:0", device.info().id());
    assertTrue(device.info().gpu());
    assertTrue(
        device
            .info()
            .details()
            .matches(
                "compute capability \\d+\\.\\d, driver for CUDA \\d+\\.\\d, .* GiB, \\d+"
                    + " multiprocessors"),
        device.info().details());
    assertTrue(device.traits().prebuilt());
    assertTrue(device.traits().maxBlockBytes() > 0);
    assertTrue(device.traits().computeUnits() > 0);
    assertEquals(1024, device.traits().maxGroup());
    assertTrue(device.traits().localBytes() >= 64 << 10);
  }

  @Test
  void shouldGoBeforeOtherProviders() {
    BackendProvider cuda =
        ServiceLoader.load(BackendProvider.class).stream()
            .map(ServiceLoader.Provider::get)
            .filter(provider -> provider.name().equals("cuda"))
            .findFirst()
            .orElseThrow();

    assertTrue(cuda.priority() > 10, "OpenCL's");
    assertEquals("cuda:0", cuda.devices().get(0).id());
  }

  @Test
  void shouldSayThatThereIsNoSuchDevice() {
    String message =
        assertThrows(BackendException.class, () -> Devices.find("cuda:99")).getMessage();

    assertEquals("no CUDA device cuda:99", message);
  }

  @Test
  void shouldObeyTheLimitOfMemory() throws Exception {
    String output = list(environment(), "-Dquern.cuda.memory=1048576");

    assertContains("maxBlockBytes=1048576", output);
    assertContains(" memory=1048576, ", output);
  }

  @Test
  void shouldRefuseASettingThatMakesNoSense() throws Exception {
    String output = list(environment(), "-Dquern.cuda.memory=much");

    assertContains("unavailable: quern.cuda.memory: not a number of bytes: much", output);
    output = list(environment(), "-Dquern.cuda.blocking=perhaps");
    assertContains("unavailable: quern.cuda.blocking: neither true nor false: perhaps", output);
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
        assertContains("cuda:0", result.output());
      }
    }
  }

  @Test
  void shouldReplaceADamagedLibrary() throws Exception {
    list(environment());
    Path library;
    try (var files = Files.walk(folder.resolve("cache"))) {
      library = files.filter(file -> file.toString().contains("JCuda")).findFirst().orElseThrow();
    }
    long whole = Files.size(library);
    Files.write(library, new byte[100]);

    String output = list(environment());

    assertContains("cuda:0", output);
    assertEquals(whole, Files.size(library));
  }

  @Test
  void shouldExtractNoOtherLibrary() throws Exception {
    list(environment());

    try (var files = Files.walk(folder)) {
      List<Path> libraries =
          files.filter(file -> file.toString().endsWith(".so")).map(Path::getFileName).toList();
      assertEquals(1, libraries.size(), libraries.toString());
      assertContains("libJCudaDriver", libraries.get(0).toString());
    }
  }

  @Test
  void shouldDoWithoutACacheFolder() throws Exception {
    Files.createFile(Files.createDirectory(folder.resolve("cache")).resolve("quern"));

    String output = list(environment());

    assertContains("cuda:0", output);
    try (var files = Files.list(folder)) {
      assertEquals(0, files.filter(f -> f.toString().contains("quern-native")).count());
    }
  }

  @Test
  void shouldSayThatTheBindingDoesNotLoad() throws Exception {
    Files.createFile(Files.createDirectory(folder.resolve("cache")).resolve("quern"));

    String output = list(environment(), "-Djava.io.tmpdir=" + folder.resolve("absent"));

    assertContains("unavailable: the CUDA binding does not load: cannot write libJCuda", output);
  }

  @Test
  void shouldSayThatThereIsNoDriver() throws Exception {
    Path empty = Files.createDirectory(folder.resolve("empty"));

    String output = list(environment("LD_LIBRARY_PATH", empty.toString()));

    Assumptions.assumeFalse(output.contains("cuda:0"), "this machine has a driver");
    assertContains("unavailable: no NVIDIA driver (libcuda.so.1) on this machine", output);
    assertEquals(1, output.lines().count(), output);
  }

  @Test
  void shouldSayThatThereIsNoDriverThatLoads() throws Exception {
    // The loader finds it first, and refuses it.
    Path libraries = Files.createDirectory(folder.resolve("libraries"));
    Files.writeString(libraries.resolve("libcuda.so.1"), "this is no library\n".repeat(100));

    String output = list(environment("LD_LIBRARY_PATH", libraries.toString()));

    assertContains("unavailable: no NVIDIA driver (libcuda.so.1) on this machine", output);
  }

  @Test
  void shouldSayThatThereIsNoDevice() throws Exception {
    Required.emulator();

    String output = list(environment("QUERN_EMULATOR_DEVICES", "0"));

    assertContains("unavailable: no NVIDIA GPU on this machine that its driver offers", output);
  }

  @Test
  void shouldSayWhyTheDriverDoesNotStart() throws Exception {
    Required.emulator();

    String output = list(environment("QUERN_EMULATOR_FAIL_CALL", "cuInit=803"));

    assertContains("unavailable: cuInit: CUDA_ERROR_SYSTEM_DRIVER_MISMATCH (803), ", output);
  }

  @Test
  void shouldRefuseAnOldDriver() throws Exception {
    Required.emulator();

    String output = list(environment("QUERN_EMULATOR_DRIVER_VERSION", "11080"));

    assertContains(
        "unavailable: the NVIDIA driver is too old: it supports CUDA 11.8, at least 12.0 (driver"
            + " 525) is needed",
        output);
  }

  @Test
  void shouldRefuseAnOldDevice() throws Exception {
    Required.emulator();

    String output = list(environment("QUERN_EMULATOR_COMPUTE", "61"));

    assertTrue(
        output.matches(
            "(?s).*unavailable: no NVIDIA GPU on this machine that its driver offers \\(.*: compute"
                + " capability 6\\.1, at least 7\\.5 is needed\\).*"),
        output);
  }

  @Test
  void shouldNumberTheDevicesThatAreFit() throws Exception {
    Required.emulator();

    String output =
        list(environment("QUERN_EMULATOR_DEVICES", "3", "QUERN_EMULATOR_COMPUTE", "90,70,75"));

    assertContains("compute capability 7.0, at least 7.5 is needed", output);
    List<String> devices = output.lines().filter(line -> line.startsWith("CudaDevice")).toList();
    assertEquals(2, devices.size(), output);
    assertContains("id=cuda:0,", devices.get(0));
    assertContains("ordinal=0, major=9, minor=0", devices.get(0));
    assertContains("id=cuda:1,", devices.get(1));
    assertContains("ordinal=2, major=7, minor=5", devices.get(1));
  }

  @Test
  void shouldSkipADeviceThatFails() throws Exception {
    Required.emulator();

    String output =
        list(
            environment(
                "QUERN_EMULATOR_DEVICES", "2", "QUERN_EMULATOR_FAIL_CALL", "cuDeviceGet=101@1"));

    assertContains("device 0 failed: CUDA_ERROR_INVALID_DEVICE (101)", output);
    assertContains("id=cuda:0,", output);
    assertFalse(output.contains("id=cuda:1,"), output);
    assertContains("ordinal=1,", output);
  }
}
