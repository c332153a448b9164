package dev.jbuild.registry;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// What a WWW-Authenticate header asks for (RFC 9110, section 11.6.1).
///
/// @param scheme in lower case, `basic` or `bearer` or another
/// @param parameters by name in lower case
record Challenge(String scheme, Map<String, String> parameters) {

  /// A longer header is not read.
  private static final int LONGEST = 16 << 10;

  Challenge {
    parameters = Map.copyOf(parameters);
  }

  Optional<String> parameter(String name) {
    return Optional.ofNullable(parameters.get(name)).filter(value -> !value.isEmpty());
  }

  /// The challenges of all headers, in their order; what is malformed ends a header.
  static List<Challenge> parse(List<String> headers) {
    var challenges = new ArrayList<Challenge>();
    for (var header : headers) {
      if (header.length() <= LONGEST) {
        new Reader(header).readTo(challenges);
      }
    }
    return List.copyOf(challenges);
  }

  private static final class Reader {
    private final String text;
    private int at;

    Reader(String text) {
      this.text = text;
    }

    void readTo(List<Challenge> challenges) {
      while (true) {
        skip(" \t,");
        var scheme = token();
        if (scheme.isEmpty()) {
          return;
        }
        challenges.add(new Challenge(scheme.toLowerCase(Locale.ROOT), parameters()));
      }
    }

    /// Parameters up to the next word that no `=` follows: that is another challenge.
    private Map<String, String> parameters() {
      var parameters = new LinkedHashMap<String, String>();
      while (true) {
        skip(" \t,");
        int start = at;
        var name = token();
        skip(" \t");
        if (name.isEmpty() || at >= text.length() || text.charAt(at) != '=') {
          at = start;
          return parameters;
        }
        at++;
        skip(" \t");
        parameters.putIfAbsent(name.toLowerCase(Locale.ROOT), value());
      }
    }

    private String value() {
      if (at < text.length() && text.charAt(at) == '"') {
        return quoted();
      }
      int start = at;
      while (at < text.length() && ", \t".indexOf(text.charAt(at)) < 0) {
        at++;
      }
      return text.substring(start, at);
    }

    private String quoted() {
      var value = new StringBuilder();
      for (at++; at < text.length() && text.charAt(at) != '"'; at++) {
        if (text.charAt(at) == '\\' && at + 1 < text.length()) {
          at++;
        }
        value.append(text.charAt(at));
      }
      at = Math.min(at + 1, text.length());
      return value.toString();
    }

    private String token() {
      int start = at;
      while (at < text.length() && isTokenCharacter(text.charAt(at))) {
        at++;
      }
      return text.substring(start, at);
    }

    private static boolean isTokenCharacter(char c) {
      return (c >= 'a' && c <= 'z')
          || (c >= 'A' && c <= 'Z')
          || (c >= '0' && c <= '9')
          || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
    }

    private void skip(String characters) {
      while (at < text.length() && characters.indexOf(text.charAt(at)) >= 0) {
        at++;
      }
    }
  }
}
