package dev.quern.trainer;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** Runs the command line within the test and keeps what it prints. */
final class Cli {
  /**
   * What a command left.
   *
   * @param status the exit status
   * @param out standard output
   * @param err standard error
   */
  record Outcome(int status, String out, String err) {
    /** Returns standard output as the one JSON object it must be. */
    JsonObject json() {
      return JsonParser.parseString(out).getAsJsonObject();
    }
  }

  private Cli() {}

  static Outcome run(String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int status = Main.run(new Console(print(out), print(err), false), args);
    return new Outcome(
        status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  private static PrintStream print(ByteArrayOutputStream bytes) {
    return new PrintStream(bytes, true, StandardCharsets.UTF_8);
  }
}
