package dev.quern.io;

import dev.quern.Shape;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The header of an {@code .npy} file: a Python dictionary literal with the keys {@code descr},
 * {@code fortran_order} and {@code shape}.
 *
 * @param element how an element is stored
 * @param order the byte order of an element
 * @param fortranOrder whether the first axis runs fastest
 * @param shape the extents
 */
record NpyHeader(Element element, ByteOrder order, boolean fortranOrder, Shape shape) {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  // NumPy's own limit on what it trusts is 10,000 bytes.
  private static final int MAX_LENGTH = 1 << 16;

  /** More axes than this are refused, in every format; NumPy's own limit. */
  static final int MAX_RANK = 64;

  /** Reads the magic, the version, the length and the dictionary. */
  static NpyHeader read(InputFile in) {
    byte[] start = in.read(8, ".npy header");
    for (int i = 0; i < MAGIC.length; i++) {
      if (start[i] != MAGIC[i]) {
        throw in.error(i, "not an .npy file: the magic \\x93NUMPY is missing");
      }
    }
    int version = start[6] & 0xff;
    if (version < 1 || version > 3) {
      throw in.error(6, "unknown .npy version " + version + "." + (start[7] & 0xff));
    }
    byte[] lengthBytes = in.read(version == 1 ? 2 : 4, ".npy header length");
    long length = 0;
    for (int i = lengthBytes.length - 1; i >= 0; i--) {
      length = length << 8 | (lengthBytes[i] & 0xff);
    }
    if (length > MAX_LENGTH) {
      throw in.error(8, "absurd .npy header length " + length);
    }
    in.require(length, ".npy header");
    long offset = in.position();
    byte[] text = in.read((int) length, ".npy header");
    return new Parser(
            in,
            offset,
            new String(text, version == 3 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1))
        .parse();
  }

  /** Returns the bytes of a version 1.0 header for little-endian data in C order. */
  static byte[] write(NpyArray array) {
    String descr =
        switch (array.dtype()) {
          case BOOL -> "|b1";
          case I32 -> "<i4";
          case I64 -> "<i8";
          case F16 -> "<f2";
          case F32 -> "<f4";
          case BF16 ->
              throw new IllegalArgumentException(
                  "npy: the format has no BF16; cast it first: " + array.shape());
          case F64 -> "<f8";
        };
    StringBuilder shape = new StringBuilder("(");
    long[] dims = array.shape().dims();
    for (int i = 0; i < dims.length; i++) {
      shape.append(i == 0 ? "" : " ").append(dims[i]);
      // A tuple of one element needs its comma.
      shape.append(i + 1 < dims.length || dims.length == 1 ? "," : "");
    }
    String dictionary =
        "{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shape + "), }";
    // The data start at a multiple of 64, after a newline.
    int total = (10 + dictionary.length() + 1 + 63) / 64 * 64;
    String padded = dictionary + " ".repeat(total - 11 - dictionary.length()) + "\n";
    byte[] out = new byte[total];
    System.arraycopy(MAGIC, 0, out, 0, MAGIC.length);
    out[6] = 1;
    out[8] = (byte) padded.length();
    out[9] = (byte) (padded.length() >> 8);
    byte[] text = padded.getBytes(StandardCharsets.ISO_8859_1);
    System.arraycopy(text, 0, out, 10, text.length);
    return out;
  }

  /** Reads the one dictionary form that NumPy writes, with the keys in any order. */
  private static final class Parser {
    private final InputFile in;
    private final long offset;
    private final String text;
    private int at;

    Parser(InputFile in, long offset, String text) {
      this.in = in;
      this.offset = offset;
      this.text = text;
    }

    NpyHeader parse() {
      String descr = null;
      int descrAt = 0;
      Boolean fortranOrder = null;
      Shape shape = null;
      expect('{');
      while (!accept('}')) {
        int keyAt = at;
        String key = string();
        expect(':');
        skipBlanks();
        switch (key) {
          case "descr" -> {
            descrAt = at;
            if (peek() == '[') {
              throw error(at, "structured elements are not supported");
            }
            descr = string();
          }
          case "fortran_order" -> fortranOrder = bool();
          case "shape" -> shape = tuple();
          default -> throw error(keyAt, "unknown key '" + key + "' in the .npy header");
        }
        if (!accept(',')) {
          expect('}');
          break;
        }
      }
      skipBlanks();
      if (at < text.length()) {
        throw error(at, "unexpected text after the .npy header's dictionary");
      }
      if (descr == null || fortranOrder == null || shape == null) {
        throw error(0, "the .npy header lacks descr, fortran_order or shape");
      }
      ByteOrder order = descr.startsWith(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
      return new NpyHeader(element(descr, descrAt), order, fortranOrder, shape);
    }

    private Element element(String descr, int descrAt) {
      String type = descr.isEmpty() ? "" : descr.substring(1);
      boolean single = type.equals("b1") || type.equals("i1") || type.equals("u1");
      boolean ordered = descr.startsWith("<") || descr.startsWith(">");
      if (!ordered && !(single && (descr.startsWith("|") || descr.startsWith("=")))) {
        throw unsupported(descr, descrAt);
      }
      return switch (type) {
        case "b1" -> Element.BOOL8;
        case "i1" -> Element.INT8;
        case "u1" -> Element.UINT8;
        case "i2" -> Element.INT16;
        case "u2" -> Element.UINT16;
        case "i4" -> Element.INT32;
        case "u4" -> Element.UINT32;
        case "i8" -> Element.INT64;
        case "f2" -> Element.FLOAT16;
        case "f4" -> Element.FLOAT32;
        case "f8" -> Element.FLOAT64;
        default -> throw unsupported(descr, descrAt);
      };
    }

    private FormatException unsupported(String descr, int descrAt) {
      String why =
          descr.contains("O")
              ? "pickled Python objects ('" + descr + "') are not read"
              : "element type '" + descr + "' is not supported";
      return error(descrAt, why + "; use one of b1 i1 u1 i2 u2 i4 u4 i8 f2 f4 f8");
    }

    private String string() {
      skipBlanks();
      char quote = peek();
      if (quote != '\'' && quote != '"') {
        throw error(at, "a quoted string is missing in the .npy header");
      }
      int end = text.indexOf(quote, at + 1);
      if (end < 0) {
        throw error(at, "a string does not end in the .npy header");
      }
      String value = text.substring(at + 1, end);
      at = end + 1;
      return value;
    }

    private boolean bool() {
      for (boolean value : new boolean[] {true, false}) {
        String word = value ? "True" : "False";
        if (text.startsWith(word, at)) {
          at += word.length();
          return value;
        }
      }
      throw error(at, "fortran_order is neither True nor False");
    }

    private Shape tuple() {
      int start = at;
      List<Long> dims = new ArrayList<>();
      expect('(');
      while (!accept(')')) {
        dims.add(integer());
        if (!accept(',')) {
          expect(')');
          break;
        }
      }
      if (dims.size() > MAX_RANK) {
        throw error(start, "absurd number of axes: " + dims.size());
      }
      try {
        return Shape.of(dims.stream().mapToLong(Long::longValue).toArray());
      } catch (IllegalArgumentException e) {
        throw error(start, "absurd extents: " + e.getMessage());
      }
    }

    private long integer() {
      skipBlanks();
      int start = at;
      while (at < text.length() && (Character.isDigit(text.charAt(at)) || text.charAt(at) == '-')) {
        at++;
      }
      String digits = text.substring(start, at);
      // Python 2 wrote long integers with an L.
      accept('L');
      try {
        return Long.parseLong(digits);
      } catch (NumberFormatException e) {
        throw error(start, "not an extent in the .npy header: '" + digits + "'");
      }
    }

    private char peek() {
      return at < text.length() ? text.charAt(at) : '\0';
    }

    private void skipBlanks() {
      while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
        at++;
      }
    }

    private boolean accept(char c) {
      skipBlanks();
      if (peek() != c) {
        return false;
      }
      at++;
      return true;
    }

    private void expect(char c) {
      if (!accept(c)) {
        throw error(at, "'" + c + "' is missing in the .npy header");
      }
    }

    private FormatException error(int index, String problem) {
      return in.error(offset + index, problem);
    }
  }
}
