package dev.quern.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.quern.tck.ChildJvm;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BoxingTest {
  @TempDir private Path folder;

  // In a virtual machine of its own, in which nothing else has run.
  @Test
  void shouldKeepVectorsInRegistersWhateverRanBefore() throws InterruptedException {
    String module = "jdk.incubator.vector";
    assumeTrue(ModuleLayer.boot().findModule(module).isPresent(), "without " + module);

    ChildJvm.Result result =
        new ChildJvm(
                folder,
                ListBoxingLoops.class,
                Map.of(),
                "-XX:TieredStopAtLevel=4",
                "-Dquern.simd=always",
                "--add-modules",
                module)
            .await();

    assertEquals(0, result.status(), result.output());
    List<String> boxing = result.output().lines().filter(line -> line.startsWith("boxes")).toList();
    assertEquals(List.of(), boxing);
  }
}
