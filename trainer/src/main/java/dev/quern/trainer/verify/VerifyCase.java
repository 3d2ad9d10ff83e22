package dev.quern.trainer.verify;

import dev.quern.Scope;
import dev.quern.io.FormatException;
import dev.quern.trainer.verify.CaseResult.Status;
import java.io.UncheckedIOException;

/**
 * One thing to verify.
 *
 * @param name what tells it from the others
 * @param op the operator, optimizer or kernel that it exercises
 * @param family the group it is counted in
 */
record VerifyCase(String name, String op, String family, Body body) {
  /** Computes on the current device and compares. */
  @FunctionalInterface
  interface Body {
    /**
     * Runs the case.
     *
     * @throws UnsupportedCaseException if it has no counterpart here
     * @throws MalformedCaseException if its files are not what they should be
     */
    Comparison run();
  }

  /** Returns a case that fails with a message, for a file that could not be read. */
  static VerifyCase unreadable(String name, String message) {
    return new VerifyCase(
        name,
        "",
        "unreadable",
        () -> {
          throw new MalformedCaseException(message);
        });
  }

  /** Runs the case; whatever goes wrong is its result, so that the others still run. */
  CaseResult run() {
    Scope scope = Scope.open();
    try (scope) {
      Comparison comparison = body.run();
      String problem = comparison.problem();
      Status status = problem.isEmpty() ? Status.PASSED : Status.FAILED;
      return new CaseResult(name, op, family, status, problem, comparison.largest());
    } catch (UnsupportedCaseException e) {
      return without(Status.UNSUPPORTED, String.valueOf(e.getMessage()));
    } catch (MalformedCaseException | FormatException | UncheckedIOException e) {
      return without(Status.FAILED, String.valueOf(e.getMessage()));
    } catch (RuntimeException | Error e) {
      return without(Status.FAILED, e.getClass().getSimpleName() + ": " + e.getMessage());
    }
  }

  private CaseResult without(Status status, String message) {
    return new CaseResult(name, op, family, status, message, Double.NaN);
  }
}
