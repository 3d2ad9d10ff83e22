package dev.quern.trainer.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.Tensor;
import dev.quern.io.Npy;
import dev.quern.trainer.Shared;
import dev.quern.trainer.verify.CaseResult.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The runner of third-party cases, on cases made here and on those in ../shared. */
class VerificationTest {
  private static final Set<String> COMPLETE =
      Set.of(
          "arithmetic",
          "exp-log-erf",
          "rounding",
          "activation",
          "softmax",
          "reduction",
          "linear-algebra",
          "comparison-logic");

  @TempDir private Path folder;

  private Path operatorCase(String op, float wanted) throws IOException {
    Npy.write(folder.resolve("x.npy"), Tensor.of(4f));
    Npy.write(folder.resolve("y.npy"), Tensor.of(wanted));
    return Files.writeString(
        folder.resolve("case.json"),
        """
        {"name": "made", "op": "%s", "family": "arithmetic", "attributes": {},
         "inputs": ["x.npy"], "outputs": ["y.npy"], "rtol": 1e-3, "atol": 1e-7}
        """
            .formatted(op));
  }

  private static CaseResult only(Path file) {
    List<CaseResult> results = Verification.run(file);
    assertEquals(1, results.size());
    return results.get(0);
  }

  @Test
  void shouldPassWhatAgrees() throws IOException {
    assertEquals(Status.PASSED, only(operatorCase("Sqrt", 2)).status());
  }

  @Test
  void shouldFailWhatDiffers() throws IOException {
    CaseResult result = only(operatorCase("Sqrt", 2.1f));

    assertEquals(Status.FAILED, result.status());
    assertTrue(result.message().contains("wanted 2.09"), result.message());
  }

  @Test
  void shouldCallAnUnknownOperatorUnsupported() throws IOException {
    assertEquals(Status.UNSUPPORTED, only(operatorCase("Fourier", 2)).status());
  }

  @Test
  void shouldFailATruncatedTensorAndNameItsFile() throws IOException {
    Path file = operatorCase("Sqrt", 2);
    byte[] bytes = Files.readAllBytes(folder.resolve("x.npy"));
    Files.write(folder.resolve("x.npy"), java.util.Arrays.copyOf(bytes, bytes.length - 1));

    CaseResult result = only(file);

    assertEquals(Status.FAILED, result.status());
    assertTrue(result.message().contains("x.npy"), result.message());
  }

  @Test
  void shouldFailMalformedJsonAndNameItsFile() throws IOException {
    Path file = Files.writeString(folder.resolve("case.json"), "{\"name\": ");

    CaseResult result = only(file);

    assertEquals(Status.FAILED, result.status());
    assertTrue(result.message().contains("case.json"), result.message());
  }

  @Test
  void shouldPassAllBuiltInCases() {
    List<CaseResult> failed = new ArrayList<>();
    List<CaseResult> results =
        Verification.builtIn(
            result -> {
              if (result.status() != Status.PASSED) {
                failed.add(result);
              }
            });

    assertEquals(List.of(), failed);
    assertTrue(results.size() > 50, "only " + results.size() + " cases");
  }

  @Test
  void shouldPassTheOperatorCases() {
    List<CaseResult> results = all("onnx-node-tests");

    assertEquals(List.of(), withStatus(results, Status.FAILED));
    Set<String> lacking =
        withStatus(results, Status.UNSUPPORTED).stream()
            .map(CaseResult::family)
            .filter(COMPLETE::contains)
            .collect(Collectors.toSet());
    assertEquals(Set.of(), lacking);
  }

  @Test
  void shouldFollowTheTrainingTrajectories() {
    List<CaseResult> results = all("golden");

    assertEquals(
        List.of(), results.stream().filter(result -> result.status() != Status.PASSED).toList());
  }

  private static List<CaseResult> withStatus(List<CaseResult> results, Status status) {
    return results.stream().filter(result -> result.status() == status).toList();
  }

  private static List<CaseResult> all(String name) {
    Path place = Path.of(Shared.file(name));
    List<CaseResult> results = new ArrayList<>();
    Verification.find(place).forEach(file -> results.addAll(Verification.run(file)));
    assertTrue(results.size() > 10, "only " + results.size() + " cases in " + place);
    return results;
  }
}
