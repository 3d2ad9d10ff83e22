package dev.quern.bench.gpu;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A process that does tasks, as {@link Worker} says; started when it is needed, and again. */
final class Peer implements AutoCloseable {
  private static final long START_SECONDS = 60;
  private static final String END = "";

  private final List<String> command;
  private final Path log;
  private @Nullable Running running;
  private @Nullable String refusal;

  /** A started process, and what it has answered. */
  private record Running(Process process, Writer requests, LinkedBlockingQueue<String> answers) {}

  Peer(List<String> command, Path log) {
    this.command = List.copyOf(command);
    this.log = log;
  }

  /**
   * Returns the answer to a request.
   *
   * @throws PeerException if it is an error, or does not come in time; the process is ended where
   *     more of it cannot be expected
   */
  JsonObject ask(String request, long seconds) {
    Running peer = started();
    return ask(peer, request, seconds);
  }

  private Running started() {
    if (refusal != null) {
      throw new PeerException(refusal);
    }
    Running peer = running;
    if (peer == null || !peer.process.isAlive()) {
      peer = start();
      running = peer;
      ask(peer, "hello", START_SECONDS);
    }
    return peer;
  }

  private Running start() {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .start();
      LinkedBlockingQueue<String> answers = new LinkedBlockingQueue<>();
      Thread reader = new Thread(() -> read(process, answers), "answers");
      reader.setDaemon(true);
      reader.start();
      return new Running(process, process.outputWriter(StandardCharsets.UTF_8), answers);
    } catch (IOException e) {
      refusal = e.toString();
      throw new PeerException(refusal);
    }
  }

  private static void read(Process process, LinkedBlockingQueue<String> answers) {
    try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        answers.add(line);
      }
    } catch (IOException e) {
      // The process is gone, which the one who waits is told below.
    }
    answers.add(END);
  }

  private JsonObject ask(Running peer, String request, long seconds) {
    String line;
    try {
      peer.requests.write(request + "\n");
      peer.requests.flush();
      line = peer.answers.poll(seconds, TimeUnit.SECONDS);
    } catch (IOException e) {
      line = END;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PeerException("interrupted");
    }
    if (line == null) {
      close();
      throw new PeerException("no answer within " + seconds + " s: " + request);
    }
    if (line.equals(END)) {
      close();
      throw new PeerException("the process ended, see the log: " + request);
    }
    JsonObject answer;
    try {
      answer = JsonParser.parseString(line).getAsJsonObject();
    } catch (JsonParseException | IllegalStateException e) {
      throw new PeerException("no JSON: " + line);
    }
    if (answer.has("fatal")) {
      refusal = answer.get("fatal").getAsString();
      throw new PeerException(refusal);
    }
    if (answer.has("lost")) {
      close();
    }
    if (answer.has("error")) {
      throw new PeerException(answer.get("error").getAsString());
    }
    return answer;
  }

  /** Ends the process. */
  @Override
  public void close() {
    Running peer = running;
    running = null;
    if (peer == null) {
      return;
    }
    try {
      peer.requests.close();
      if (!peer.process.waitFor(1, TimeUnit.SECONDS)) {
        peer.process.destroyForcibly();
      }
    } catch (IOException e) {
      peer.process.destroyForcibly();
    } catch (InterruptedException e) {
      peer.process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
