package dev.jbuild.failure;

import java.util.regex.Pattern;

/// Users and passwords in addresses, which must not be shown or written down (CVE-2023-26054).
public final class Credentials {

  /// All of what stands before the @ of a web address, which may be a token; of others only what
  /// has a password.
  private static final Pattern IN_ADDRESS =
      Pattern.compile(
          "(?i)(?<=\\bhttps?://)[^/?#@\\s\"']+(?=@)"
              + "|(?<=\\b[a-z]{2,9}://)[^/?#@:\\s\"']*:[^/?#@\\s\"']+(?=@)");

  private Credentials() {}

  /// `text` with `***` for what every address in it says of a user.
  public static String hidden(String text) {
    return text.indexOf('@') < 0 ? text : IN_ADDRESS.matcher(text).replaceAll("***");
  }

  /// The same with as many characters as before: for a line below which something points.
  public static String masked(String line) {
    return line.indexOf('@') < 0
        ? line
        : IN_ADDRESS.matcher(line).replaceAll(found -> "*".repeat(found.group().length()));
  }
}
