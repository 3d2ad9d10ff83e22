package dev.quern.opencl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.tck.ChildJvm;
import dev.quern.tck.ChildJvm.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The kernels under Oclgrind, an OpenCL device that looks for data races, accesses outside memory
 * and reads of what was never written.
 */
final class OclgrindTest {
  private static final Path DRIVER = Path.of("/usr/lib/oclgrind/liboclgrind-rt-icd.so");

  @TempDir private Path folder;

  @BeforeEach
  void needsOclgrind() {
    boolean required =
        Arrays.asList(System.getProperty("quern.test.require", "").split(",")).contains("opencl");
    if (!required && !Files.exists(DRIVER)) {
      String reason = "not checked with Oclgrind: no " + DRIVER;
      System.getLogger("dev.quern.opencl").log(System.Logger.Level.WARNING, reason);
      Assumptions.abort(reason);
    }
  }

  /** What the JVM printed, and what Oclgrind found. */
  private record Report(Result jvm, String findings) {}

  private Report run(boolean gpu, String... arguments) throws IOException, InterruptedException {
    Path vendors = Files.createDirectory(folder.resolve("vendors"));
    Files.writeString(vendors.resolve("oclgrind.icd"), DRIVER.toString());
    Path log = folder.resolve("findings.log");
    Map<String, String> environment =
        Map.of(
            "OCL_ICD_VENDORS", vendors.toString(),
            "OCLGRIND_LOG", log.toString(),
            "OCLGRIND_DATA_RACES", "1",
            "OCLGRIND_UNINITIALIZED", "1",
            "OCLGRIND_CHECK_API", "1",
            // Its check of initialisation does not know all instructions of optimised code.
            "OCLGRIND_BUILD_OPTIONS", "-cl-opt-disable");
    ChildJvm child =
        new ChildJvm(
            folder,
            SmallKernels.class,
            environment,
            arguments,
            "-Dquern.opencl.gpu=" + gpu,
            "-Dquern.opencl.cache=" + folder.resolve("cache"));
    Result result = child.await();
    return new Report(result, Files.exists(log) ? Files.readString(log) : "");
  }

  // Matrix products on a processor go one by one: in one process with others Oclgrind takes vectors
  // that were written for uninitialised ones.
  @ParameterizedTest
  @CsvSource({
    "true, 0, 47",
    "true, 51, 52",
    "true, 56, 57",
    "false, 0, 47",
    "false, 51, 52",
    "false, 54, 55",
    "false, 56, 57",
    "false, 61, 62"
  })
  void shouldFindNothingInTheKernels(boolean gpu, String from, String to)
      throws IOException, InterruptedException {
    Report report = run(gpu, from, to);

    assertEquals(0, report.jvm().status(), report.jvm().output());
    assertTrue(report.jvm().output().contains("done"), report.jvm().output());
    assertTrue(report.jvm().output().contains("Oclgrind"), report.jvm().output());
    assertEquals("", report.findings());
  }

  @ParameterizedTest
  @CsvSource({"race, data race", "beyond, Invalid write", "uninitialised, Uninitialized value"})
  void shouldFindPlantedFaults(String kernel, String finding)
      throws IOException, InterruptedException {
    Report report = run(true, kernel);

    assertTrue(report.findings().contains(finding), report.findings() + report.jvm().output());
  }
}
