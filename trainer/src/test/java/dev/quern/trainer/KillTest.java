package dev.quern.trainer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills training in a process of its own, as {@code kill -9} does, at random moments, and resumes
 * it: it must end with the same bits as training that nobody stopped. The system property {@code
 * quern.test.kills} says how often, {@code quern.test.seed} when.
 */
class KillTest {
  private static final int KILLS = Integer.getInteger("quern.test.kills", 4);
  private static final long SEED = Long.getLong("quern.test.seed", 1);

  @TempDir private Path folder;

  private Process start(String save, boolean checkpoints) throws IOException {
    Path checkpoint = folder.resolve("checkpoint");
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.quern.trainer.Main"));
    command.addAll(
        List.of(
            ("train mlp --hidden 9 --batch 16 --epochs 60 --optimizer adam --standardize --label last"
                    + " --validation-split 0.2 --patience 50")
                .split(" ", -1)));
    command.addAll(List.of("--data", folder.resolve("data").toString()));
    command.addAll(List.of("--save", folder.resolve(save).toString()));
    if (checkpoints) {
      command.addAll(List.of("--checkpoint", checkpoint.toString(), "--every", "1"));
      if (Files.exists(checkpoint)) {
        command.addAll(List.of("--resume", checkpoint.toString()));
      }
    }
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("log").toFile())
        .start();
  }

  private void finish(Process process) throws IOException, InterruptedException {
    assertTrue(process.waitFor(300, TimeUnit.SECONDS), "does not end");
    assertEquals(0, process.exitValue(), Files.readString(folder.resolve("log")));
  }

  /** Waits until the process has written a checkpoint, or ended. */
  private void awaitCheckpoint(Process process, FileTime before) throws Exception {
    Path checkpoint = folder.resolve("checkpoint");
    while (process.isAlive() && modified(checkpoint).equals(before)) {
      Thread.sleep(1);
    }
  }

  private static FileTime modified(Path file) throws IOException {
    return Files.exists(file) ? Files.getLastModifiedTime(file) : FileTime.fromMillis(0);
  }

  @Test
  void shouldEndWithTheSameBitsHoweverOftenItIsKilled() throws Exception {
    Random random = new Random(SEED);
    StringBuilder data = new StringBuilder();
    for (int i = 0; i < 200; i++) {
      double a = random.nextGaussian();
      double b = random.nextGaussian();
      data.append(a).append(' ').append(b).append(' ').append(a * b > 0 ? 1 : 0).append('\n');
    }
    Files.writeString(folder.resolve("data"), data);
    finish(start("undisturbed", false));
    byte[] expected = Files.readAllBytes(folder.resolve("undisturbed"));

    int kills = 0;
    int resumed = 0;
    while (true) {
      boolean resumes = Files.exists(folder.resolve("checkpoint"));
      FileTime before = modified(folder.resolve("checkpoint"));
      Process process = start("saved", true);
      if (kills < KILLS) {
        // Mostly while steps and checkpoints are going on, sometimes while Java starts.
        if (random.nextInt(5) > 0) {
          awaitCheckpoint(process, before);
          Thread.sleep(random.nextInt(150));
        } else {
          Thread.sleep(random.nextInt(600));
        }
      } else {
        finish(process);
      }
      if (process.isAlive()) {
        process.destroyForcibly();
        process.waitFor();
        kills++;
        resumed += resumes ? 1 : 0;
      } else {
        assertEquals(0, process.exitValue(), Files.readString(folder.resolve("log")));
        assertArrayEquals(expected, Files.readAllBytes(folder.resolve("saved")));
        Files.delete(folder.resolve("saved"));
        Files.delete(folder.resolve("checkpoint"));
        if (kills >= KILLS) {
          break;
        }
      }
    }

    assertEquals(KILLS, kills);
    assertTrue(resumed > 0, "no killed run had been resumed");
    System.getLogger(KillTest.class.getName())
        .log(System.Logger.Level.INFO, kills + " kills, " + resumed + " of them of resumed runs");
  }
}
