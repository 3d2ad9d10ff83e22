package dev.quern.io;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The directory of a ZIP file, plain or ZIP64, stored or deflated, after PKWARE's APPNOTE.TXT 6.3.
 *
 * <p>Java's own reader follows no checksum, takes entries that overlap, and tells no place in the
 * file: so this one. Every entry is checked before one is read: names are unique, ranges lie in the
 * file and do not overlap, and no size exceeds what DEFLATE can make of the bytes there are.
 */
final class ZipDirectory {
  /**
   * An entry.
   *
   * @param name its name
   * @param deflated whether it is compressed
   * @param crc the CRC-32 of its content
   * @param start where its bytes start in the file
   * @param end where they end
   * @param size the length of its content
   */
  record Entry(String name, boolean deflated, long crc, long start, long end, long size) {}

  /** An entry with the place of its local header. */
  private record Placed(Entry entry, long header) {}

  // DEFLATE cannot expand its input more than 1032 times; the slack is for the shortest streams.
  private static final long MAX_EXPANSION = 1032;
  private static final long EXPANSION_SLACK = 1032;
  private static final int END = 0x06054b50;
  private static final int END_LENGTH = 22;
  private static final int END_64 = 0x06064b50;
  private static final int END_64_LENGTH = 56;
  private static final int LOCATOR_64 = 0x07064b50;
  private static final int LOCATOR_64_LENGTH = 20;
  private static final int CENTRAL = 0x02014b50;
  private static final int CENTRAL_LENGTH = 46;
  private static final int LOCAL = 0x04034b50;
  private static final int LOCAL_LENGTH = 30;
  private static final int MAX_COMMENT = 0xffff;
  private static final long IN_EXTRA = 0xffffffffL;

  private final FileBytes file;
  private long start;
  private long end;
  private long count;

  private ZipDirectory(FileBytes file) {
    this.file = file;
  }

  /**
   * Reads a directory.
   *
   * @throws FormatException if it is not well-formed
   */
  static Map<String, Entry> read(FileBytes file) {
    ZipDirectory directory = new ZipDirectory(file);
    directory.findEnd();
    return directory.entries();
  }

  private static int u16(ByteBuffer b, int at) {
    return b.getShort(at) & 0xffff;
  }

  private static long u32(ByteBuffer b, int at) {
    return b.getInt(at) & 0xffffffffL;
  }

  private void findEnd() {
    requireMagic();
    long size = file.size();
    int length = (int) Math.min(size, END_LENGTH + MAX_COMMENT);
    long from = size - length;
    ByteBuffer tail = file.read(from, length, "end of the ZIP directory");
    int at = length - END_LENGTH;
    while (at >= 0 && !(tail.getInt(at) == END && at + END_LENGTH + u16(tail, at + 20) == length)) {
      at--;
    }
    if (at < 0) {
      throw file.error(size, "truncated: the end of the ZIP directory is missing");
    }
    long endAt = from + at;
    count = u16(tail, at + 10);
    long bytes = u32(tail, at + 12);
    start = u32(tail, at + 16);
    end = endAt;
    boolean oneDisk = u16(tail, at + 4) == 0 && u16(tail, at + 6) == 0;
    boolean large = count == 0xffff || bytes == IN_EXTRA || start == IN_EXTRA;
    if (large && endAt >= LOCATOR_64_LENGTH + END_64_LENGTH) {
      ByteBuffer locator = file.read(endAt - LOCATOR_64_LENGTH, LOCATOR_64_LENGTH, "ZIP64 locator");
      if (locator.getInt(0) == LOCATOR_64) {
        end = locator.getLong(8);
        if (end < 0 || end > endAt - LOCATOR_64_LENGTH - END_64_LENGTH) {
          throw file.error(endAt - LOCATOR_64_LENGTH + 8, "absurd place of the ZIP64 directory");
        }
        ByteBuffer end64 = file.read(end, END_64_LENGTH, "end of the ZIP64 directory");
        if (end64.getInt(0) != END_64) {
          throw file.error(end, "the end of the ZIP64 directory is missing");
        }
        oneDisk = end64.getInt(16) == 0 && end64.getInt(20) == 0;
        count = end64.getLong(32);
        bytes = end64.getLong(40);
        start = end64.getLong(48);
      }
    }
    if (!oneDisk) {
      throw file.error(endAt, "is one part of a ZIP file in several");
    }
    if (start < 0 || bytes < 0 || start > end || end - start != bytes) {
      throw file.error(
          endAt, "the ZIP directory of " + bytes + " bytes does not lie at byte " + start);
    }
    if (count < 0 || count > bytes / CENTRAL_LENGTH) {
      throw file.error(endAt, "a ZIP directory of " + bytes + " bytes cannot name " + count);
    }
    if (bytes > Integer.MAX_VALUE - 8) {
      throw file.error(endAt, "absurd length of the ZIP directory: " + bytes);
    }
  }

  private void requireMagic() {
    if (file.size() >= 4) {
      int magic = file.read(0, 4, "start").getInt(0);
      if (magic == LOCAL || magic == END) {
        return;
      }
    }
    throw file.error(0, "not an .npz file: it does not start as a ZIP file");
  }

  private Map<String, Entry> entries() {
    ByteBuffer all = file.read(start, (int) (end - start), "ZIP directory");
    List<Placed> placed = new ArrayList<>();
    Map<String, Entry> out = new LinkedHashMap<>();
    int at = 0;
    for (long i = 0; i < count; i++) {
      if (all.capacity() - at < CENTRAL_LENGTH || all.getInt(at) != CENTRAL) {
        throw file.error(start + at, "entry " + i + " of the ZIP directory is missing");
      }
      int nameLength = u16(all, at + 28);
      int extraLength = u16(all, at + 30);
      int length = CENTRAL_LENGTH + nameLength + extraLength + u16(all, at + 32);
      if (all.capacity() - at < length) {
        throw file.error(start + at, "truncated: the ZIP directory ends within entry " + i);
      }
      Placed one = entry(all, at, nameLength, extraLength);
      if (out.put(one.entry().name(), one.entry()) != null) {
        throw file.error(start + at, "duplicate entry '" + one.entry().name() + "'");
      }
      placed.add(one);
      at += length;
    }
    if (at != all.capacity()) {
      throw file.error(start + at, "unexpected bytes after the ZIP directory's entries");
    }
    requireApart(placed);
    return out;
  }

  private Placed entry(ByteBuffer all, int at, int nameLength, int extraLength) {
    byte[] raw = new byte[nameLength];
    all.get(at + CENTRAL_LENGTH, raw, 0, nameLength);
    String name = name(raw, start + at + CENTRAL_LENGTH);
    String what = "entry '" + name + "'";
    if ((u16(all, at + 8) & 1) != 0) {
      throw file.error(start + at + 8, what + " is encrypted");
    }
    int method = u16(all, at + 10);
    if (method != 0 && method != 8) {
      throw file.error(
          start + at + 10, what + " has compression method " + method + ", not 0 or 8");
    }
    long packed = u32(all, at + 20);
    long size = u32(all, at + 24);
    long header = u32(all, at + 42);
    // ZIP64 holds in an extra field, in this order, whichever of the three did not fit.
    int extra = zip64(all, at + CENTRAL_LENGTH + nameLength, extraLength);
    int extraEnd = extra < 0 ? 0 : extra + 4 + u16(all, extra + 2);
    int from = extra + 4;
    if (size == IN_EXTRA && extra >= 0) {
      size = next64(all, from, extraEnd, what);
      from += 8;
    }
    if (packed == IN_EXTRA && extra >= 0) {
      packed = next64(all, from, extraEnd, what);
      from += 8;
    }
    if (header == IN_EXTRA && extra >= 0) {
      header = next64(all, from, extraEnd, what);
    }
    if (size < 0 || packed < 0 || header < 0 || header > start - LOCAL_LENGTH) {
      throw file.error(start + at, what + " does not lie before the ZIP directory");
    }
    if (method == 0 && packed != size) {
      throw file.error(start + at + 20, what + " is stored, but " + size + " bytes in " + packed);
    }
    if (packed > file.size() || size > packed * MAX_EXPANSION + EXPANSION_SLACK) {
      throw file.error(start + at + 24, what + " claims " + size + " bytes, packed into " + packed);
    }
    long data = data(header, raw, method, what);
    if (packed > start - data) {
      throw file.error(header, what + " does not end before the ZIP directory");
    }
    Entry entry = new Entry(name, method == 8, u32(all, at + 16), data, data + packed, size);
    return new Placed(entry, header);
  }

  private String name(byte[] raw, long at) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(raw)).toString();
    } catch (CharacterCodingException e) {
      throw file.error(at, "the name of an entry is not UTF-8");
    }
  }

  private int zip64(ByteBuffer all, int from, int length) {
    int at = from;
    while (from + length - at >= 4) {
      int next = at + 4 + u16(all, at + 2);
      if (next > from + length) {
        throw file.error(start + at, "an extra field ends outside its entry");
      }
      if (u16(all, at) == 1) {
        return at;
      }
      at = next;
    }
    return -1;
  }

  private long next64(ByteBuffer all, int at, int end, String what) {
    if (at + 8 > end) {
      throw file.error(start + at, what + " lacks a ZIP64 size");
    }
    return all.getLong(at);
  }

  /** Returns where an entry's bytes start, from its local header, which must agree. */
  private long data(long header, byte[] name, int method, String what) {
    ByteBuffer local = file.read(header, LOCAL_LENGTH, "header of " + what);
    if (local.getInt(0) != LOCAL) {
      throw file.error(header, "the header of " + what + " is missing");
    }
    int nameLength = u16(local, 26);
    long data = header + LOCAL_LENGTH + nameLength + u16(local, 28);
    if (nameLength != name.length
        || u16(local, 8) != method
        || !Arrays.equals(file.read(header + LOCAL_LENGTH, nameLength, "name").array(), name)) {
      throw file.error(header, "the header of " + what + " differs from the ZIP directory");
    }
    return data;
  }

  private void requireApart(List<Placed> placed) {
    placed.sort(Comparator.comparingLong(Placed::header));
    for (int i = 1; i < placed.size(); i++) {
      Placed before = placed.get(i - 1);
      Placed after = placed.get(i);
      if (before.entry().end() > after.header()) {
        throw file.error(
            after.header(),
            "entries '" + before.entry().name() + "' and '" + after.entry().name() + "' overlap");
      }
    }
  }
}
