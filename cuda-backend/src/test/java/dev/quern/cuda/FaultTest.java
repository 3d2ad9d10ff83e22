package dev.quern.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.tck.ChildJvm;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Faults of the device and the driver, as the emulator makes them. */
final class FaultTest {
  private static final String LOST = "the device's context is lost, a new process is needed";
  private static final String AGAIN = "BackendException: cuda:0: " + LOST;

  @TempDir private Path folder;

  @BeforeEach
  void requireEmulator() {
    Required.emulator();
  }

  /** Runs a scenario to its end and returns what happened at each step. */
  private Map<String, String> run(String scenario, String setting, String value, String... options)
      throws InterruptedException {
    String[] arguments = {scenario};
    Map<String, String> environment = Map.of("QUERN_EMULATOR_" + setting, value);
    ChildJvm.Result result =
        new ChildJvm(folder, Scenario.class, environment, arguments, options).await();
    assertEquals(0, result.status(), result.output());
    assertTrue(result.output().lines().anyMatch("end"::equals), result.output());
    Map<String, String> steps = new HashMap<>();
    String step = "";
    for (String line : result.output().lines().toList()) {
      if (line.startsWith("cuda-emulator:") || line.equals("end")) {
        continue;
      }
      if (line.matches("[a-z]+( \\d)?: .*")) {
        step = line.substring(0, line.indexOf(':'));
        steps.put(step, line.substring(step.length() + 2));
      } else {
        steps.merge(step, line, (before, more) -> before + "\n" + more);
      }
    }
    return steps;
  }

  private static void assertStarts(String start, Map<String, String> steps, String step) {
    assertTrue(String.valueOf(steps.get(step)).startsWith(start), () -> step + " in " + steps);
  }

  private static void assertContains(String part, Map<String, String> steps, String step) {
    assertTrue(String.valueOf(steps.get(step)).contains(part), () -> step + " in " + steps);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void shouldGoOnAfterAnAllocationFailed(int n) throws Exception {
    Map<String, String> steps = run("allocate", "FAIL_CALL", "cuMemAlloc_v2=2@" + n);

    for (int i = 1; i <= 4; i++) {
      if (i == n) {
        assertTrue(
            steps
                .get("allocation " + i)
                .matches(
                    "OutOfDeviceMemoryException: free \\d+ of \\d+ bytes: CUDA_ERROR_OUT_OF_MEMORY"
                        + " \\(2\\), out of memory"),
            steps.toString());
      } else {
        assertEquals("done", steps.get("allocation " + i), steps.toString());
      }
    }
  }

  @Test
  void shouldNameAKernelThatDoesNotStartAndGoOn() throws Exception {
    Map<String, String> steps = run("launch", "FAIL_LAUNCH", "2");

    assertStarts(
        "BackendException: cuLaunchKernel: count Grid[groupsX=1, groupsY=1, groupsZ=1, sizeX=1,"
            + " sizeY=1, localBytes=0]: CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES (701), ",
        steps,
        "launch 2");
    for (String step : new String[] {"launch 1", "launch 3", "synchronize", "download", "close"}) {
      assertEquals("done", steps.get(step), steps.toString());
    }
  }

  @Test
  void shouldReportAKernelThatFailedWhenItRan() throws Exception {
    Map<String, String> steps = run("launch", "FAIL_LAUNCH_LATE", "2");

    assertEquals("done", steps.get("launch 4"), steps.toString());
    assertStarts(
        "BackendException: cuStreamSynchronize: CUDA_ERROR_LAUNCH_FAILED (719), ",
        steps,
        "synchronize");
    assertContains(
        " on cuda:0, caused by one of the last kernels: places, count, places, count"
            + " (-Dquern.cuda.blocking=true tells which); "
            + LOST,
        steps,
        "synchronize");
    for (String step : new String[] {"upload", "download", "allocate"}) {
      assertStarts(AGAIN + "; what happened first: cuStreamSynchronize: ", steps, step);
    }
    assertEquals("done", steps.get("free"), steps.toString());
    assertEquals("done", steps.get("close"), steps.toString());
  }

  @Test
  void shouldNameTheKernelThatFailedWhereEachIsWaitedFor() throws Exception {
    Map<String, String> steps =
        run("launch", "FAIL_LAUNCH_LATE", "2", "-Dquern.cuda.blocking=true");

    assertEquals("done", steps.get("launch 1"), steps.toString());
    assertStarts(
        "BackendException: kernel count Grid[groupsX=1, groupsY=1, groupsZ=1, sizeX=1, sizeY=1,"
            + " localBytes=0]: CUDA_ERROR_LAUNCH_FAILED (719), ",
        steps,
        "launch 2");
    assertStarts(AGAIN + "; what happened first: kernel count ", steps, "launch 3");
  }

  @Test
  void shouldReportAnIllegalAddressOfTheKernelsThatCanHaveUsedIt() throws Exception {
    Map<String, String> steps = run("stray", "SEED", "1");

    assertEquals("done", steps.get("good"), steps.toString());
    assertEquals("done", steps.get("bad"), steps.toString());
    assertContains("CUDA_ERROR_ILLEGAL_ADDRESS (700), ", steps, "download");
    assertContains("caused by one of the last kernels: scale (-D", steps, "download");
    assertStarts(AGAIN, steps, "again");
  }

  /** From the first call that needs a context to the last. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5, 8, 12, 16, 20, 24})
  void shouldSayThatTheContextIsLostWhereverItIs(int n) throws Exception {
    Map<String, String> steps = run("launch", "LOSE_CONTEXT", Integer.toString(n));

    String[] order = {
      "load",
      "find",
      "launch 1",
      "launch 2",
      "launch 3",
      "launch 4",
      "synchronize",
      "upload",
      "download",
      "allocate",
      "free",
      "close",
      "scenario"
    };
    int failed = 0;
    for (String step : order) {
      boolean tolerant = Set.of("free", "close", "scenario").contains(step);
      String text = steps.getOrDefault(step, "done");
      if (failed > 0 && !tolerant && steps.containsKey(step)) {
        assertStarts(AGAIN + "; what happened first: ", steps, step);
      } else if (!text.equals("done")) {
        assertContains("CUDA_ERROR_LAUNCH_FAILED (719), ", steps, step);
        assertContains(LOST, steps, step);
      }
      failed += text.equals("done") ? 0 : 1;
    }
    assertEquals(1, Math.min(failed, 1), steps.toString());
  }

  @Test
  void shouldSayWhatToDoAboutATooOldDriver() throws Exception {
    Map<String, String> steps = run("launch", "PTX", "7.0");

    assertStarts(
        "BackendException: cuModuleLoadDataEx: kernels drivertest (PTX 7.7 for sm_75, device ",
        steps,
        "load");
    assertContains("CUDA_ERROR_UNSUPPORTED_PTX_VERSION (222), ", steps, "load");
    assertContains(
        "\nThe driver is too old for PTX 7.7: install a newer NVIDIA driver.", steps, "load");
  }

  @Test
  void shouldPassOnWhatTheCompilerOfTheDriverSays() throws Exception {
    Map<String, String> steps = run("launch", "PTX", "7.0");

    assertContains(
        "\nemulated ptxas: Unsupported .version 7.7; current version is '7.0'", steps, "load");
  }

  @ParameterizedTest
  @CsvSource({
    "209, CUDA_ERROR_NO_BINARY_FOR_GPU, a newer NVIDIA driver may",
    "218, CUDA_ERROR_INVALID_PTX, a newer NVIDIA driver may",
    "221, CUDA_ERROR_JIT_COMPILER_NOT_FOUND, libnvidia-ptxjitcompiler.so.1",
    "223, (223), CUDA_DISABLE_PTX_JIT"
  })
  void shouldSayWhatToDoAboutKernelsThatDoNotLoad(int code, String name, String advice)
      throws Exception {
    Map<String, String> steps = run("launch", "FAIL_CALL", "cuModuleLoadDataEx=" + code);

    assertContains(name, steps, "load");
    assertContains(advice, steps, "load");
  }

  @ParameterizedTest
  @CsvSource({
    "cuDevicePrimaryCtxRetain=2@1, cuDevicePrimaryCtxRetain: CUDA_ERROR_OUT_OF_MEMORY",
    "cuCtxSetCurrent=201@1, cuCtxSetCurrent: CUDA_ERROR_INVALID_CONTEXT",
    "cuStreamCreate=2@1, cuStreamCreate: CUDA_ERROR_OUT_OF_MEMORY",
    "cuMemHostAlloc=2@1, cuMemHostAlloc: 32772 bytes: CUDA_ERROR_OUT_OF_MEMORY",
    "cuEventCreate=2@2, cuEventCreate: CUDA_ERROR_OUT_OF_MEMORY"
  })
  void shouldOpenADeviceThatFailedToOpen(String call, String failure) throws Exception {
    Map<String, String> steps = run("open", "FAIL_CALL", call);

    assertStarts("BackendException: " + failure, steps, "first");
    assertEquals("done", steps.get("second"), steps.toString());
  }
}
