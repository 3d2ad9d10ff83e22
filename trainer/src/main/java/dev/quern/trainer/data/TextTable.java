package dev.quern.trainer.data;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import dev.quern.io.FormatException;
import dev.quern.io.InputFile;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Reads numbers from delimited text. The separator is found in the first line of numbers:
 * semicolon, tab, comma, or else runs of blanks. Empty lines are skipped.
 */
final class TextTable {
  private static final int SAMPLE = 1 << 16;
  private static final char BLANKS = ' ';

  private final String source;
  private final boolean header;
  private List<String> names = List.of();
  private boolean headerSeen;
  private int columns;
  private double[] values = new double[1024];
  private int size;
  private int[] lines = new int[256];
  private int rows;
  private long lastLine;

  private TextTable(String source, boolean header) {
    this.source = source;
    this.header = header;
  }

  static Table read(InputFile in, boolean header) {
    char separator = separator(in, header);
    TextTable table = new TextTable(in.name(), header);
    try (Reader reader =
        skipByteOrderMark(new InputStreamReader(in.stream(), StandardCharsets.UTF_8))) {
      if (separator == BLANKS) {
        table.readBlankSeparated(new BufferedReader(reader));
      } else {
        table.readSeparated(reader, separator);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(in.name() + ": " + e.getMessage(), e);
    }
    return table.finish();
  }

  private static char separator(InputFile in, boolean header) {
    byte[] sample = in.peek(SAMPLE);
    for (int i = 0; i < sample.length; i++) {
      if (sample[i] >= 0 && sample[i] < '\t') {
        throw in.error(i, "neither text, IDX nor .npy: byte " + sample[i] + " is no character");
      }
    }
    String[] lines = new String(sample, StandardCharsets.UTF_8).split("\\R", -1);
    boolean skip = header;
    for (String line : lines) {
      if (line.isBlank()) {
        continue;
      }
      if (skip) {
        skip = false;
        continue;
      }
      for (char c : new char[] {';', '\t', ','}) {
        if (line.indexOf(c) >= 0) {
          return c;
        }
      }
      return BLANKS;
    }
    return ',';
  }

  private static Reader skipByteOrderMark(Reader reader) throws IOException {
    BufferedReader buffered = new BufferedReader(reader);
    buffered.mark(1);
    if (buffered.read() != '\ufeff') {
      buffered.reset();
    }
    return buffered;
  }

  private void readSeparated(Reader reader, char separator) throws IOException {
    CsvReader.CsvReaderBuilder builder =
        CsvReader.builder()
            .fieldSeparator(separator)
            .skipEmptyLines(true)
            // Wrong numbers of fields are reported here, with both lines.
            .allowExtraFields(true)
            .allowMissingFields(true);
    try (CsvReader<CsvRecord> csv = builder.ofCsvRecord(reader)) {
      for (CsvRecord line : csv) {
        List<String> fields = line.getFields();
        if (fields.size() > 1 || !fields.get(0).isBlank()) {
          add(line.getStartingLineNumber(), fields);
        }
      }
    } catch (CsvParseException e) {
      // FastCSV wraps what the stream beneath it throws.
      if (e.getCause() instanceof FormatException fault) {
        throw fault;
      }
      Throwable reason = e.getCause() == null ? e : e.getCause();
      throw new DataException(source + ": after line " + lastLine + ": " + reason.getMessage());
    }
  }

  private void readBlankSeparated(BufferedReader reader) throws IOException {
    long number = 0;
    for (String line = reader.readLine(); line != null; line = reader.readLine()) {
      number++;
      String text = line.strip();
      if (!text.isEmpty()) {
        add(number, List.of(text.split("\\s+")));
      }
    }
  }

  private void add(long line, List<String> fields) {
    lastLine = line;
    if (header && !headerSeen) {
      names = fields.stream().map(String::strip).toList();
      headerSeen = true;
      return;
    }
    if (rows == 0) {
      columns = fields.size();
    } else if (fields.size() != columns) {
      throw error(line, fields.size() + " columns, but " + columns + " in line " + lines[0]);
    }
    if (line > Integer.MAX_VALUE || (long) size + columns > Integer.MAX_VALUE - 8) {
      throw error(line, "more numbers than one Java array holds");
    }
    if (rows == lines.length) {
      lines = Arrays.copyOf(lines, grown(lines.length));
    }
    if (size + columns > values.length) {
      values = Arrays.copyOf(values, Math.max(size + columns, grown(values.length)));
    }
    for (int i = 0; i < columns; i++) {
      values[size + i] = number(line, i, fields.get(i).strip());
    }
    lines[rows++] = (int) line;
    size += columns;
  }

  private static int grown(int length) {
    return (int) Math.min(2L * length, Integer.MAX_VALUE - 8);
  }

  private double number(long line, int column, String cell) {
    if (cell.isEmpty()) {
      throw error(line, "column " + (column + 1) + " is empty");
    }
    double value;
    try {
      value = Double.parseDouble(cell);
    } catch (NumberFormatException e) {
      throw notNumber(line, column, cell);
    }
    if (!Double.isFinite(value)) {
      throw error(line, "column " + (column + 1) + ": " + cell + " is not a finite number");
    }
    // Java alone takes 1f, 1d and 0x1p3 for numbers.
    if (Character.isLetter(cell.charAt(cell.length() - 1)) || cell.indexOf('x') >= 0) {
      throw notNumber(line, column, cell);
    }
    return value;
  }

  private DataException notNumber(long line, int column, String cell) {
    String shown = cell.length() > 40 ? cell.substring(0, 40) + "..." : cell;
    String hint = rows == 0 && !header ? " (a line of names? --skip-header skips it)" : "";
    return error(line, "column " + (column + 1) + ": not a number: '" + shown + "'" + hint);
  }

  private DataException error(long line, String problem) {
    return new DataException(source + ": line " + line + ": " + problem);
  }

  private Table finish() {
    if (rows == 0) {
      throw new DataException(source + ": no data" + (headerSeen ? " after the first line" : ""));
    }
    return new Table(
        source, columns, Arrays.copyOf(values, size), Arrays.copyOf(lines, rows), names, false);
  }
}
