package dev.quern.kernels;

import dev.quern.DType;
import dev.quern.kernels.MatmulTiles.Local;
import dev.quern.kernels.MatmulTiles.Vector;
import dev.quern.spi.DeviceInfo;
import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.stream.Collectors;

/**
 * The sizes that kernels work with on one device: the defaults of its class, or what a tuner found
 * better and left in a file of this user, {@code ~/.config/quern/tuning} or below {@code
 * XDG_CONFIG_HOME}.
 *
 * @param f32 for products of F32 matrices
 * @param f64 for products of F64 matrices
 */
record Tuning(MatmulTiles f32, MatmulTiles f64) {
  /** Returns the defaults for a device. */
  static Tuning defaults(Traits traits) {
    return new Tuning(
        MatmulTiles.of(DType.F32, traits.vectorBytes()),
        MatmulTiles.of(DType.F64, traits.vectorBytes()));
  }

  /** Returns what was stored for a device, or the defaults; a bad file is named and left alone. */
  static Tuning load(DeviceInfo info, Traits traits) {
    Tuning defaults = defaults(traits);
    Path file = file(info, traits);
    if (!Files.exists(file)) {
      return defaults;
    }
    Properties stored = new Properties();
    try (Reader reader = Files.newBufferedReader(file)) {
      stored.load(reader);
      return new Tuning(
          tiles(stored, DType.F32, defaults.f32, traits),
          tiles(stored, DType.F64, defaults.f64, traits));
    } catch (IOException | IllegalArgumentException e) {
      System.getLogger("dev.quern").log(Level.WARNING, "tuning: not used: {0}: {1}", file, e);
      return defaults;
    }
  }

  /** Stores the sizes for a device and returns where. */
  Path store(DeviceInfo info, Traits traits) throws IOException {
    Path file = file(info, traits);
    Files.createDirectories(file.getParent());
    Properties out = new Properties();
    put(out, "f32", f32);
    put(out, "f64", f64);
    Path fresh = Files.createTempFile(file.getParent(), "tuning", ".tmp");
    try {
      try (Writer writer = Files.newBufferedWriter(fresh)) {
        out.store(writer, info.name() + ", " + info.details());
      }
      Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(fresh);
    }
    return file;
  }

  private static Path file(DeviceInfo info, Traits traits) {
    String home = System.getenv("XDG_CONFIG_HOME");
    Path base =
        home == null || home.isBlank()
            ? Path.of(System.getProperty("user.home"), ".config")
            : Path.of(home);
    String folder = System.getProperty("quern.tuning", base.resolve("quern/tuning").toString());
    String name = info.name() + "_" + traits.computeUnits() + (traits.gpu() ? "_gpu" : "");
    return Path.of(folder, name.replaceAll("[^A-Za-z0-9_.-]+", "_") + ".properties");
  }

  private static void put(Properties out, String type, MatmulTiles tiles) {
    out.setProperty(
        "matmul." + type + ".local",
        tiles.local().stream()
            .map(t -> join(t.m(), t.n(), t.k(), t.itemM(), t.itemN(), t.vector()))
            .collect(Collectors.joining(" ")));
    Vector wide = tiles.wide();
    out.setProperty(
        "matmul." + type + ".wide",
        join(wide.rows(), wide.vectors(), wide.width(), wide.block(), wide.depth()));
  }

  private static MatmulTiles tiles(
      Properties stored, DType dtype, MatmulTiles defaults, Traits traits) {
    String type = dtype.name().toLowerCase(Locale.ROOT);
    List<Local> local = new ArrayList<>();
    for (String text : value(stored, "matmul." + type + ".local").split(" ")) {
      int[] n = numbers(text, 6);
      local.add(new Local(n[0], n[1], n[2], n[3], n[4], n[5]));
    }
    int[] n = numbers(value(stored, "matmul." + type + ".wide"), 5);
    Vector wide = new Vector(n[0], n[1], n[2], n[3], n[4]);
    MatmulTiles tiles = defaults.with(List.copyOf(local), wide);
    // Only sizes that a tuner tries are known to work.
    if (!tiles.equals(defaults) && !MatmulTiles.candidates(dtype, traits).contains(tiles)) {
      throw new IllegalArgumentException("tuning: not sizes for this device: " + tiles);
    }
    return tiles;
  }

  private static String value(Properties stored, String key) {
    String value = stored.getProperty(key);
    if (value == null) {
      throw new IllegalArgumentException("tuning: no " + key);
    }
    return value;
  }

  private static String join(int... numbers) {
    return Arrays.stream(numbers).mapToObj(Integer::toString).collect(Collectors.joining(","));
  }

  private static int[] numbers(String text, int count) {
    int[] out;
    try {
      out = Arrays.stream(text.split(",")).mapToInt(Integer::parseInt).toArray();
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("tuning: not numbers: " + text, e);
    }
    if (out.length != count || Arrays.stream(out).anyMatch(n -> n < 1 || n > 1 << 20)) {
      throw new IllegalArgumentException("tuning: not " + count + " sizes: " + text);
    }
    return out;
  }
}
