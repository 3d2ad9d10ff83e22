package dev.quern.io;

import dev.quern.DType;
import dev.quern.Shape;
import dev.quern.Tensor;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The safetensors format, as its reference implementation describes it
 * (https://github.com/huggingface/safetensors): eight bytes with the length of the header, a JSON
 * object that tells each tensor's type, shape and range of bytes, and the elements, little-endian
 * in row-major order.
 *
 * <p>The file is mapped into memory, and a tensor is read when it is asked for. The whole header is
 * checked on opening: no duplicate name or key, sizes that fit types and shapes, and ranges that
 * fill the file without overlap or hole.
 *
 * <p>Element types: BOOL is read as BOOL; I8, U8, I16, U16 and I32 as I32; U32 and I64 as I64; F16,
 * BF16, F32 and F64 as they are. All of these conversions are exact. A file may hold U64, C64 and
 * F8 tensors, but they cannot be read; other types are refused.
 */
public final class Safetensors implements AutoCloseable {
  private final FileBytes file;
  private final SafetensorsHeader header;

  private Safetensors(FileBytes file, SafetensorsHeader header) {
    this.file = file;
    this.header = header;
  }

  /**
   * Opens a file.
   *
   * @throws FormatException if it is not well-formed
   * @throws UncheckedIOException if it cannot be read
   */
  public static Safetensors open(Path path) {
    return open(FileBytes.map(path));
  }

  static Safetensors open(FileBytes file) {
    return new Safetensors(file, SafetensorsHeader.read(file));
  }

  /** Returns the file's free text, in its order; it cannot be changed. */
  public Map<String, String> metadata() {
    return header.metadata();
  }

  /** Returns the tensors' names, in the header's order; they cannot be changed. */
  public Set<String> names() {
    return Collections.unmodifiableSet(header.entries().keySet());
  }

  /**
   * Returns a tensor's shape.
   *
   * @throws IllegalArgumentException if there is none of this name
   */
  public Shape shape(String name) {
    return entry(name).shape();
  }

  /**
   * Returns the name of a tensor's element type in the file, such as BF16.
   *
   * @throws IllegalArgumentException if there is none of this name
   */
  public String type(String name) {
    return entry(name).type();
  }

  private SafetensorsHeader.Entry entry(String name) {
    SafetensorsHeader.Entry entry = header.entries().get(name);
    if (entry == null) {
      throw new IllegalArgumentException(
          "safetensors: no tensor '"
              + name
              + "' in "
              + file.name()
              + ": it has "
              + header.entries().keySet());
    }
    return entry;
  }

  /**
   * Reads a tensor's elements.
   *
   * @throws IllegalArgumentException if there is none of this name
   * @throws FormatException if its element type is not supported
   * @throws IllegalStateException if this is closed
   */
  public NpyArray read(String name) {
    SafetensorsHeader.Entry entry = entry(name);
    Element element = entry.element();
    if (element == null) {
      throw file.error(
          entry.at(), "tensor '" + name + "': element type " + entry.type() + " is not supported");
    }
    try (InputFile in = file.range(entry.start(), entry.end())) {
      Object data = element.readToEnd(in, ByteOrder.LITTLE_ENDIAN, entry.shape().size());
      return new NpyArray(entry.shape(), element.dtype(), data);
    }
  }

  /**
   * Reads a tensor onto the current device.
   *
   * @throws IllegalArgumentException as {@link #read}
   * @throws FormatException as {@link #read}
   */
  public Tensor readTensor(String name) {
    return read(name).tensor();
  }

  /**
   * Writes tensors and free text. Wide elements come before narrow ones, so that each tensor starts
   * at a multiple of its element's size; the same content gives the same bytes. The file appears
   * under its name only when it is complete.
   *
   * @throws IllegalArgumentException if a name is {@code __metadata__}, or a name or text holds
   *     half a surrogate pair
   * @throws UncheckedIOException if the file cannot be written; an existing file is then unharmed
   */
  public static void write(Path path, Map<String, NpyArray> tensors, Map<String, String> metadata) {
    List<Map.Entry<String, NpyArray>> inOrder =
        new ArrayList<>(new LinkedHashMap<>(tensors).entrySet());
    inOrder.sort(Comparator.comparingInt(e -> -e.getValue().dtype().bytes()));
    byte[] text = header(inOrder, metadata);
    byte[] length =
        ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(text.length).array();
    AtomicFile.write(
        path,
        out -> {
          out.write(length);
          out.write(text);
          for (Map.Entry<String, NpyArray> tensor : inOrder) {
            tensor.getValue().writeTo(out);
          }
        });
  }

  private static byte[] header(
      List<Map.Entry<String, NpyArray>> tensors, Map<String, String> metadata) {
    StringBuilder json = new StringBuilder("{");
    if (!metadata.isEmpty()) {
      quote(json, SafetensorsHeader.METADATA).append(":{");
      metadata.forEach(
          (key, value) -> {
            separate(json);
            quote(json, key).append(':');
            quote(json, value);
          });
      json.append('}');
    }
    long start = 0;
    for (Map.Entry<String, NpyArray> tensor : tensors) {
      if (tensor.getKey().equals(SafetensorsHeader.METADATA)) {
        throw new IllegalArgumentException(
            "safetensors: a tensor cannot be named " + SafetensorsHeader.METADATA);
      }
      NpyArray array = tensor.getValue();
      long end = start + array.shape().size() * array.dtype().bytes();
      separate(json);
      quote(json, tensor.getKey())
          .append(":{\"dtype\":\"")
          .append(type(array.dtype()))
          .append("\",\"shape\":")
          .append(array.shape().toString().replace(" ", ""))
          .append(",\"data_offsets\":[")
          .append(start)
          .append(',')
          .append(end)
          .append("]}");
      start = end;
    }
    json.append('}');
    byte[] text = json.toString().getBytes(StandardCharsets.UTF_8);
    int padding = -text.length & 7;
    return padding == 0
        ? text
        : json.append(" ".repeat(padding)).toString().getBytes(StandardCharsets.UTF_8);
  }

  private static void separate(StringBuilder json) {
    if (json.charAt(json.length() - 1) != '{') {
      json.append(',');
    }
  }

  private static String type(DType dtype) {
    return switch (dtype) {
      case BOOL -> "BOOL";
      case I32 -> "I32";
      case I64 -> "I64";
      case F16 -> "F16";
      case BF16 -> "BF16";
      case F32 -> "F32";
      case F64 -> "F64";
    };
  }

  private static StringBuilder quote(StringBuilder json, String text) {
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      throw new IllegalArgumentException("safetensors: half a surrogate pair in '" + text + "'");
    }
    json.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else if (c < ' ') {
        json.append("\\u00").append(c < 16 ? "0" : "").append(Integer.toHexString(c));
      } else {
        json.append(c);
      }
    }
    return json.append('"');
  }

  /** Lets go of the file; a second call does nothing. */
  @Override
  public void close() {
    file.close();
  }
}
