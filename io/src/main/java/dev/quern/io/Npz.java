package dev.quern.io;

import dev.quern.Tensor;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.CheckedOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * NumPy's {@code .npz} format: a ZIP file, stored or deflated, with one {@code .npy} file for each
 * named array, as {@code numpy.savez} and {@code numpy.savez_compressed} write it. Sources: NumPy's
 * "NEP 1" and PKWARE's APPNOTE.TXT 6.3, with ZIP64.
 *
 * <p>The archive's directory is checked when it is opened: unique names that end in {@code .npy},
 * entries that do not overlap, no more content than DEFLATE can make of the bytes there are. An
 * array is read when it is asked for, up to its end, with its checksum; the size in its header must
 * be the one in the directory before memory is reserved.
 */
public final class Npz implements AutoCloseable {
  private static final String SUFFIX = ".npy";

  // The earliest that ZIP can say, as NumPy writes it: the same arrays give the same bytes.
  private static final LocalDateTime TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

  private final FileBytes file;
  private final Map<String, ZipDirectory.Entry> entries;

  private Npz(FileBytes file, Map<String, ZipDirectory.Entry> entries) {
    this.file = file;
    this.entries = entries;
  }

  /**
   * Opens a file.
   *
   * @throws FormatException if its directory is not well-formed
   * @throws UncheckedIOException if the file cannot be read
   */
  public static Npz open(Path path) {
    return open(FileBytes.map(path));
  }

  static Npz open(FileBytes file) {
    Map<String, ZipDirectory.Entry> arrays = new LinkedHashMap<>();
    for (ZipDirectory.Entry entry : ZipDirectory.read(file).values()) {
      String name = entry.name();
      if (!name.endsWith(SUFFIX)) {
        throw file.error(entry.start(), "entry '" + name + "' is no .npy file");
      }
      arrays.put(name.substring(0, name.length() - SUFFIX.length()), entry);
    }
    return new Npz(file, arrays);
  }

  /**
   * Reads all arrays of a file, in its order.
   *
   * @throws FormatException if anything in the file is not well-formed
   * @throws UncheckedIOException if the file cannot be read
   */
  public static Map<String, NpyArray> read(Path path) {
    try (Npz npz = open(path)) {
      return npz.readAll();
    }
  }

  Map<String, NpyArray> readAll() {
    Map<String, NpyArray> out = new LinkedHashMap<>();
    entries.keySet().forEach(name -> out.put(name, read(name)));
    return Collections.unmodifiableMap(out);
  }

  /** Returns the arrays' names, without {@code .npy}, in the file's order. */
  public Set<String> names() {
    return Collections.unmodifiableSet(entries.keySet());
  }

  /**
   * Reads an array.
   *
   * @throws IllegalArgumentException if there is none of this name
   * @throws FormatException if it is not a well-formed array of a type that {@link Npy} reads, or
   *     not what the directory promises
   * @throws IllegalStateException if this is closed
   */
  public NpyArray read(String name) {
    ZipDirectory.Entry entry = entries.get(name);
    if (entry == null) {
      throw new IllegalArgumentException(
          "npz: no array '" + name + "' in " + file.name() + ": it has " + entries.keySet());
    }
    try (InputFile in =
        InputFile.entry(
            file.name() + "!" + entry.name(),
            new EntryStream(file, entry),
            entry.size(),
            !entry.deflated())) {
      return Npy.read(in);
    }
  }

  /**
   * Reads an array into a tensor on the current device.
   *
   * @throws IllegalArgumentException as {@link #read(String)}
   * @throws FormatException as {@link #read(String)}
   */
  public Tensor readTensor(String name) {
    return read(name).tensor();
  }

  /**
   * Writes arrays as {@code numpy.savez} does, uncompressed; see {@link #write(Path, Map,
   * boolean)}.
   */
  public static void write(Path path, Map<String, NpyArray> arrays) {
    write(path, arrays, false);
  }

  /**
   * Writes arrays in the map's order. The same arrays give the same bytes, and the file appears
   * under its name only when it is complete.
   *
   * @param deflated whether to compress, as {@code numpy.savez_compressed} does
   * @throws UncheckedIOException if the file cannot be written; an existing file is then unharmed
   */
  public static void write(Path path, Map<String, NpyArray> arrays, boolean deflated) {
    Map<String, NpyArray> inOrder = new LinkedHashMap<>(arrays);
    AtomicFile.write(path, out -> write(out, inOrder, deflated));
  }

  private static void write(OutputStream out, Map<String, NpyArray> arrays, boolean deflated)
      throws IOException {
    try (ZipOutputStream zip = new ZipOutputStream(new Unclosed(out))) {
      for (Map.Entry<String, NpyArray> array : arrays.entrySet()) {
        ZipEntry entry = new ZipEntry(array.getKey() + SUFFIX);
        entry.setTimeLocal(TIME);
        if (!deflated) {
          // A stored entry's header says what follows.
          Sink sink = new Sink();
          CheckedOutputStream checked = new CheckedOutputStream(sink, new CRC32());
          Npy.write(checked, array.getValue());
          entry.setMethod(ZipEntry.STORED);
          entry.setSize(sink.length);
          entry.setCrc(checked.getChecksum().getValue());
        }
        zip.putNextEntry(entry);
        Npy.write(zip, array.getValue());
        zip.closeEntry();
      }
    }
  }

  /** Counts what it forgets. */
  private static final class Sink extends OutputStream {
    private long length;

    @Override
    public void write(int b) {
      length++;
    }

    @Override
    public void write(byte[] bytes, int at, int n) {
      length += n;
    }
  }

  /** Lets the archive be finished while the file beneath stays open to be forced to the disk. */
  private static final class Unclosed extends FilterOutputStream {
    Unclosed(OutputStream out) {
      super(out);
    }

    @Override
    public void write(byte[] bytes, int at, int n) throws IOException {
      out.write(bytes, at, n);
    }

    @Override
    public void close() throws IOException {
      flush();
    }
  }

  /** Lets go of the file; a second call does nothing. */
  @Override
  public void close() {
    file.close();
  }
}
