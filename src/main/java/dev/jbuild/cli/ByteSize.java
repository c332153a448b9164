package dev.jbuild.cli;

import dev.jbuild.failure.Printable;
import java.math.BigDecimal;
import java.util.Locale;
import java.util.regex.Pattern;

/// An amount of bytes as people type it: `10GB`, `512 MiB`, `1.5g`.
///
/// `kB`, `MB` … are powers of 1000, as jbuild prints sizes; `KiB`, `MiB` … powers of 1024.
final class ByteSize {

  private static final Pattern FORM =
      Pattern.compile("([0-9]{1,15}(?:\\.[0-9]{1,9})?) ?([kmgtp]?)(i?)(b?)");
  private static final String UNITS = "kmgtp";

  private ByteSize() {}

  /// An amount of memory, for which people mean powers of 1024 whatever they write: `64m`, `1GB`.
  static long parseMemory(String option, String text) {
    var matcher = FORM.matcher(text.strip().toLowerCase(Locale.ROOT));
    return parse(
        option,
        matcher.matches() && !matcher.group(2).isEmpty()
            ? matcher.group(1) + matcher.group(2) + "ib"
            : text);
  }

  /// @param option whose value it is
  /// @throws dev.jbuild.failure.BuildFailure of kind USAGE for any other text
  static long parse(String option, String text) {
    var matcher = FORM.matcher(text.strip().toLowerCase(Locale.ROOT));
    if (!matcher.matches() || (matcher.group(2).isEmpty() && !matcher.group(3).isEmpty())) {
      throw wrong(option, text);
    }
    int power = matcher.group(2).isEmpty() ? 0 : UNITS.indexOf(matcher.group(2)) + 1;
    var unit = BigDecimal.valueOf(matcher.group(3).isEmpty() ? 1000 : 1024).pow(power);
    var bytes = new BigDecimal(matcher.group(1)).multiply(unit);
    if (bytes.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
      throw wrong(option, text);
    }
    return bytes.longValue();
  }

  private static RuntimeException wrong(String option, String text) {
    return Options.usage(option + " takes an amount of bytes, not " + Printable.of(text))
        .hint("write it as 10GB or 512MiB");
  }
}
