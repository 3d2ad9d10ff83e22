package dev.quern.io;

import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import java.util.zip.ZipException;

/** The content of a ZIP entry; reading to its end checks the length and the CRC-32 promised. */
final class EntryStream extends InputStream {
  private static final int INPUT = 1 << 13;

  private final InputStream packed;
  private final ZipDirectory.Entry entry;
  private final Inflater inflater = new Inflater(true);
  private final byte[] input;
  private final CRC32 crc = new CRC32();
  private long position;
  private boolean checked;

  EntryStream(FileBytes file, ZipDirectory.Entry entry) {
    this.packed = file.stream(entry.start(), entry.end());
    this.entry = entry;
    this.input = new byte[(int) Math.min(INPUT, Math.max(1, entry.end() - entry.start()))];
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int at, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    int n = entry.deflated() ? inflate(target, at, length) : packed.read(target, at, length);
    if (n < 0) {
      check();
      return -1;
    }
    position += n;
    if (position > entry.size()) {
      throw new ZipException("more than the " + entry.size() + " bytes promised");
    }
    crc.update(target, at, n);
    return n;
  }

  private int inflate(byte[] target, int at, int length) throws IOException {
    try {
      while (true) {
        int n = inflater.inflate(target, at, length);
        if (n > 0) {
          return n;
        }
        if (inflater.finished()) {
          return -1;
        }
        if (inflater.needsDictionary()) {
          throw new ZipException("a preset dictionary is missing");
        }
        int more = packed.read(input, 0, input.length);
        if (more < 0) {
          throw new ZipException("it ends too early");
        }
        inflater.setInput(input, 0, more);
      }
    } catch (DataFormatException e) {
      throw new ZipException(e.getMessage() == null ? "invalid DEFLATE data" : e.getMessage());
    }
  }

  private void check() throws IOException {
    if (checked) {
      return;
    }
    if (position != entry.size()) {
      throw new ZipException(position + " bytes, not the " + entry.size() + " promised");
    }
    if (entry.deflated() && inflater.getBytesRead() != entry.end() - entry.start()) {
      throw new ZipException("bytes after the end of the DEFLATE data");
    }
    if (crc.getValue() != entry.crc()) {
      throw new ZipException("the CRC-32 differs");
    }
    checked = true;
  }

  @Override
  public void close() {
    inflater.end();
  }
}
