package dev.quern.io;

import dev.quern.Shape;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The header of a safetensors file.
 *
 * @param entries the tensors by name, in the header's order
 * @param metadata the free text by key, in the header's order
 */
record SafetensorsHeader(Map<String, Entry> entries, Map<String, String> metadata) {
  static final String METADATA = "__metadata__";

  // The reference implementation's own limit.
  private static final long MAX_LENGTH = 100_000_000;

  /**
   * A tensor.
   *
   * @param type the element type's name in the file
   * @param element how to read it; null if it is not supported
   * @param shape the extents
   * @param start where the elements start in the file
   * @param end where they end
   * @param at where the header tells about it
   */
  record Entry(
      String type, @Nullable Element element, Shape shape, long start, long end, long at) {}

  /**
   * Reads the length and the JSON, and checks that the tensors fill the rest of the file.
   *
   * @throws FormatException if anything is not as the format prescribes
   */
  static SafetensorsHeader read(FileBytes file) {
    if (file.size() < 8) {
      throw file.error(
          file.size(), "truncated: the file ends within the safetensors header length");
    }
    long length = file.read(0, 8, "header length").getLong(0);
    if (length < 2 || length > MAX_LENGTH) {
      throw file.error(0, "not a safetensors file: header length " + Long.toUnsignedString(length));
    }
    if (length > file.size() - 8) {
      throw file.error(
          8, "header of " + length + " bytes, but the file has " + (file.size() - 8) + " left");
    }
    byte[] text = file.read(8, (int) length, "header").array();
    SafetensorsHeader header = new Parser(file, text).parse();
    header.requireFilled(file, 8 + length);
    return header;
  }

  /** Checks that each byte after the header belongs to just one tensor. */
  private void requireFilled(FileBytes file, long dataStart) {
    List<Map.Entry<String, Entry>> inOrder = new ArrayList<>(entries.entrySet());
    inOrder.sort(
        Comparator.comparingLong((Map.Entry<String, Entry> e) -> e.getValue().start())
            .thenComparingLong(e -> e.getValue().end()));
    long filled = dataStart;
    for (Map.Entry<String, Entry> named : inOrder) {
      Entry entry = named.getValue();
      String what = "tensor '" + named.getKey() + "'";
      if (entry.end() > file.size()) {
        throw file.error(entry.at(), what + " ends at byte " + entry.end() + " of " + file.size());
      }
      if (entry.start() != filled) {
        throw file.error(
            entry.at(),
            what
                + (entry.start() < filled ? " overlaps another" : " leaves a hole")
                + ": it starts at byte "
                + entry.start()
                + ", not "
                + filled);
      }
      filled = entry.end();
    }
    if (filled != file.size()) {
      throw file.error(filled, "bytes after the last tensor belong to none");
    }
  }

  /** Reads the part of JSON (RFC 8259) that a header may use, and refuses duplicate keys. */
  private static final class Parser {
    private final FileBytes file;
    private final byte[] text;
    private int at;

    Parser(FileBytes file, byte[] text) {
      this.file = file;
      this.text = text;
    }

    /** Reads the value of a key. */
    private interface Value {
      void read(String key, int keyAt);
    }

    SafetensorsHeader parse() {
      if (text[0] != '{') {
        throw error(0, "not a safetensors file: the header does not start with '{'");
      }
      Map<String, Entry> entries = new LinkedHashMap<>();
      Map<String, String> metadata = new LinkedHashMap<>();
      boolean[] metadataSeen = new boolean[1];
      object(
          (name, nameAt) -> {
            boolean duplicate = entries.containsKey(name);
            if (name.equals(METADATA)) {
              duplicate = metadataSeen[0];
              metadataSeen[0] = true;
              object((key, keyAt) -> putOnce(metadata, key, string(), keyAt));
            } else {
              entries.put(name, entry(name, nameAt));
            }
            if (duplicate) {
              throw error(nameAt, "duplicate name '" + name + "'");
            }
          });
      while (at < text.length) {
        if (text[at] != ' ') {
          throw error(at, "unexpected text after the header");
        }
        at++;
      }
      return new SafetensorsHeader(
          Collections.unmodifiableMap(entries), Collections.unmodifiableMap(metadata));
    }

    private void putOnce(Map<String, String> map, String key, String value, int keyAt) {
      if (map.put(key, value) != null) {
        throw error(keyAt, "duplicate key '" + key + "' in " + METADATA);
      }
    }

    private Entry entry(String name, int nameAt) {
      Fields fields = new Fields();
      object(
          (key, keyAt) -> {
            boolean seen;
            switch (key) {
              case "dtype" -> {
                seen = fields.type != null;
                skipBlanks();
                fields.typeAt = at;
                fields.type = string();
              }
              case "shape" -> {
                seen = fields.dims != null;
                fields.dims = numbers(NpyHeader.MAX_RANK);
              }
              case "data_offsets" -> {
                seen = fields.offsets != null;
                fields.offsets = numbers(2);
              }
              default -> throw error(keyAt, "unknown key '" + key + "' of tensor '" + name + "'");
            }
            if (seen) {
              throw error(keyAt, "duplicate key '" + key + "' of tensor '" + name + "'");
            }
          });
      String what = "tensor '" + name + "'";
      String type = fields.type;
      long[] dims = fields.dims;
      long[] offsets = fields.offsets;
      if (type == null || dims == null || offsets == null || offsets.length != 2) {
        throw error(nameAt, what + " lacks dtype, shape or two data_offsets");
      }
      int bytes = bytes(type, fields.typeAt);
      Shape shape;
      try {
        shape = Shape.of(dims);
      } catch (IllegalArgumentException e) {
        throw error(nameAt, what + ": absurd extents: " + e.getMessage());
      }
      long length = offsets[1] - offsets[0];
      if (length < 0 || length / bytes != shape.size() || length % bytes != 0) {
        throw error(nameAt, what + ": " + length + " bytes for " + shape + " elements of " + bytes);
      }
      long dataStart = 8L + text.length;
      if (offsets[1] > file.size()) {
        throw error(nameAt, what + " ends " + offsets[1] + " bytes after the header");
      }
      return new Entry(
          type, element(type), shape, dataStart + offsets[0], dataStart + offsets[1], 8L + nameAt);
    }

    /** What an entry has told so far. */
    private static final class Fields {
      private @Nullable String type;
      private int typeAt;
      private long @Nullable [] dims;
      private long @Nullable [] offsets;
    }

    private int bytes(String type, int typeAt) {
      Element element = element(type);
      if (element != null) {
        return element.bytes();
      }
      return switch (type) {
        case "F8_E4M3", "F8_E5M2", "F8_E8M0" -> 1;
        case "U64", "C64" -> 8;
        default -> throw error(typeAt, "unknown element type '" + type + "'");
      };
    }

    private static @Nullable Element element(String type) {
      return switch (type) {
        case "BOOL" -> Element.BOOL8;
        case "I8" -> Element.INT8;
        case "U8" -> Element.UINT8;
        case "I16" -> Element.INT16;
        case "U16" -> Element.UINT16;
        case "I32" -> Element.INT32;
        case "U32" -> Element.UINT32;
        case "I64" -> Element.INT64;
        case "F16" -> Element.FLOAT16;
        case "BF16" -> Element.BFLOAT16;
        case "F32" -> Element.FLOAT32;
        case "F64" -> Element.FLOAT64;
        default -> null;
      };
    }

    private void object(Value value) {
      expect('{');
      if (accept('}')) {
        return;
      }
      do {
        skipBlanks();
        int keyAt = at;
        String key = string();
        expect(':');
        value.read(key, keyAt);
      } while (accept(','));
      expect('}');
    }

    private long[] numbers(int most) {
      int start = at;
      List<Long> out = new ArrayList<>();
      expect('[');
      if (!accept(']')) {
        do {
          out.add(number());
          if (out.size() > most) {
            throw error(start, "absurd number of elements in a list");
          }
        } while (accept(','));
        expect(']');
      }
      return out.stream().mapToLong(Long::longValue).toArray();
    }

    private long number() {
      skipBlanks();
      int start = at;
      while (at < text.length && text[at] >= '0' && text[at] <= '9') {
        at++;
      }
      int digits = at - start;
      // 2^63 - 1 has 19 digits.
      if (digits == 0 || digits > 19 || (digits > 1 && text[start] == '0')) {
        throw error(start, "not an extent or offset in the header");
      }
      try {
        return Long.parseLong(new String(text, start, digits, StandardCharsets.US_ASCII));
      } catch (NumberFormatException e) {
        throw error(start, "not an extent or offset in the header");
      }
    }

    private String string() {
      expect('"');
      int start = at;
      boolean escaped = false;
      while (true) {
        if (at >= text.length) {
          throw error(start, "a string does not end in the header");
        }
        byte b = text[at];
        if (b == '"') {
          break;
        }
        if (b >= 0 && b < ' ') {
          throw error(at, "a control character in a string of the header");
        }
        escaped |= b == '\\';
        at += b == '\\' ? 2 : 1;
      }
      String raw = utf8(start, at);
      at++;
      return escaped ? unescaped(raw, start) : raw;
    }

    private String utf8(int start, int end) {
      try {
        return StandardCharsets.UTF_8
            .newDecoder()
            .decode(ByteBuffer.wrap(text, start, end - start))
            .toString();
      } catch (CharacterCodingException e) {
        throw error(start, "a string of the header is not UTF-8");
      }
    }

    private String unescaped(String raw, int start) {
      StringBuilder out = new StringBuilder();
      int i = 0;
      while (i < raw.length()) {
        char c = raw.charAt(i++);
        if (c != '\\') {
          out.append(c);
          continue;
        }
        char code = raw.charAt(i++);
        switch (code) {
          case '"', '\\', '/' -> out.append(code);
          case 'b' -> out.append('\b');
          case 'f' -> out.append('\f');
          case 'n' -> out.append('\n');
          case 'r' -> out.append('\r');
          case 't' -> out.append('\t');
          case 'u' -> {
            out.append(hex(raw, i, start));
            i += 4;
          }
          default -> throw error(start, "unknown escape in a string of the header");
        }
      }
      if (!StandardCharsets.UTF_8.newEncoder().canEncode(out)) {
        throw error(start, "half a surrogate pair in a string of the header");
      }
      return out.toString();
    }

    private char hex(String raw, int from, int start) {
      int value = 0;
      for (int i = from; i < from + 4; i++) {
        int digit =
            i < raw.length() && raw.charAt(i) < 128 ? Character.digit(raw.charAt(i), 16) : -1;
        if (digit < 0) {
          throw error(start, "an escape of the header lacks its four digits");
        }
        value = value << 4 | digit;
      }
      return (char) value;
    }

    private void skipBlanks() {
      while (at < text.length
          && (text[at] == ' ' || text[at] == '\n' || text[at] == '\r' || text[at] == '\t')) {
        at++;
      }
    }

    private boolean accept(char c) {
      skipBlanks();
      if (at >= text.length || text[at] != c) {
        return false;
      }
      at++;
      return true;
    }

    private void expect(char c) {
      if (!accept(c)) {
        throw error(at, "'" + c + "' is missing in the header");
      }
    }

    private FormatException error(int index, String problem) {
      return file.error(8L + index, problem);
    }
  }
}
