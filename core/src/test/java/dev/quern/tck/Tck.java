package dev.quern.tck;

import dev.quern.Scope;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;

/** One family of tests; each test runs in a scope of its own. */
abstract class Tck {
  private @Nullable Scope scope;

  @BeforeEach
  final void openScope() {
    scope = Scope.open();
  }

  @AfterEach
  final void closeScope() {
    if (scope != null) {
      scope.close();
    }
  }

  /** Runs code in an inner scope. */
  static void scoped(Runnable body) {
    Scope inner = Scope.open();
    try (inner) {
      body.run();
    }
  }

  /** Returns a test in a scope of its own. */
  static DynamicTest test(String name, Runnable body) {
    return DynamicTest.dynamicTest(name, () -> scoped(body));
  }
}
