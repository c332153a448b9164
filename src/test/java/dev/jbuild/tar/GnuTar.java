package dev.jbuild.tar;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jbuild.failure.Utf8;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/// GNU tar as a second opinion; the test is skipped, with a reason, where there is none.
final class GnuTar {

  private static final Pattern LINE =
      Pattern.compile(
          "(.)(.{9})\\S* +(\\d+)/(\\d+) +(\\S+) (\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d)"
              + "(?:\\.\\d+)? +(.*)");

  private GnuTar() {}

  static void need() {
    need("tar", "--version", "GNU tar");
  }

  /// Goes on only if a program is there and says what is expected of it.
  static void need(String program, String option, String says) {
    try {
      var outcome = run(Path.of("/"), List.of(program, option));
      assumeTrue(Utf8.decode(outcome.output()).contains(says), program + " is not " + says);
    } catch (IOException _) {
      abort(program + " is not installed");
    }
  }

  /// What a program printed, errors as well, and how it ended.
  record Outcome(int status, byte[] output) {}

  static Outcome run(Path directory, List<String> command) throws IOException {
    var output = Files.createTempFile("tar-test", ".txt");
    try {
      var builder =
          new ProcessBuilder(command)
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .redirectInput(Path.of("/dev/null").toFile())
              .redirectOutput(output.toFile());
      builder.environment().put("LC_ALL", "C");
      builder.environment().put("TZ", "UTC0");
      var process = builder.start();
      if (!process.waitFor(60, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        fail(command + " did not end");
      }
      return new Outcome(process.exitValue(), Files.readAllBytes(output));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    } finally {
      Files.delete(output);
    }
  }

  /// Runs tar, which must succeed.
  static void tar(Path directory, List<String> options) throws IOException {
    var command = new ArrayList<>(List.of("tar"));
    command.addAll(options);
    var outcome = run(directory, command);
    assertEquals(0, outcome.status(), command + ": " + new String(outcome.output(), UTF_8));
  }

  /// What tar lists of an archive, in the form of [#line]; lines that are messages are left out.
  static List<String> list(Path archive) throws IOException {
    var command =
        List.of(
            "tar",
            "-tvf",
            archive.toString(),
            "-P",
            "--numeric-owner",
            "--full-time",
            "--quoting-style=literal");
    var lines = new ArrayList<String>();
    for (var line : Utf8.decode(run(Path.of("/"), command).output()).split("\n", -1)) {
      var parts = LINE.matcher(line);
      if (parts.matches()) {
        // a contiguous file, which an old directory may be like any other file
        var contiguous = parts.group(7).endsWith("/") ? "d" : "-";
        var type = parts.group(1).equals("C") ? contiguous : parts.group(1);
        lines.add(
            String.join(
                " ",
                type + parts.group(2),
                parts.group(3) + "/" + parts.group(4),
                parts.group(5),
                parts.group(6),
                plainNames(parts.group(7))));
      }
    }
    return lines;
  }

  /// Names as jbuild has them: relative, without `./` and slashes at the end.
  private static String plainNames(String names) {
    int link = names.indexOf(" link to ");
    if (link >= 0) {
      return plain(names.substring(0, link)) + " link to " + plain(names.substring(link + 9));
    }
    int arrow = names.indexOf(" -> ");
    return arrow < 0 ? plain(names) : plain(names.substring(0, arrow)) + names.substring(arrow);
  }

  private static String plain(String name) {
    return ArchivePath.of(name).toString();
  }

  /// An entry as tar lists it.
  static String line(TarEntry entry) {
    boolean device = entry.type() == TarEntry.Type.CHARACTER || entry.type() == TarEntry.Type.BLOCK;
    var link =
        switch (entry.type()) {
          case SYMLINK -> " -> " + Utf8.decode(entry.link());
          case HARDLINK -> " link to " + entry.hardLink();
          case FILE, DIRECTORY, CHARACTER, BLOCK, FIFO -> "";
        };
    return String.join(
        " ",
        typeOf(entry) + permissions(entry.mode()),
        entry.uid() + "/" + entry.gid(),
        device ? entry.major() + "," + entry.minor() : Long.toString(entry.size()),
        DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss", Locale.ROOT)
            .format(Instant.ofEpochSecond(entry.mtime()).atOffset(ZoneOffset.UTC)),
        entry.path() + link);
  }

  private static char typeOf(TarEntry entry) {
    return switch (entry.type()) {
      case FILE -> '-';
      case DIRECTORY -> 'd';
      case SYMLINK -> 'l';
      case HARDLINK -> 'h';
      case CHARACTER -> 'c';
      case BLOCK -> 'b';
      case FIFO -> 'p';
    };
  }

  private static String permissions(int mode) {
    var text = new StringBuilder();
    for (int i = 8; i >= 0; i--) {
      text.append((mode >> i & 1) == 0 ? '-' : "xwr".charAt(i % 3));
    }
    special(text, 2, mode & 04000, 's');
    special(text, 5, mode & 02000, 's');
    special(text, 8, mode & 01000, 't');
    return text.toString();
  }

  private static void special(StringBuilder text, int at, int bit, char letter) {
    if (bit != 0) {
      text.setCharAt(at, text.charAt(at) == 'x' ? letter : Character.toUpperCase(letter));
    }
  }
}
