package dev.quern.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReportTest {
  @Test
  void shouldReadWhatASpecWrites() {
    Spec spec = Spec.of("matmul", "nt", 256, 10, 128);

    assertEquals(spec, Spec.parse(spec.toString()));
    assertEquals(2.0 * 256 * 10 * 128, spec.operations());
    assertEquals(4.0 * (2560 + 1280 + 256 * 128), spec.bytes());
  }

  @Test
  void shouldRefuseASpecWithoutSizes() {
    assertThrows(IllegalArgumentException.class, () -> Spec.parse("matmul nn"));
  }

  @Test
  void shouldKnowOperationsAndBytesOfEveryCase() {
    for (Case line : Case.all()) {
      assertTrue(line.spec().operations() > 0, line.toString());
      assertTrue(line.spec().bytes() > 0, line.toString());
    }
  }

  @Test
  void shouldInterpolateQuantiles() {
    double[] values = {4, 1, 3, 2};

    assertEquals(2.5, Timing.quantile(values, 0.5));
    assertEquals(1.75, Timing.quantile(values, 0.25));
    assertArrayEquals(new double[] {4, 1, 3, 2}, values);
  }

  @Test
  void shouldDivideRoundByRound() {
    Timing own = timing(CaseResult.QUERN, 1, 2, 4);
    Timing peer = timing("pytorch", 2, 6, 4);

    assertArrayEquals(new double[] {2, 3, 1}, own.ratios(peer));
  }

  @Test
  void shouldSayWhichAimIsMissed() {
    CaseResult result = result();

    List<String> aims = result.aims(1);

    assertEquals(List.of("0.50 of 1.0 x pytorch MISSED"), aims);
  }

  @Test
  void shouldCompareWithTheMachinesLimitOfTheSameRounds() {
    CaseResult result = result();

    double limit = result.limit(1).orElseThrow();

    // A copy took as long as adding, which moves 12 bytes an element.
    assertEquals(Machine.BYTES / 8e6, limit, 1e-9);
  }

  @Test
  void shouldWriteJson() {
    JsonObject json = JsonParser.parseString(report().json()).getAsJsonObject();

    JsonObject line = json.getAsJsonArray("cases").get(0).getAsJsonObject();
    assertEquals("add into 16777216", line.get("case").getAsString());
    assertEquals(3, line.getAsJsonArray("timings").size());
  }

  @Test
  void shouldWriteAPageThatNeedsNothingElse() {
    String page = Page.of(report());

    assertTrue(page.contains("<svg") && page.contains("Roofline"), page);
    assertFalse(page.contains("http") || page.contains("<script") || page.contains("src="), page);
    assertTrue(page.contains("a &lt; b"), "names are escaped");
  }

  private static Report report() {
    return new Report(
        Map.of("machine", "a < b"), Map.of("quern", "Quern"), List.of(1), List.of(result()));
  }

  private static CaseResult result() {
    Case line =
        new Case(
            "elements",
            Spec.of("add", "into", 1 << 24),
            List.of(new Case.Aim(List.of("pytorch"), 1, 0)));
    return new CaseResult(
        line,
        List.of(
            timing(CaseResult.MACHINE, 8e6, 8e6),
            timing(CaseResult.QUERN, 8e6, 8e6),
            timing("pytorch", 4e6, 4e6)),
        List.of());
  }

  private static Timing timing(String name, double... nanos) {
    return new Timing(new Remote.Label(name, 1), nanos);
  }
}
