package dev.quern.trainer.verify;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import dev.quern.io.FormatException;
import dev.quern.trainer.verify.CaseResult.Status;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Finds cases in a folder and runs them on the current device. */
public final class Verification {
  private Verification() {}

  /**
   * Returns every {@code case.json} and {@code golden.json} below a folder, in order of names.
   *
   * @throws UncheckedIOException if the folder cannot be read
   */
  public static List<Path> find(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(file -> file.endsWith("case.json") || file.endsWith("golden.json"))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(folder + ": cannot be read", e);
    }
  }

  /** Runs one file's cases; whatever goes wrong with them is a failed case, never an exception. */
  public static List<CaseResult> run(Path file) {
    String name = file.toAbsolutePath().getParent() + "";
    try {
      JsonObject json = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
      return file.endsWith("case.json")
          ? List.of(OperatorCase.run(file, json))
          : TrainingCase.run(file, json);
    } catch (JsonParseException | MalformedInputException | ClassCastException e) {
      return failed(name, file + ": not the expected JSON: " + e.getMessage());
    } catch (NullPointerException | IllegalStateException | UnsupportedOperationException e) {
      // Gson answers a missing or mistyped member this way.
      return failed(name, file + ": a member is missing or mistyped: " + e.getMessage());
    } catch (FormatException e) {
      return failed(name, String.valueOf(e.getMessage()));
    } catch (IOException | UncheckedIOException e) {
      return failed(name, file + ": cannot be read: " + e.getMessage());
    } catch (RuntimeException e) {
      return failed(name, file + ": " + e);
    }
  }

  private static List<CaseResult> failed(String name, String message) {
    return List.of(new CaseResult(name, "", "unreadable", Status.FAILED, message, Double.NaN));
  }

  /** Runs the built-in cases. */
  public static List<CaseResult> builtIn(Consumer<CaseResult> progress) {
    List<CaseResult> results = new ArrayList<>();
    BuiltInCases.run(
        result -> {
          results.add(result);
          progress.accept(result);
        });
    return results;
  }
}
