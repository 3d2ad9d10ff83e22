package dev.quern.opencl;

import dev.quern.kernels.UserCache;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Compiled programs on disk, each under the hash of all that it was made from. A file starts with
 * the hash of its content: compilers are known to crash on half a program. When there are too many,
 * those go that were not used for the longest time; other processes may use the folder meanwhile.
 */
final class ProgramCache {
  private static final Logger LOGGER = System.getLogger("dev.quern.opencl");
  private static final int HASH_BYTES = 32;
  private static final long LIMIT = 512L << 20;

  /** The folder is the user's to choose: files with other names are left alone. */
  private static final Pattern PROGRAM = Pattern.compile("[0-9a-f]{64}");

  /**
   * Files whose time is not as old as this need not be marked as used, and may be in the making.
   */
  private static final Duration RECENT = Duration.ofDays(1);

  private final Optional<Path> folder;
  private final long limit;

  /** How much may still be stored before the folder is looked at. */
  private long unwatched;

  /** Opens the cache that {@code -Dquern.opencl.cache=off|DIR} names, or the user's. */
  ProgramCache() {
    this(LIMIT);
  }

  /** Opens that cache, to keep about so many bytes at most. */
  ProgramCache(long limit) {
    this.limit = limit;
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

  /** Returns whether nothing is kept. */
  boolean isOff() {
    return folder.isEmpty();
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
          markUsed(file);
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

  private static void markUsed(Path file) {
    Instant now = Instant.now();
    try {
      if (Files.getLastModifiedTime(file).toInstant().isBefore(now.minus(RECENT))) {
        Files.setLastModifiedTime(file, FileTime.from(now));
      }
    } catch (IOException e) {
      LOGGER.log(Level.TRACE, "not marked as used: {0}", e.toString());
    }
  }

  /** Keeps a program; a cache that cannot be written to costs time only. */
  synchronized void store(String key, byte[] program) {
    if (folder.isEmpty()) {
      return;
    }
    byte[] content = Arrays.copyOf(UserCache.sha256().digest(program), HASH_BYTES + program.length);
    System.arraycopy(program, 0, content, HASH_BYTES, program.length);
    try {
      UserCache.write(folder.get().resolve(key), content);
      unwatched -= content.length;
      if (unwatched < 0) {
        unwatched = limit / 16;
        shrink(folder.get());
      }
    } catch (IOException e) {
      LOGGER.log(Level.DEBUG, "program not kept: {0}", e.toString());
    }
  }

  private record Stored(Path file, long bytes, FileTime used) {}

  // Down to three quarters, so that not every program that is stored removes one.
  private void shrink(Path directory) throws IOException {
    List<Stored> programs = new ArrayList<>();
    long total = 0;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        Optional<Stored> found = stored(file);
        if (found.isEmpty()) {
          continue;
        }
        if (PROGRAM.matcher(file.getFileName().toString()).matches()) {
          programs.add(found.get());
          total += found.get().bytes();
        } else if (isAbandoned(found.get())) {
          remove(file);
        }
      }
    }
    if (total <= limit) {
      return;
    }
    programs.sort(Comparator.comparing(Stored::used));
    for (Stored program : programs) {
      if (total <= limit / 4 * 3) {
        break;
      }
      remove(program.file());
      total -= program.bytes();
    }
  }

  // Nothing where another process has removed the file, or for what is no file.
  private static Optional<Stored> stored(Path file) {
    try {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      return attributes.isRegularFile()
          ? Optional.of(new Stored(file, attributes.size(), attributes.lastModifiedTime()))
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  // What a process was writing when it was killed.
  private static boolean isAbandoned(Stored stored) {
    return stored.file().getFileName().toString().startsWith(UserCache.PART)
        && stored.used().toInstant().isBefore(Instant.now().minus(RECENT));
  }

  // A process that is reading it goes on reading, or else the file stays.
  private static void remove(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      LOGGER.log(Level.DEBUG, "cached program not removed: {0}", e.toString());
    }
  }
}
