package dev.quern.docs;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The example programs: their code, and what each region of it prints. */
final class Examples {
  private static final String PACKAGE = "dev.quern.examples.";

  private final Map<String, Regions> sources = new HashMap<>();
  private final Map<String, Map<String, String>> outputs = new HashMap<>();
  private final ClassLoader classes;

  /** Creates the examples; Kotlin's were compiled for the class loader. */
  Examples(ClassLoader classes) {
    this.classes = classes;
  }

  /** Returns the folder of the whole project. */
  static Path root() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.exists(folder.resolve("README.md"))) {
      folder = folder.getParent();
      if (folder == null) {
        throw new IllegalStateException("README.md not found above the working directory");
      }
    }
    return folder;
  }

  /** Returns the code of a region of a file such as {@code Lines.java}. */
  String code(String file, String region) {
    return source(file).text(region);
  }

  /** Returns what a region printed when its program ran from its start. */
  String output(String file, String region) {
    Map<String, String> printed = outputs.computeIfAbsent(file, this::run);
    String text = printed.get(region);
    if (text == null) {
      throw new IllegalArgumentException(file + " prints nothing in region " + region);
    }
    return text;
  }

  private Regions source(String file) {
    return sources.computeIfAbsent(
        file,
        name -> {
          Path test = root().resolve("docs/examples/src/test");
          String language = name.substring(name.lastIndexOf('.') + 1);
          String folder = language.equals("kt") ? "kotlin" : "java/dev/quern/examples";
          return new Regions(test.resolve(folder).resolve(name));
        });
  }

  private Map<String, String> run(String file) {
    String name = PACKAGE + file.replace(".java", "").replace(".kt", "Kt");
    Map<String, ByteArrayOutputStream> printed = new HashMap<>();
    PrintStream before = System.out;
    try (PrintStream out = new PrintStream(new Sorter(file, name, printed), false, "UTF-8")) {
      System.setOut(out);
      Class.forName(name, true, classes)
          .getMethod("main", String[].class)
          .invoke(null, (Object) new String[0]);
    } catch (ReflectiveOperationException | java.io.UnsupportedEncodingException e) {
      throw new AssertionError(file + ": " + e.getCause(), e);
    } finally {
      System.setOut(before);
    }
    Map<String, String> texts = new HashMap<>();
    printed.forEach(
        (region, bytes) ->
            texts.put(
                region,
                bytes.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n")));
    return texts;
  }

  /** Sorts what is printed by the region of {@code main} that it comes from. */
  private final class Sorter extends OutputStream {
    private final String file;
    private final String name;
    private final Map<String, ByteArrayOutputStream> printed;

    Sorter(String file, String name, Map<String, ByteArrayOutputStream> printed) {
      this.file = file;
      this.name = name;
      this.printed = printed;
    }

    @Override
    public void write(int b) {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int count) {
      Optional<Integer> line =
          StackWalker.getInstance()
              .walk(
                  frames ->
                      frames
                          .filter(f -> f.getClassName().equals(name))
                          .filter(f -> f.getMethodName().equals("main"))
                          .map(StackWalker.StackFrame::getLineNumber)
                          .findFirst());
      String region = line.map(source(file)::at).orElse("");
      printed.computeIfAbsent(region, r -> new ByteArrayOutputStream()).write(bytes, from, count);
    }
  }
}
