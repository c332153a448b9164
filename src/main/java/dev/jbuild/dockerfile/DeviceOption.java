package dev.jbuild.dockerfile;

import dev.jbuild.dockerfile.Instruction.Device;
import dev.jbuild.failure.BuildFailure;
import java.util.List;
import java.util.Locale;

/// `--device` of RUN: `NAME[,required]`, or `name=NAME[,required=true|false]`.
final class DeviceOption {

  private static final List<String> KEYS = List.of("name", "required");

  private DeviceOption() {}

  static Device read(Arguments arguments, Word value) {
    var name = "";
    boolean required = false;
    for (var field : value.text().split(",", -1)) {
      int equals = field.indexOf('=');
      var key = field.substring(0, equals < 0 ? field.length() : equals).toLowerCase(Locale.ROOT);
      var said = field.substring(equals + 1);
      if (key.equals("required")) {
        required = equals < 0 || isTrue(arguments, value, said);
      } else if (key.equals("name") && equals >= 0) {
        if (!name.isEmpty()) {
          throw wrong(arguments, value, "names two devices");
        }
        name = said;
      } else if (name.isEmpty()) {
        name = field;
      } else {
        var failure = wrong(arguments, value, "has the unknown option " + Excerpt.of(key));
        throw Suggestion.of(key, KEYS)
            .map(near -> failure.hint("did you mean " + near + "?"))
            .orElse(failure);
      }
    }
    if (name.isEmpty()) {
      throw wrong(arguments, value, "names no device");
    }
    return new Device(value, name, required);
  }

  private static boolean isTrue(Arguments arguments, Word value, String said) {
    return switch (said) {
      case "1", "t", "T", "true", "TRUE", "True" -> true;
      case "0", "f", "F", "false", "FALSE", "False" -> false;
      default -> throw wrong(arguments, value, "required cannot be " + Excerpt.of(said));
    };
  }

  private static BuildFailure wrong(Arguments arguments, Word value, String what) {
    return arguments
        .failure("--device " + what, value.span())
        .hint("write --device=vendor.example/class=name, and ,required if it cannot go without");
  }
}
