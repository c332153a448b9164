package dev.jbuild.console;

import dev.jbuild.failure.Printable;
import dev.jbuild.failure.Utf8;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// The output of a step cut into lines that are safe to show (CWE-150, reliability case 85).
///
/// Colours (SGR sequences) may stay; every other escape sequence goes, other control characters are
/// made visible. Of a line that overwrites itself with carriage returns the last state is shown.
public final class StepText {

  /// CSI, OSC (ended by BEL or ST) and two-byte escapes.
  private static final Pattern ESCAPE =
      Pattern.compile(
          "\u001b(?:\\[[0-?]*[ -/]*[@-~]|\\][^\u0007\u001b]*(?:\u0007|\u001b\\\\)?|[ -/]*[0-~])");

  private static final Pattern COLOUR = Pattern.compile("\u001b\\[[0-9;:]*m");

  /// A longer line is shown in pieces, so that memory stays bounded whatever a step prints.
  private static final int LONGEST = 16 * 1024;

  /// Bytes of a character in UTF-8.
  private static final int LONGEST_CHARACTER = 4;

  /// [Printable] cuts longer texts.
  private static final int PIECE = 512;

  private final ByteArrayOutputStream partial = new ByteArrayOutputStream();

  /// Takes more output and gives the lines that it completes, raw and without their line ends: of a
  /// line of more than 16 KiB, pieces.
  public List<byte[]> lines(byte[] output) {
    var lines = new ArrayList<byte[]>();
    int start = 0;
    for (int i = 0; i < output.length; i++) {
      if (output[i] == '\n' || isFull(partial.size() + i + 1 - start, output, i + 1)) {
        boolean newline = output[i] == '\n';
        partial.write(output, start, (newline ? i : i + 1) - start);
        lines.add(partial.toByteArray());
        partial.reset();
        start = i + 1;
      }
    }
    partial.write(output, start, output.length - start);
    return lines;
  }

  /// Whether a piece of `length` bytes that ends before `next` is long enough; a character is cut
  /// only if it is none.
  private static boolean isFull(int length, byte[] output, int next) {
    boolean inside = next >= output.length || (output[next] & 0xC0) == 0x80;
    return length >= LONGEST + LONGEST_CHARACTER || (length >= LONGEST && !inside);
  }

  /// What is left of the output after its last line end.
  public byte[] rest() {
    return partial.toByteArray();
  }

  /// `line` made safe.
  static String safe(byte[] line, boolean colours) {
    var text = lastState(Utf8.decode(line)).replace("\t", "    ");
    if (text.indexOf('\u001b') < 0) {
      return printable(text);
    }
    var out = new StringBuilder();
    var matcher = ESCAPE.matcher(text);
    int from = 0;
    boolean coloured = false;
    while (matcher.find()) {
      out.append(printable(text.substring(from, matcher.start())));
      if (colours && COLOUR.matcher(matcher.group()).matches()) {
        out.append(matcher.group());
        coloured = true;
      }
      from = matcher.end();
    }
    out.append(printable(text.substring(from)));
    return coloured ? out + "\u001b[0m" : out.toString();
  }

  /// What stands after the last carriage return that is followed by anything.
  private static String lastState(String text) {
    int end = text.length();
    while (end > 0 && text.charAt(end - 1) == '\r') {
      end--;
    }
    return text.substring(text.lastIndexOf('\r', end - 1) + 1, end);
  }

  /// All of `text`, however long it is.
  private static String printable(String text) {
    var out = new StringBuilder(text.length());
    for (int from = 0, to; from < text.length(); from = to) {
      to = Math.min(text.length(), from + PIECE);
      if (to < text.length() && Character.isHighSurrogate(text.charAt(to - 1))) {
        to--;
      }
      out.append(Printable.of(text.substring(from, to)));
    }
    return out.toString();
  }
}
