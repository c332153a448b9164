package dev.jbuild.failure;

import java.util.regex.Pattern;

/// Users and passwords in addresses, which must not be shown or written down (CVE-2023-26054).
public final class Credentials {

  /// Apart, since few texts have an address with a user in it, and it takes long to load.
  private static final class Address {

    /// All of what stands before the @ of a web address, which may be a token; of others only what
    /// has a password.
    static final Pattern USER =
        Pattern.compile(
            "(?i)(?<=\\bhttps?://)[^/?#@\\s\"']+(?=@)"
                + "|(?<=\\b[a-z]{2,9}://)[^/?#@:\\s\"']*:[^/?#@\\s\"']+(?=@)");
  }

  private Credentials() {}

  /// `text` with `***` for what every address in it says of a user.
  public static String hidden(String text) {
    return text.indexOf('@') < 0 ? text : Address.USER.matcher(text).replaceAll("***");
  }

  /// The same with as many characters as before: for a line below which something points.
  public static String masked(String line) {
    return line.indexOf('@') < 0
        ? line
        : Address.USER.matcher(line).replaceAll(found -> "*".repeat(found.group().length()));
  }
}
