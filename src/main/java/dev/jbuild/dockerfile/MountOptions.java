package dev.jbuild.dockerfile;

import dev.jbuild.dockerfile.Flags.Flag;
import dev.jbuild.dockerfile.Instruction.Mount;
import dev.jbuild.dockerfile.Instruction.Mount.Option;
import dev.jbuild.failure.BuildFailure;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// `--mount` of RUN: one CSV record (RFC 4180) of `key=value`.
final class MountOptions {

  /// Keys that may stand alone and then mean `true`.
  private static final Set<String> SWITCHES =
      Set.of("ro", "readonly", "rw", "readwrite", "required");

  private static final List<String> KEYS =
      List.of(
          "type",
          "from",
          "source",
          "src",
          "target",
          "dst",
          "destination",
          "readonly",
          "ro",
          "readwrite",
          "rw",
          "id",
          "sharing",
          "required",
          "size",
          "mode",
          "uid",
          "gid",
          "env");

  private MountOptions() {}

  static Mount read(Arguments arguments, Flag flag) {
    var value = arguments.flags().valueOf(flag);
    if (value.text().isEmpty()) {
      throw arguments
          .failure("--mount needs a value", flag.span())
          .hint("write --mount=type=cache,target=/root/.cache, for example");
    }
    var options = new ArrayList<Option>();
    for (var field : new Csv(arguments, flag).fields()) {
      options.add(option(arguments, field));
    }
    var mount = new Mount(flag.span(), options);
    MountRules.check(arguments, mount);
    return mount;
  }

  private static Option option(Arguments arguments, Token field) {
    var text = field.text();
    int equals = text.indexOf('=');
    int keyEnd = equals < 0 ? text.length() : equals;
    var key = text.substring(0, keyEnd).toLowerCase(Locale.ROOT);
    var keySpan = field.span(0, keyEnd);
    if (!KEYS.contains(key)) {
      var hint =
          Suggestion.of(key, KEYS)
              .map(known -> "did you mean " + known + "?")
              .orElse("it knows " + String.join(", ", KEYS));
      throw arguments.failure("--mount has the unknown option " + shown(key), keySpan).hint(hint);
    }
    if (equals >= 0) {
      return new Option(key, field.word(equals + 1, text.length()));
    }
    if (!SWITCHES.contains(key)) {
      throw arguments
          .failure("--mount option " + key + " needs a value", keySpan)
          .hint("write " + key + "=VALUE");
    }
    return new Option(key, new Word("true", keySpan));
  }

  private static String shown(String key) {
    return key.isEmpty() ? "\"\"" : Excerpt.of(key);
  }

  /// Cuts the value of a flag at its commas. A field that begins with a double quote goes on to the
  /// next one, doubled quotes in it stand for one; the quotes must have survived the reading of the
  /// flag, so they were escaped there.
  private static final class Csv {
    private final Arguments arguments;
    private final Token token;
    private int at;

    Csv(Arguments arguments, Flag flag) {
      this.arguments = arguments;
      this.token = flag.token();
      this.at = token.text().indexOf('=') + 1;
    }

    List<Token> fields() {
      var fields = new ArrayList<Token>();
      int end = token.text().length();
      do {
        fields.add(at < end && token.text().charAt(at) == '"' ? quoted() : plain());
      } while (at++ < end);
      return fields;
    }

    private Token plain() {
      int comma = token.text().indexOf(',', at);
      int end = comma < 0 ? token.text().length() : comma;
      int quote = token.text().indexOf('"', at, end);
      if (quote >= 0) {
        throw arguments
            .failure("has a quote inside a mount option", token.span(quote, quote + 1))
            .hint("put the quotes around the whole option: \"target=/a,b\"");
      }
      var field = sub(at, end);
      at = end;
      return field;
    }

    private Token sub(int from, int end) {
      int[] offsets = Arrays.copyOfRange(token.offsets(), from, end);
      if (from == end) {
        // Nothing is there; where it would be still has a place.
        int last = token.offsets().length - 1;
        offsets = new int[] {from <= last ? token.offsets()[from] : token.offsets()[last] + 1};
      }
      return new Token(token.text().substring(from, end), offsets, token.line());
    }

    private Token quoted() {
      var text = token.text();
      var content = new StringBuilder();
      int[] offsets = new int[text.length() - at + 1];
      int start = at;
      at++;
      while (at < text.length()) {
        boolean doubled = text.startsWith("\"\"", at);
        if (text.charAt(at) == '"' && !doubled) {
          at++;
          if (at < text.length() && text.charAt(at) != ',') {
            throw unclosed(start);
          }
          int length = Math.max(1, content.length());
          return new Token(content.toString(), Arrays.copyOf(offsets, length), token.line());
        }
        offsets[content.length()] = token.offsets()[at];
        content.append(text.charAt(at));
        at += doubled ? 2 : 1;
      }
      throw unclosed(start);
    }

    private BuildFailure unclosed(int start) {
      return arguments
          .failure("has a mount option whose quotes do not end it", token.span(start, start + 1))
          .hint("put the quotes around the whole option: \"target=/a,b\"");
    }
  }
}
