package dev.jbuild.dockerfile;

import dev.jbuild.dockerfile.Instruction.Mount;
import dev.jbuild.dockerfile.Instruction.Mount.Option;
import dev.jbuild.failure.BuildFailure;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What is wrong with a mount whatever its variables stand for (CVE-2024-9407 was an option that
/// nobody had checked). A value with variables, quotes or escapes in it is left to those who know
/// what it stands for.
final class MountRules {

  private static final List<String> TYPES = List.of("bind", "cache", "tmpfs", "secret", "ssh");
  private static final List<String> SHARING = List.of("shared", "private", "locked");
  private static final Set<String> TRUTHS =
      Set.of("1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False");

  /// Options that only some types have.
  private static final Map<String, Set<String>> ONLY =
      Map.of(
          "mode", Set.of("secret", "ssh", "cache"),
          "uid", Set.of("secret", "ssh", "cache"),
          "gid", Set.of("secret", "ssh", "cache"),
          "required", Set.of("secret", "ssh"),
          "sharing", Set.of("cache"),
          "size", Set.of("tmpfs"),
          "from", Set.of("bind", "cache", "tmpfs", "ssh"),
          "source", Set.of("bind", "cache", "tmpfs", "secret"));

  private final Arguments arguments;
  private final Mount mount;

  private MountRules(Arguments arguments, Mount mount) {
    this.arguments = arguments;
    this.mount = mount;
  }

  static void check(Arguments arguments, Mount mount) {
    var rules = new MountRules(arguments, mount);
    mount.options().forEach(rules::checkValue);
    rules.type().ifPresent(rules::checkType);
  }

  private void checkValue(Option option) {
    var text = option.value().text();
    if (option.key().equals("from")) {
      int dollar = text.indexOf('$');
      if (dollar >= 0 && dollar < text.length() - 1) {
        throw failure("from cannot hold variables", option)
            .hint("name a stage: FROM image-with-$VARIABLE AS name, then from=name");
      }
    }
    if (!isConstant(text)) {
      return;
    }
    switch (option.key()) {
      case "type" -> oneOf(option, TYPES);
      case "sharing" -> oneOf(option, SHARING);
      case "ro", "readonly", "rw", "readwrite", "required" ->
          require(TRUTHS.contains(text), option, "true or false");
      case "mode" -> require(isNumber(text, 8), option, "an octal number, as 0400");
      case "uid", "gid" -> require(isNumber(text, 10), option, "a number");
      case "size" -> require(isSize(text), option, "a size, as 64m or 1g");
      case "target", "dst", "destination" ->
          require(!isRoot(text), option, "a path below /: the root itself cannot be mounted over");
      default -> {}
    }
  }

  private void checkType(String type) {
    for (var option : mount.options()) {
      var key = option.key().equals("src") ? "source" : option.key();
      var types = ONLY.get(key);
      if (types != null && !types.contains(type)) {
        throw failure("option " + option.key() + " does not go with type " + type, option)
            .hint("remove it, or choose another type");
      }
    }
    if (type.equals("secret")) {
      checkSecret();
    }
  }

  private void checkSecret() {
    boolean id = has("id");
    boolean source = has("source") || has("src");
    if (id && source) {
      throw failure("of a secret has both id and source", mount.options().getLast())
          .hint("keep id");
    }
    if (!id && !source && !has("target") && !has("dst") && !has("destination")) {
      throw failure("of a secret does not say which", mount.options().getLast())
          .hint("write --mount=type=secret,id=NAME");
    }
  }

  private boolean has(String key) {
    return mount.options().stream()
        .anyMatch(option -> option.key().equals(key) && !option.value().text().isEmpty());
  }

  /// The type, if it does not depend on variables; the last one counts.
  private Optional<String> type() {
    var type = "bind";
    for (var option : mount.options()) {
      if (option.key().equals("type")) {
        type = option.value().text();
      }
    }
    return isConstant(type) ? Optional.of(type.toLowerCase(Locale.ROOT)) : Optional.empty();
  }

  private boolean isConstant(String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '$' || c == '\'' || c == '"' || c == arguments.escape()) {
        return false;
      }
    }
    return true;
  }

  private void oneOf(Option option, List<String> values) {
    var value = option.value().text().toLowerCase(Locale.ROOT);
    if (!values.contains(value)) {
      var hint =
          Suggestion.of(value, values)
              .map(known -> "did you mean " + known + "?")
              .orElse("it is " + String.join(", ", values));
      throw failure("has no " + option.key() + " " + shown(option), option).hint(hint);
    }
  }

  private void require(boolean good, Option option, String what) {
    if (!good) {
      throw failure("option " + option.key() + " cannot be " + shown(option), option)
          .hint("it must be " + what);
    }
  }

  private static String shown(Option option) {
    return option.value().text().isEmpty() ? "empty" : Excerpt.of(option.value().text());
  }

  private BuildFailure failure(String what, Option option) {
    return arguments.failure("--mount " + what, option.value().span());
  }

  private static boolean isNumber(String text, int radix) {
    if (text.isEmpty() || text.length() > 20 || !Character.isLetterOrDigit(text.charAt(0))) {
      return false;
    }
    try {
      Integer.parseUnsignedInt(text, radix);
      return true;
    } catch (NumberFormatException _) {
      return false;
    }
  }

  /// A number, perhaps with a fraction, and a unit: b, k, m, g, t, p, as `64m`, `64mb`, `64MiB`.
  private static boolean isSize(String text) {
    int i = 0;
    while (i < text.length() && (Character.isDigit(text.charAt(i)) || text.charAt(i) == '.')) {
      i++;
    }
    var number = text.substring(0, i);
    var unit = text.substring(i).strip().toLowerCase(Locale.ROOT);
    boolean isNumber =
        number.chars().anyMatch(Character::isDigit)
            && number.indexOf('.') == number.lastIndexOf('.');
    boolean isUnit =
        unit.isEmpty()
            || unit.equals("b")
            || ("kmgtp".indexOf(unit.charAt(0)) >= 0
                && Set.of("", "b", "ib").contains(unit.substring(1)));
    return isNumber && isUnit;
  }

  /// Whether an absolute path is the root once `.` and `..` are worked out.
  private static boolean isRoot(String path) {
    if (!path.startsWith("/")) {
      return false;
    }
    int depth = 0;
    for (var name : path.split("/", -1)) {
      if (name.equals("..")) {
        depth = Math.max(0, depth - 1);
      } else if (!name.isEmpty() && !name.equals(".")) {
        depth++;
      }
    }
    return depth == 0;
  }
}
