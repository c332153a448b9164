package dev.jbuild.console;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Credentials;
import dev.jbuild.failure.Printable;
import dev.jbuild.failure.Source;
import dev.jbuild.failure.Span;
import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/// Where jbuild prints: results to standard output, everything else to standard error.
public final class Console {

  /// Columns of a line of a source where no terminal bounds it, and the fewest that are shown.
  private static final int WIDEST = 120;
  private static final int NARROWEST = 20;

  /// For so many digits of a line's number there is room before it.
  private static final int DIGITS = 4;

  /// Characters of a line that are looked at for what is shown of it: many take no column.
  private static final int WINDOW = 1024;

  private final OutputStream standardOutput;
  private final OutputStream standardError;
  private final PrintStream out;
  private final PrintStream err;
  private final Screen screen;
  private @Nullable Source maskedSource;
  private int maskedNumber;
  private String masked = "";
  private volatile @Nullable ProgramMessages program;
  private volatile @Nullable String failure;
  private volatile boolean hasWarned;

  /// @param terminal whether `err` is a terminal that can redraw lines
  /// @param colours whether colours are wanted on `err`
  /// @param columns of the terminal now
  public Console(
      OutputStream out, OutputStream err, boolean terminal, boolean colours, IntSupplier columns) {
    this(out, err, Screen.of(terminal, colours, columns));
  }

  /// The same.
  ///
  /// @param screen what `err` is
  public Console(OutputStream out, OutputStream err, Screen screen) {
    this.standardOutput = out;
    this.standardError = err;
    this.out = new PrintStream(new Noting(out), false, StandardCharsets.UTF_8);
    this.err = new PrintStream(err, true, StandardCharsets.UTF_8);
    this.screen = screen;
  }

  /// A [PrintStream] keeps to itself why it failed.
  private final class Noting extends FilterOutputStream {
    Noting(OutputStream out) {
      super(out);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      try {
        out.write(bytes, offset, length);
      } catch (IOException e) {
        failure = String.valueOf(e.getMessage());
        throw e;
      }
    }
  }

  public boolean isTerminal() {
    return screen.isTerminal();
  }

  /// Whether there was a warning that no progress told of.
  public boolean hasWarned() {
    return hasWarned;
  }

  /// One that prints what this one would, elsewhere.
  public Console elsewhere(OutputStream out, OutputStream err) {
    return new Console(out, err, screen);
  }

  boolean hasColours() {
    return screen.hasColours();
  }

  int columns() {
    int now = screen.columns();
    return now > 0 ? now : 80;
  }

  /// A line of the result.
  public void result(String line) {
    out.println(line);
  }

  /// The stream of results, for bytes; whoever writes to it flushes.
  public PrintStream resultStream() {
    return out;
  }

  /// Standard output for the bytes of a process: other than [#resultStream] it throws if they
  /// cannot be written.
  public OutputStream processOutput() {
    out.flush();
    return standardOutput;
  }

  /// Standard error, for the same.
  public OutputStream processErrors() {
    err.flush();
    return standardError;
  }

  /// What a step printed, all of it, as a result: made harmless, and a line that overwrote itself
  /// as the lines that it was.
  public void output(InputStream log) throws IOException {
    var text = new StepText();
    var buffer = new byte[1 << 16];
    boolean isReturned = false;
    for (int n; (n = log.read(buffer)) >= 0; ) {
      var part = new ByteArrayOutputStream(n);
      for (int i = 0; i < n; i++) {
        if (buffer[i] != '\n' || !isReturned) {
          part.write(buffer[i] == '\r' ? '\n' : buffer[i]);
        }
        isReturned = buffer[i] == '\r';
      }
      text.lines(part.toByteArray()).forEach(line -> result(StepText.safe(line, hasColours())));
    }
    if (text.rest().length > 0) {
      result(StepText.safe(text.rest(), hasColours()));
    }
  }

  /// From here on a program reads standard error: what is told there has the form of `messages`.
  public void tellProgram(ProgramMessages messages) {
    program = messages;
  }

  /// A line of standard error as it is, for who knows its reader.
  public void line(String line) {
    err.println(line);
  }

  /// A line for the person, not part of the result.
  public void message(String line) {
    var form = program;
    err.println(form == null ? line : form.message(line));
  }

  void raw(String text) {
    err.print(text);
    err.flush();
  }

  public void warning(String message) {
    hasWarned = true;
    progressWarning(message);
  }

  /// The same for what a progress tells of.
  void progressWarning(String message) {
    var form = program;
    err.println(form == null ? paint("33", "warning: ") + message : form.warning(message));
  }

  /// A failure as its reader needs it: place, sentence, the source line with a caret, the hint.
  public void failure(BuildFailure failure) {
    var form = program;
    if (form != null) {
      err.println(form.failure(failure));
      return;
    }
    var where = failure.where();
    if (where.isEmpty()) {
      err.println(paint("31", "jbuild: ") + failure.message());
    } else {
      err.println(where.get() + ": " + failure.message());
      excerpt(where.get(), err);
    }
    failure.hint().ifPresent(hint -> err.println("   " + hint.replace("\n", "\n   ")));
  }

  /// Something found in a file, as a result: place and sentence, the source line with a caret, and
  /// lines below it.
  public void finding(Span where, String message, List<String> more) {
    out.println(where + ": " + message);
    excerpt(where, out);
    more.forEach(line -> out.println("   " + line));
  }

  /// The line of the source, or the part of it around the place, and carets below.
  private void excerpt(Span span, PrintStream to) {
    var line = masked(span);
    if (line.isBlank()) {
      return;
    }
    var digits = Integer.toString(span.line()); // no Formatter, as in #time
    var number = " ".repeat(Math.max(0, DIGITS - digits.length())) + digits + " | ";
    boolean fits = isTerminal() && to.equals(err); // results may go to a file
    int room = fits ? Math.max(NARROWEST, columns() - number.length() - 1) : WIDEST;
    int from = whole(line, Math.min(span.column() - 1, line.length()));
    int end =
        span.endLine() == span.line()
            ? Math.clamp(span.endColumn() - 1, from, line.length())
            : line.length();
    boolean isShort = line.length() <= WINDOW && Width.of(shown(line, 0, line.length())) <= room;
    int first = isShort ? 0 : from;
    while (first > 0
        && from - first < WINDOW
        && Width.of(shown(line, before(line, first), from)) < room / 3) {
      first = before(line, first);
    }
    var left = first > 0 ? "…" : "";
    var text = left + shown(line, first, line.length());
    int start = Width.of(left + shown(line, first, from));
    int width = Math.clamp(Width.of(shown(line, from, end)), 1, Math.max(1, room - start));
    var carets = "^".repeat(width);
    to.println(number + Width.fit(text, room).stripTrailing());
    to.println(
        " ".repeat(number.length() + start) + (to.equals(err) ? paint("31", carets) : carets));
  }

  /// The first line of the place without what must not be shown. Of one that has many findings that
  /// is made once: an address may be longer than any part that is shown.
  private synchronized String masked(Span span) {
    if (!span.source().equals(maskedSource) || span.line() != maskedNumber) {
      masked = Credentials.masked(span.source().line(span.line()));
      maskedSource = span.source();
      maskedNumber = span.line();
    }
    return masked;
  }

  /// `at`, or before the character in whose middle it is.
  private static int whole(String line, int at) {
    boolean middle =
        at > 0
            && at < line.length()
            && Character.isSurrogatePair(line.charAt(at - 1), line.charAt(at));
    return middle ? at - 1 : at;
  }

  private static int before(String line, int at) {
    return at - Character.charCount(line.codePointBefore(at));
  }

  private static String shown(String line, int from, int to) {
    int end = Math.min(to, from + WINDOW);
    return Printable.of(line.substring(from, end).replace('\t', ' '));
  }

  String paint(String sgr, String text) {
    return hasColours() ? "\u001b[" + sgr + "m" + text + "\u001b[0m" : text;
  }

  public void flush() {
    out.flush();
    err.flush();
  }

  /// Whether something did not go out: after a write to a closed pipe or a full disk.
  public boolean hasFailed() {
    return out.checkError();
  }

  /// Why it did not; empty if whoever read it has gone, as `head` does, which is nobody's mistake.
  public Optional<String> failure() {
    return Optional.ofNullable(failure).filter(why -> !why.equals("Broken pipe"));
  }

  /// `4.1s`, `2m03s`.
  public static String time(Duration duration) {
    long tenths = Math.round(duration.toMillis() / 100.0);
    long seconds = duration.toSeconds();
    if (tenths < 600) {
      // Without a Formatter, which loads the language's way to write numbers: every build is here.
      return tenths / 10 + "." + tenths % 10 + "s";
    }
    return String.format(
        Locale.ROOT, "%dm%02ds", Math.max(60, seconds) / 60, Math.max(60, seconds) % 60);
  }

  /// `118 MB`, `24 kB`: three digits, base 1000, as the docker commands print sizes.
  public static String size(long bytes) {
    var units = new String[] {"B", "kB", "MB", "GB", "TB", "PB"};
    double value = bytes;
    long one = 1;
    int unit = 0;
    while (value >= 999.5 && unit < units.length - 1) {
      value /= 1000;
      one *= 1000;
      unit++;
    }
    if (unit == 0) {
      return bytes + "B";
    }
    int scale = value < 9.995 ? 100 : value < 99.95 ? 10 : 1;
    long part = one / scale;
    long scaled = bytes / part + (bytes % part * 2 < part ? 0 : 1);
    var text = new StringBuilder().append(scaled / scale);
    long rest = scaled % scale;
    if (rest > 0) {
      text.append('.');
      for (int digit = scale / 10; rest > 0; rest %= digit, digit /= 10) {
        text.append(rest / digit);
      }
    }
    return text.append(units[unit]).toString();
  }
}
