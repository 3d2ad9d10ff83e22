package dev.quern.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SurroundingsTest {
  @Test
  void shouldNameTheJdk() {
    String jdk = Surroundings.describe().get("jdk");

    assertNotNull(jdk);
    assertFalse(jdk.contains("null"), jdk);
    assertTrue(jdk.endsWith(" " + Runtime.version()), jdk);
  }

  @Test
  void shouldChooseTheFastestKernelsThatAProcessorRuns() {
    Set<String> haswell = Set.of("sse3", "avx", "avx2", "fma");
    Set<String> skylake =
        Set.of("sse3", "avx", "avx2", "fma", "avx512f", "avx512dq", "avx512bw", "avx512vl");

    assertEquals(Optional.of("SkylakeX"), Surroundings.openBlasKernels(skylake::contains));
    assertEquals(Optional.of("Haswell"), Surroundings.openBlasKernels(haswell::contains));
    assertEquals(Optional.empty(), Surroundings.openBlasKernels(Set.of("sse3")::contains));
  }
}
