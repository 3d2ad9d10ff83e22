package dev.quern.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.quern.Tensor;
import dev.quern.io.Npy;
import dev.quern.trainer.Cli.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VerifyCommandTest {
  private static final Tensor X = Tensor.of(-1f, 0f, 2f);
  private static final Tensor RELU = Tensor.of(0f, 0f, 2f);

  @TempDir private Path root = Path.of("");
  private CaseFolder cases = new CaseFolder(root);

  @BeforeEach
  void setUp() {
    cases = new CaseFolder(root);
  }

  private static String lastLine(Outcome outcome) {
    List<String> lines = outcome.out().lines().toList();
    return lines.get(lines.size() - 1);
  }

  @Test
  void shouldPassEveryBuiltInCase() {
    Outcome outcome = Cli.run("verify", "--device", "cpu");

    assertEquals(0, outcome.status(), outcome.out());
    assertTrue(lastLine(outcome).matches("[1-9][0-9]+ passed, 0 failed, 0 unsupported"));
  }

  @Test
  void shouldPassEveryOperatorCase() {
    String folder = Shared.file("onnx-node-tests");

    JsonObject report = Cli.run("verify", folder, "--json").json();

    Set<String> lacking = new HashSet<>();
    for (JsonElement element : report.getAsJsonArray("cases")) {
      JsonObject entry = element.getAsJsonObject();
      if (!entry.get("status").getAsString().equals("passed")) {
        lacking.add(entry.get("family").getAsString());
      }
    }
    assertEquals(Set.of(), lacking);
  }

  @Test
  void shouldCountPassedFailedAndUnsupportedCases() throws Exception {
    cases.unary("good", "Relu", "{}", X, RELU);
    cases.unary("bad", "Relu", "{}", X, X);
    cases.unary("deeper/down", "NoSuchOperator", "{}", X, X);

    Outcome outcome = cases.verify();

    assertEquals(1, outcome.status());
    assertEquals("1 passed, 1 failed, 1 unsupported", lastLine(outcome));
  }

  @Test
  void shouldNameCaseAndPositionOfAWrongValue() throws Exception {
    cases.unary("bad", "Relu", "{}", X, Tensor.of(0f, 0f, 3f));

    Outcome outcome = cases.verify();

    assertTrue(outcome.out().contains("bad: output 0 at [2]: got 2.0, wanted 3.0"), outcome.out());
  }

  @Test
  void shouldExitWith0WhenCasesAreOnlyUnsupported() throws Exception {
    cases.unary("odd", "NoSuchOperator", "{}", X, X);

    assertEquals(0, cases.verify().status());
  }

  @Test
  void shouldNotPassACaseWithAnAttributeItDoesNotKnow() throws Exception {
    cases.unary("odd", "Relu", "{\"frobnicate\": 1}", X, RELU);

    Outcome outcome = cases.verify();

    assertEquals("0 passed, 0 failed, 1 unsupported", lastLine(outcome));
  }

  @Test
  void shouldFailOnAnotherType() throws Exception {
    cases.unary("bad", "Identity", "{}", X, Tensor.of(new double[] {-1, 0, 2}, 3));

    Outcome outcome = cases.verify();

    assertTrue(outcome.out().contains("got F32 [3], wanted F64 [3]"), outcome.out());
  }

  @Test
  void shouldFailOnAnotherShape() throws Exception {
    cases.unary("bad", "Identity", "{}", X, X.reshape(1, 3));

    Outcome outcome = cases.verify();

    assertTrue(outcome.out().contains("got F32 [3], wanted F32 [1, 3]"), outcome.out());
  }

  @Test
  void shouldTakeNanAndInfinitiesAsEqualToThemselves() throws Exception {
    Tensor special = Tensor.of(Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY);
    cases.unary("good", "Identity", "{}", special, special);

    assertEquals("1 passed, 0 failed, 0 unsupported", lastLine(cases.verify()));
  }

  @ParameterizedTest
  @CsvSource({"1, Infinity", "Infinity, 1", "Infinity, -Infinity", "NaN, 1", "1, NaN"})
  void shouldFailWhereOnlyOneIsSpecial(float got, float want) throws Exception {
    cases.unary("bad", "Identity", "{}", Tensor.of(got), Tensor.of(want));

    assertEquals("0 passed, 1 failed, 0 unsupported", lastLine(cases.verify()));
  }

  @Test
  void shouldCompareIntegersExactly() throws Exception {
    Tensor x = Tensor.of(new long[] {1L << 53}, 1);
    Tensor next = Tensor.of(new long[] {(1L << 53) + 1}, 1);
    cases.unary("bad", "Identity", "{}", x, next);

    assertEquals("0 passed, 1 failed, 0 unsupported", lastLine(cases.verify()));
  }

  @Test
  void shouldListEveryCaseInOneJsonObject() throws Exception {
    cases.unary("bad", "Relu", "{}", X, Tensor.of(0f, 0f, 3f));

    Outcome outcome = cases.verify("--json", "--device", "cpu");

    JsonObject report = outcome.json();
    JsonObject entry = report.getAsJsonArray("cases").get(0).getAsJsonObject();
    assertEquals(1, outcome.status());
    assertEquals("cpu", report.get("device").getAsString());
    assertEquals(1, report.get("failed").getAsInt());
    assertEquals("bad", entry.get("name").getAsString());
    assertEquals("Relu", entry.get("op").getAsString());
    assertEquals("hand-made", entry.get("family").getAsString());
    assertEquals("failed", entry.get("status").getAsString());
    assertEquals(1.0, entry.get("difference").getAsDouble());
  }

  @Test
  void shouldRefuseAFolderThatIsNotThere() {
    String missing = root.resolve("missing").toString();

    Outcome outcome = Cli.run("verify", missing);

    assertEquals(2, outcome.status());
    assertTrue(outcome.err().contains(missing + ": no such folder"), outcome.err());
  }

  @Test
  void shouldRefuseAFile() throws Exception {
    Path file = Files.writeString(root.resolve("file"), "");

    Outcome outcome = Cli.run("verify", file.toString());

    assertEquals(2, outcome.status());
    assertTrue(outcome.err().contains(file + ": no such folder"), outcome.err());
  }

  @Test
  void shouldRefuseAFolderWithoutCases() {
    Outcome outcome = cases.verify();

    assertEquals(2, outcome.status());
    assertTrue(outcome.err().contains("no case.json or golden.json"), outcome.err());
  }

  @Test
  void shouldRefuseADeviceThatIsNotThere() {
    Outcome outcome = Cli.run("verify", "--device", "abacus:0");

    assertEquals(2, outcome.status());
    assertTrue(outcome.err().contains("abacus:0 is not there"), outcome.err());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "~~ | holds no JSON object",
        "{\"name\": | not well-formed JSON",
        "[1] | holds no JSON object",
        "{} | \"op\" is missing",
        "{\"op\": 3} | \"op\" must be a string: 3",
        "{\"op\": \"Relu\", \"name\": \"n\"} | \"outputs\" is missing",
        "{\"op\": \"Relu\", \"name\": \"n\", \"opset\": 1.5} | \"opset\" must be an integer: 1.5",
        "{\"op\": \"Relu\", \"name\": \"n\", \"opset\": 0} | \"opset\" must be in [1,",
        "{\"op\": \"Relu\", \"name\": \"n\", \"opset\": 9, \"outputs\": 1} | \"outputs\" must be a list",
        "{\"op\": \"Relu\", \"name\": \"n\", \"opset\": 9, \"outputs\": [1]} | \"outputs\" must be a list",
        "{\"op\": \"Relu\", \"name\": \"n\", \"opset\": 9, \"rtol\": -1} | \"rtol\" must not be negative",
        "{\"op\": \"Relu\", \"name\": \"n\", \"opset\": 9, \"outputs\": [], \"inputs\": [],"
            + " \"attributes\": 1} | \"attributes\" must be an object: 1",
        "{\"op\": \"Relu\", \"name\": \"n\", \"opset\": 9, \"outputs\": [], \"inputs\": []}"
            + " | lacks input 0",
        "{\"op\": \"Relu\", \"name\": \"n\", \"opset\": 9, \"outputs\": [], \"inputs\": [\"no.npy\"]}"
            + " | no.npy: no such file"
      })
  void shouldFailAMalformedCaseAndGoOn(String content, String problem) throws Exception {
    cases.write("broken", "case.json", content);
    cases.unary("good", "Relu", "{}", X, RELU);

    Outcome outcome = cases.verify();

    assertEquals(1, outcome.status());
    assertEquals("1 passed, 1 failed, 0 unsupported", lastLine(outcome));
    assertTrue(outcome.out().contains("broken"), outcome.out());
    assertTrue(outcome.out().contains(problem), outcome.out());
  }

  @Test
  void shouldNameTheFileAndByteOfATruncatedArray() throws Exception {
    cases.unary("broken", "Relu", "{}", X, RELU);
    Path array = root.resolve("broken").resolve("x.npy");
    byte[] bytes = Files.readAllBytes(array);
    Files.write(array, Arrays.copyOf(bytes, bytes.length - 5));

    Outcome outcome = cases.verify();

    assertEquals("0 passed, 1 failed, 0 unsupported", lastLine(outcome));
    assertTrue(outcome.out().contains(array + ": byte 128: "), outcome.out());
  }

  @Test
  void shouldFailACaseWhoseInputsDoNotFit() throws Exception {
    cases.unary("bad", "Transpose", "{\"perm\": [1, 0]}", X, X);

    Outcome outcome = cases.verify();

    assertEquals("0 passed, 1 failed, 0 unsupported", lastLine(outcome));
    assertTrue(outcome.out().contains("IllegalArgumentException: permute: "), outcome.out());
  }

  @Test
  void shouldLeaveOutWhatIsNull() throws Exception {
    cases.unary("clip", "Clip", "{}", X, Tensor.of(-1f, 0f, 1f));
    Npy.write(cases.folder("clip").resolve("max.npy"), Tensor.scalar(1));
    String json = Files.readString(root.resolve("clip/case.json"));
    cases.write("clip", "case.json", json.replace("[\"x.npy\"]", "[\"x.npy\", null, \"max.npy\"]"));

    assertEquals("1 passed, 0 failed, 0 unsupported", lastLine(cases.verify()));
  }
}
