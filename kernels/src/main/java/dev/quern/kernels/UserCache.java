package dev.quern.kernels;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** The user's cache folder, {@code $XDG_CACHE_HOME/quern} or {@code ~/.cache/quern}. */
public final class UserCache {
  /** How the names of files begin that {@link #write} has not finished. */
  public static final String PART = ".part";

  private UserCache() {}

  /** Returns the folder of this name in the cache; it need not exist and may not be writable. */
  public static Path folder(String name) {
    String cache = System.getenv("XDG_CACHE_HOME");
    // The specification says that a relative path is to be ignored.
    Path base =
        cache != null && Path.of(cache).isAbsolute()
            ? Path.of(cache)
            : Path.of(System.getProperty("user.home", ""), ".cache");
    return base.resolve("quern").resolve(name);
  }

  /** Writes a file so that others see all of it or nothing, whatever happens meanwhile. */
  public static void write(Path file, byte[] content) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null) {
      throw new IOException("not a file: " + file);
    }
    Files.createDirectories(folder);
    Path part = Files.createTempFile(folder, PART, null);
    try {
      Files.write(part, content, StandardOpenOption.TRUNCATE_EXISTING);
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  /** Returns a digest that is free for use. */
  public static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
