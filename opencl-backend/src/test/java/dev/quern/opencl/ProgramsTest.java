package dev.quern.opencl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.quern.BackendException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jocl.CL;
import org.jocl.CLException;
import org.junit.jupiter.api.Test;

/** How long builds are tried; what a driver makes of that is in {@link OpenClDriverTest}. */
final class ProgramsTest {
  private final AtomicInteger builds = new AtomicInteger();

  private static BackendException failure(int status) {
    return new BackendException("no build", new CLException("status", status));
  }

  @Test
  void shouldBuildAgainWhatFailed() {
    String built =
        Programs.patiently(
            () -> {
              if (builds.incrementAndGet() < 3) {
                throw failure(CL.CL_BUILD_PROGRAM_FAILURE);
              }
              return "program";
            });

    assertEquals("program", built);
    assertEquals(3, builds.get());
  }

  @Test
  void shouldGiveUpWhatAlwaysFails() {
    BackendException failure = failure(CL.CL_BUILD_PROGRAM_FAILURE);

    BackendException thrown =
        assertThrows(
            BackendException.class,
            () ->
                Programs.patiently(
                    () -> {
                      builds.incrementAndGet();
                      throw failure;
                    }));

    assertSame(failure, thrown);
    assertEquals(10, builds.get());
  }

  @Test
  void shouldNotRepeatOtherFailures() {
    assertThrows(
        BackendException.class,
        () ->
            Programs.patiently(
                () -> {
                  builds.incrementAndGet();
                  throw failure(CL.CL_OUT_OF_RESOURCES);
                }));

    assertEquals(1, builds.get());
  }
}
