package dev.quern.bench.gpu;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectNestedClass;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.quern.BackendException;
import dev.quern.Device;
import dev.quern.tck.BackendTck;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.TestExecutionResult.Status;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TagFilter;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * Runs the test kit on a device without a build tool: {@code KitRunner DEVICE SECONDS FILE [TAG]}.
 * Writes what passed and what failed to the file, again and again, since a fault of a driver may
 * end the process. A test that loses the device ends the process with status 3: started again, it
 * goes on behind that test. With {@code -Dquern.bench.brief=true} it runs the tests of softmax
 * alone.
 */
public final class KitRunner implements TestExecutionListener {
  static final String DEVICE = "quern.kit.device";
  static final String LATE = "not run: the time is up";
  static final String DONE = "run before";

  private static final int LOST = 3;
  // The part of a test's unique id that names its method.
  private static final Pattern METHOD = Pattern.compile(".*?/\\[(method|test-[a-z]+):[^\\]]*\\]");

  private static final Gson GSON = new GsonBuilder().setPrettyPrinting().create();
  private static final int TRACE_LINES = 12;
  private static final int MOST_FAILURES = 200;
  private static final long WRITE_NANOS = 2_000_000_000;
  private static final Set<String> EARLIER = new HashSet<>();
  private static volatile long end = Long.MAX_VALUE;

  private final Path file;
  private final Path done;
  private final long start = System.nanoTime();
  private JsonArray failures = new JsonArray();
  private JsonArray skips = new JsonArray();
  private double earlierSeconds;
  private long written = start;
  private int succeeded;
  private int failed;
  private int late;
  private int losses;

  private KitRunner(Path file) throws IOException {
    this.file = file;
    done = file.resolveSibling(file.getFileName() + ".done");
    if (Files.exists(done)) {
      EARLIER.addAll(Files.readAllLines(done));
      JsonObject before = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
      failures = before.getAsJsonArray("failures");
      skips = before.getAsJsonArray("skipped");
      earlierSeconds = before.get("seconds").getAsDouble();
      succeeded = before.get("succeeded").getAsInt();
      failed = before.get("failed").getAsInt();
      losses = before.get("losses").getAsInt();
    }
  }

  /** The exit status is 1 if a test failed, 2 if none ran and 3 if there is more to run. */
  public static void main(String[] args) throws IOException {
    System.setProperty(DEVICE, args[0]);
    // A device that is not there is a failure here, not a reason to skip.
    System.setProperty("quern.test.require", args[0]);
    KitRunner listener = new KitRunner(Path.of(args[2]));
    double seconds = Double.parseDouble(args[1]) - listener.earlierSeconds;
    end = System.nanoTime() + (long) (seconds * 1e9);
    LauncherDiscoveryRequestBuilder request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(
                Boolean.getBoolean("quern.bench.brief")
                    ? selectNestedClass(
                        List.of(DeviceKit.class.getName()), BackendTck.class.getName() + "$Softmax")
                    : selectClass(DeviceKit.class));
    if (args.length > 3) {
      request.filters(TagFilter.includeTags(args[3]));
    }
    run(request.build(), listener);
    listener.write(true);
    if (listener.failed > 0 || listener.succeeded == 0) {
      System.exit(listener.failed > 0 ? 1 : 2);
    }
  }

  private static void run(LauncherDiscoveryRequest request, KitRunner listener) {
    Launcher launcher = LauncherFactory.create();
    launcher.execute(request, listener);
  }

  static boolean timeIsUp() {
    return System.nanoTime() - end > 0;
  }

  static boolean ranBefore(String uniqueId) {
    return EARLIER.contains(uniqueId);
  }

  @Override
  public void testPlanExecutionStarted(TestPlan plan) {
    write(false);
  }

  // In a file of its own, since it must be there when a test never ends.
  @Override
  public void executionStarted(TestIdentifier test) {
    if (test.isTest()) {
      try {
        Files.writeString(file.resolveSibling(file.getFileName() + ".running"), name(test));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  public void executionSkipped(TestIdentifier test, String reason) {
    if (reason.equals(LATE)) {
      late++;
    } else if (!reason.equals(DONE)) {
      skips.add(name(test) + ": " + reason);
    }
  }

  @Override
  public void executionFinished(TestIdentifier test, TestExecutionResult result) {
    if (result.getStatus() == Status.SUCCESSFUL) {
      succeeded += test.isTest() ? 1 : 0;
    } else if (result.getStatus() == Status.ABORTED) {
      skips.add(name(test) + ": " + result.getThrowable().map(Throwable::getMessage).orElse(""));
    } else {
      failed++;
      if (failures.size() < MOST_FAILURES) {
        failures.add(failure(test, result));
      }
      if (isLost() && remember(test)) {
        losses++;
        write(false);
        System.exit(LOST);
      }
      write(false);
    }
    if (METHOD.matcher(test.getUniqueId()).matches()) {
      remember(test);
    }
    if (System.nanoTime() - written > WRITE_NANOS) {
      write(false);
    }
  }

  // What every call to a lost device does, this does too.
  private static boolean isLost() {
    try {
      Device.of(System.getProperty(DEVICE)).synchronize();
      return false;
    } catch (BackendException e) {
      return true;
    } catch (RuntimeException e) {
      return false;
    }
  }

  // Says that the method of a test need not run again; a whole class has none.
  private boolean remember(TestIdentifier test) {
    Matcher method = METHOD.matcher(test.getUniqueId());
    if (!method.lookingAt()) {
      return false;
    }
    try {
      Files.writeString(
          done, method.group() + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      return true;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String name(TestIdentifier test) {
    String place =
        Arrays.stream(test.getUniqueId().split("/"))
            .skip(2)
            .map(part -> part.replaceAll("^\\[[a-z-]+:|\\]$", ""))
            .collect(Collectors.joining("."));
    return place + " " + test.getDisplayName();
  }

  private static JsonObject failure(TestIdentifier test, TestExecutionResult result) {
    JsonObject failure = new JsonObject();
    failure.addProperty("test", name(test));
    result
        .getThrowable()
        .ifPresent(
            thrown -> {
              failure.addProperty("message", thrown.toString());
              failure.addProperty(
                  "trace",
                  Arrays.stream(thrown.getStackTrace())
                      .limit(TRACE_LINES)
                      .map(StackTraceElement::toString)
                      .collect(Collectors.joining("\n")));
            });
    return failure;
  }

  private void write(boolean complete) {
    JsonObject result = new JsonObject();
    result.addProperty("complete", complete);
    result.addProperty("seconds", earlierSeconds + (System.nanoTime() - start) / 1e9);
    result.addProperty("succeeded", succeeded);
    result.addProperty("failed", failed);
    result.addProperty("groups_not_run", late);
    result.addProperty("losses", losses);
    result.add("skipped", skips);
    result.add("failures", failures);
    try {
      Path next = file.resolveSibling(file.getFileName() + ".next");
      Files.writeString(next, GSON.toJson(result) + "\n");
      Files.move(next, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    written = System.nanoTime();
  }
}
