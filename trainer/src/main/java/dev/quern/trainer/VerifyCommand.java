package dev.quern.trainer;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.quern.Device;
import dev.quern.trainer.data.DataException;
import dev.quern.trainer.verify.CaseResult;
import dev.quern.trainer.verify.CaseResult.Status;
import dev.quern.trainer.verify.Verification;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Proves a device against numbers made elsewhere. */
@Command(
    name = "verify",
    description = {
      "Prove a device: run every case.json (an operator) and golden.json (a training run) below"
          + " DIR, or the built-in cases, and end with 'N passed, N failed, N unsupported'.",
      "Exit status 1 if any failed."
    })
final class VerifyCommand implements Callable<Integer> {
  private final Console console;

  @Mixin private final DeviceOption deviceOption = new DeviceOption();

  @Parameters(index = "0", arity = "0..1", paramLabel = "DIR", description = "Where to look.")
  private @Nullable Path folder;

  @Option(names = "--json", description = "Print one JSON object that lists each case.")
  private boolean json;

  VerifyCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    Device device = deviceOption.select();
    List<CaseResult> results = new ArrayList<>();
    Path where = folder;
    if (where == null) {
      Verification.builtIn(result -> report(result, results));
    } else {
      if (!Files.isDirectory(where)) {
        throw new DataException(where + ": no such folder");
      }
      List<Path> files = Verification.find(where);
      if (files.isEmpty()) {
        throw new DataException(where + ": no case.json or golden.json below it");
      }
      for (Path file : files) {
        Verification.run(file).forEach(result -> report(result, results));
      }
    }
    long passed = count(results, Status.PASSED);
    long failed = count(results, Status.FAILED);
    long unsupported = count(results, Status.UNSUPPORTED);
    if (json) {
      console.json(describe(device, results, passed, failed, unsupported));
    } else {
      console.say("%d passed, %d failed, %d unsupported", passed, failed, unsupported);
    }
    return failed == 0 ? 0 : 1;
  }

  private void report(CaseResult result, List<CaseResult> results) {
    results.add(result);
    if (!json && result.status() != Status.PASSED) {
      console.say("%-11s  %s: %s", lower(result), result.name(), result.message());
    }
  }

  private static String lower(CaseResult result) {
    return result.status().name().toLowerCase(java.util.Locale.ROOT);
  }

  private static long count(List<CaseResult> results, Status status) {
    return results.stream().filter(result -> result.status() == status).count();
  }

  private static JsonObject describe(
      Device device, List<CaseResult> results, long passed, long failed, long unsupported) {
    JsonArray cases = new JsonArray();
    for (CaseResult result : results) {
      JsonObject entry = new JsonObject();
      entry.addProperty("name", result.name());
      entry.addProperty("op", result.op());
      entry.addProperty("family", result.family());
      entry.addProperty("status", lower(result));
      entry.addProperty("message", result.message());
      // JSON has no NaN.
      boolean finite = Double.isFinite(result.difference());
      entry.addProperty("difference", finite ? (Double) result.difference() : null);
      cases.add(entry);
    }
    JsonObject out = new JsonObject();
    out.addProperty("device", device.id());
    out.addProperty("passed", passed);
    out.addProperty("failed", failed);
    out.addProperty("unsupported", unsupported);
    out.add("cases", cases);
    return out;
  }
}
