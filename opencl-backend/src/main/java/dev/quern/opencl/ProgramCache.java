package dev.quern.opencl;

import dev.quern.kernels.UserCache;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Compiled programs on disk, each under the hash of all that it was made from. A file starts with
 * the hash of its content: compilers are known to crash on half a program.
 */
final class ProgramCache {
  private static final Logger LOGGER = System.getLogger("dev.quern.opencl");
  private static final int HASH_BYTES = 32;

  private final Optional<Path> folder;

  /** Opens the cache that {@code -Dquern.opencl.cache=off|DIR} names, or the user's. */
  ProgramCache() {
    String setting = System.getProperty("quern.opencl.cache", "");
    if (setting.equals("off")) {
      folder = Optional.empty();
    } else {
      folder = Optional.of(setting.isEmpty() ? UserCache.folder("opencl") : Path.of(setting));
    }
  }

  /** Returns the key of a program that is made from these texts. */
  static String key(String... texts) {
    MessageDigest digest = UserCache.sha256();
    for (String text : texts) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      // The length keeps two texts apart from one that is both.
      digest.update((bytes.length + ":").getBytes(StandardCharsets.UTF_8));
      digest.update(bytes);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** Returns the program, unless there is none or its file is damaged. */
  Optional<byte[]> load(String key) {
    if (folder.isEmpty()) {
      return Optional.empty();
    }
    Path file = folder.get().resolve(key);
    try {
      byte[] content = Files.readAllBytes(file);
      if (content.length > HASH_BYTES) {
        byte[] program = Arrays.copyOfRange(content, HASH_BYTES, content.length);
        byte[] hash = UserCache.sha256().digest(program);
        if (Arrays.equals(hash, 0, HASH_BYTES, content, 0, HASH_BYTES)) {
          return Optional.of(program);
        }
      }
      LOGGER.log(Level.INFO, "damaged program is replaced: {0}", file);
    } catch (NoSuchFileException e) {
      LOGGER.log(Level.TRACE, "not in the cache: {0}", file);
    } catch (IOException e) {
      LOGGER.log(Level.DEBUG, "cached program not read: {0}", e.toString());
    }
    return Optional.empty();
  }

  /** Keeps a program; a cache that cannot be written to costs time only. */
  void store(String key, byte[] program) {
    if (folder.isEmpty()) {
      return;
    }
    byte[] content = Arrays.copyOf(UserCache.sha256().digest(program), HASH_BYTES + program.length);
    System.arraycopy(program, 0, content, HASH_BYTES, program.length);
    try {
      UserCache.write(folder.get().resolve(key), content);
    } catch (IOException e) {
      LOGGER.log(Level.DEBUG, "program not kept: {0}", e.toString());
    }
  }
}
