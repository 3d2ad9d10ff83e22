package dev.quern.trainer.verify;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.function.Consumer;

/** Finds cases in a folder and runs them on the current device. */
public final class Verification {
  private static final String OPERATOR = "case.json";
  private static final String TRAINING = "golden.json";

  private Verification() {}

  /**
   * Returns every {@code case.json} and {@code golden.json} below a folder, in order of names, and
   * what could not be looked into, which {@link #run} then reports.
   *
   * @throws UncheckedIOException if reading the folder fails
   */
  public static List<Path> find(Path folder) {
    List<Path> found = new ArrayList<>();
    SimpleFileVisitor<Path> visitor =
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (file.endsWith(OPERATOR) || file.endsWith(TRAINING)) {
              found.add(file);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) {
            // A link to a folder above only leads to what is visited anyway.
            if (!(e instanceof FileSystemLoopException)) {
              found.add(file);
            }
            return FileVisitResult.CONTINUE;
          }
        };
    try {
      Files.walkFileTree(
          folder, EnumSet.of(FileVisitOption.FOLLOW_LINKS), Integer.MAX_VALUE, visitor);
    } catch (IOException e) {
      throw new UncheckedIOException(folder + ": cannot be read: " + e.getMessage(), e);
    }
    Collections.sort(found);
    return found;
  }

  /** Runs one file's cases; whatever goes wrong with them is a failed case, never an exception. */
  public static List<CaseResult> run(Path file) {
    List<VerifyCase> cases;
    try {
      cases = file.endsWith(TRAINING) ? GoldenCases.read(file) : List.of(OperatorCase.read(file));
    } catch (MalformedCaseException e) {
      Path folder = file.getParent();
      String name = String.valueOf(folder == null ? file : folder);
      cases = List.of(VerifyCase.unreadable(name, String.valueOf(e.getMessage())));
    }
    return cases.stream().map(VerifyCase::run).toList();
  }

  /** Runs the built-in cases, telling of each as it ends. */
  public static List<CaseResult> builtIn(Consumer<CaseResult> progress) {
    List<CaseResult> results = new ArrayList<>();
    for (VerifyCase verifyCase : BuiltInCases.all()) {
      CaseResult result = verifyCase.run();
      results.add(result);
      progress.accept(result);
    }
    return results;
  }
}
