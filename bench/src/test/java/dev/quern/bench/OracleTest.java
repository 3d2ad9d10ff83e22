package dev.quern.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OracleTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "matmul nn 5 7 3",
        "matmul tn 5 7 3",
        "matmul nt 5 7 3",
        "batched nn 3 4 5 6",
        "add into 100",
        "add new 100",
        "chain into 100",
        "chain new 100",
        "exp into 100",
        "sigmoid into 100",
        "tanh into 100",
        "sum all 1000",
        "sum columns 20 30",
        "softmax rows 20 30",
        "linear step 16 8 1",
        "softmax step 16 8 3",
        "mlp step 16 8 12 3",
      })
  void shouldAcceptWhatQuernComputesAndNothingElse(String text) {
    Spec spec = Spec.parse(text);
    float[] result = resultOf(spec);
    double[] samples = sampled(result);

    String right = Oracle.complain(spec, result.length, samples);
    samples[samples.length / 2] += 0.25;
    String wrong = Oracle.complain(spec, result.length, samples);
    String missing = Oracle.complain(spec, result.length + 1, sampled(result));

    assertEquals("", right);
    assertTrue(wrong.contains("not"), wrong);
    assertTrue(missing.contains("elements"), missing);
  }

  @ParameterizedTest
  @ValueSource(strings = {"linear step 16 8 1", "softmax step 16 8 3", "mlp step 16 8 12 3"})
  void shouldNoticeAStepThatWasNotTaken(String text) {
    Spec spec = Spec.parse(text);
    int weights = spec.dim(1) * spec.dim(2);
    float[] start = Numbers.array(resultOf(spec).length, 2, 0.125f);
    Arrays.fill(start, weights, start.length, 0);

    String complaint = Oracle.complain(spec, start.length, sampled(start));

    assertTrue(complaint.contains("not"), complaint);
  }

  private static float[] resultOf(Spec spec) {
    try (Contender.Work work = new QuernContender().prepare(spec).orElseThrow()) {
      work.run();
      return work.result();
    }
  }

  private static double[] sampled(float[] result) {
    return Arrays.stream(Numbers.places(result.length)).mapToDouble(i -> result[(int) i]).toArray();
  }
}
