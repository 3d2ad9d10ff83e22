package dev.quern.io;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPOutputStream;

/** Builds the bytes of files, well-formed and not. */
final class FormatFiles {
  private FormatFiles() {}

  /** Returns an .npy file of version 1.0 with this dictionary. */
  static byte[] npy(String dictionary, byte... data) {
    byte[] text = dictionary.getBytes(StandardCharsets.ISO_8859_1);
    byte[] length = {(byte) text.length, (byte) (text.length >> 8)};
    return join(npyStart(1), length, text, data);
  }

  /** Returns an .npy file of version 2.0 or 3.0 with this dictionary. */
  static byte[] npyLater(int version, String dictionary, byte... data) {
    byte[] text = dictionary.getBytes(StandardCharsets.UTF_8);
    byte[] length = {(byte) text.length, (byte) (text.length >> 8), 0, 0};
    return join(npyStart(version), length, text, data);
  }

  /** Returns the magic and the version. */
  static byte[] npyStart(int version) {
    return new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', (byte) version, 0};
  }

  static String dictionary(String descr, boolean fortran, String shape) {
    return "{'descr': '"
        + descr
        + "', 'fortran_order': "
        + (fortran ? "True" : "False")
        + ", 'shape': "
        + shape
        + ", }\n";
  }

  /** Returns an IDX file. */
  static byte[] idx(int type, int[] dims, byte... data) {
    ByteBuffer head = ByteBuffer.allocate(4 + 4 * dims.length);
    head.put((byte) 0).put((byte) 0).put((byte) type).put((byte) dims.length);
    for (int dim : dims) {
      head.putInt(dim);
    }
    return join(head.array(), data);
  }

  /** Returns a safetensors file with this header, padded with nothing. */
  static byte[] safetensors(String header, byte... data) {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    byte[] length =
        ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(text.length).array();
    return join(length, text, data);
  }

  static byte[] gzip(byte... content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
      zip.write(content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  static byte[] join(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }
}
