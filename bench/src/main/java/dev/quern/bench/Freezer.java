package dev.quern.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Stops processes while they wait for their turn: threads that spin after their work, as those of
 * OpenMP do for up to 200 ms, would take time from whoever comes next. A shell sends the signals,
 * since a process for each would take as long as a turn; where there is no shell nobody is stopped.
 * When its input ends, for whatever reason, it lets everybody go on.
 */
final class Freezer implements AutoCloseable {
  private static final String SCRIPT =
      "all=; while read signal id; do all=\"$all $id\"; kill -$signal $id; echo; done 2>/dev/null;"
          + " kill -CONT $all 2>/dev/null";

  private final @Nullable Process shell;

  /** Starts the shell. */
  Freezer() {
    Process started;
    try {
      started = new ProcessBuilder("/bin/sh", "-c", SCRIPT).start();
    } catch (IOException e) {
      started = null;
    }
    shell = started;
  }

  /** Stops processes; returns when the signals are sent. */
  void stop(List<Remote> remotes) {
    remotes.forEach(remote -> signal("STOP", remote));
  }

  /** Lets processes go on. */
  void resume(List<Remote> remotes) {
    remotes.forEach(remote -> signal("CONT", remote));
  }

  private void signal(String signal, Remote remote) {
    Process to = shell;
    if (to == null) {
      return;
    }
    Writer commands = to.outputWriter(StandardCharsets.UTF_8);
    BufferedReader answers = to.inputReader(StandardCharsets.UTF_8);
    try {
      commands.write(signal + " " + remote.id() + "\n");
      commands.flush();
      answers.readLine();
    } catch (IOException e) {
      // The shell has ended, and has let everybody go on.
    }
  }

  @Override
  public void close() {
    Process open = shell;
    if (open == null) {
      return;
    }
    try {
      open.outputWriter(StandardCharsets.UTF_8).close();
      open.waitFor();
    } catch (IOException e) {
      open.destroy();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
