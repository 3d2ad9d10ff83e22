package dev.quern.kernels;

import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Initialises a binding whose class extracts a native library to a fixed name in the temporary
 * folder and loads whatever lies there: two processes that start together see half a file. Here the
 * library goes to a folder named by its content, in one piece, and the binding finds it there.
 */
public final class NativeLibrary {
  private static final Logger LOGGER = System.getLogger("dev.quern.kernels");
  private static final String TEMPORARY = "java.io.tmpdir";

  private NativeLibrary() {}

  /**
   * Initialises a binding's class. A library that {@code java.library.path} has goes first, as the
   * binding wants it.
   *
   * @param binding the class whose initialiser loads the library
   * @param resource the library's path in the binding's jar, such as {@code lib/libX.so}
   * @throws LinkageError if the class does not initialise
   */
  public static void initialize(Class<?> binding, String resource) {
    // The property is everybody's: held changed for as short as can be, by one thread.
    synchronized (NativeLibrary.class) {
      Optional<Path> folder = extract(binding, resource);
      String before = System.getProperty(TEMPORARY);
      try {
        folder.ifPresent(path -> System.setProperty(TEMPORARY, path.toString()));
        Class.forName(binding.getName(), true, binding.getClassLoader());
      } catch (ClassNotFoundException e) {
        throw new LinkageError(binding.getName(), e);
      } finally {
        if (before != null) {
          System.setProperty(TEMPORARY, before);
        } else {
          System.clearProperty(TEMPORARY);
        }
      }
    }
  }

  // Empty where the jar has no library for this platform: the binding may find one elsewhere.
  private static Optional<Path> extract(Class<?> binding, String resource) {
    byte[] content;
    try (InputStream in = open(binding, resource)) {
      if (in == null) {
        return Optional.empty();
      }
      content = in.readAllBytes();
    } catch (IOException e) {
      throw new LinkageError("cannot read " + resource, e);
    }
    String name = resource.substring(resource.lastIndexOf('/') + 1);
    String hash = HexFormat.of().formatHex(UserCache.sha256().digest(content));
    try {
      return Optional.of(place(UserCache.folder("native").resolve(hash), name, content));
    } catch (IOException e) {
      LOGGER.log(Level.DEBUG, "no cache for native libraries: {0}", e.toString());
    }
    try {
      Path folder = Files.createTempDirectory("quern-native");
      // Deleted in reverse order: the folder is registered first.
      folder.toFile().deleteOnExit();
      folder.resolve(name).toFile().deleteOnExit();
      return Optional.of(place(folder, name, content));
    } catch (IOException e) {
      throw new LinkageError("cannot write " + name + " anywhere: " + e, e);
    }
  }

  // Some bindings have their libraries in a jar of its own: on the module path another module.
  private static @Nullable InputStream open(Class<?> binding, String resource) {
    InputStream in = binding.getResourceAsStream("/" + resource);
    return in != null ? in : ClassLoader.getSystemResourceAsStream(resource);
  }

  private static Path place(Path folder, String name, byte[] content) throws IOException {
    Path file = folder.resolve(name);
    // Moved over a damaged file, not written into it: another process may have that one loaded.
    if (!Files.isRegularFile(file) || !Arrays.equals(Files.readAllBytes(file), content)) {
      UserCache.write(file, content);
    }
    return folder.toAbsolutePath();
  }
}
