package dev.jbuild.serve;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What a request is for: a path and parameters, percent-decoded once.
///
/// @param path begins with a slash; anything else is still possible in it
record Target(String path, List<Parameter> parameters) {

  record Parameter(String name, String value) {}

  Target {
    parameters = List.copyOf(parameters);
  }

  /// @throws Refusal if the escapes are wrong or stand for what is not UTF-8
  static Target parse(String text) {
    int hash = text.indexOf('#');
    var whole = hash < 0 ? text : text.substring(0, hash);
    int mark = whole.indexOf('?');
    var path = decode(mark < 0 ? whole : whole.substring(0, mark), false);
    var parameters = new ArrayList<Parameter>();
    if (mark >= 0) {
      for (var pair : whole.substring(mark + 1).split("&", -1)) {
        int equals = pair.indexOf('=');
        if (!pair.isEmpty()) {
          parameters.add(
              equals < 0
                  ? new Parameter(decode(pair, true), "")
                  : new Parameter(
                      decode(pair.substring(0, equals), true),
                      decode(pair.substring(equals + 1), true)));
        }
      }
    }
    return new Target(path, parameters);
  }

  /// The value of the first parameter of this name.
  Optional<String> parameter(String name) {
    return all(name).stream().findFirst();
  }

  List<String> all(String name) {
    return parameters.stream()
        .filter(parameter -> parameter.name().equals(name))
        .map(Parameter::value)
        .toList();
  }

  private static String decode(String text, boolean plusIsBlank) {
    var bytes = new ByteArrayOutputStream(text.length());
    var raw = text.getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < raw.length; i++) {
      if (raw[i] == '%') {
        if (i + 2 >= raw.length) {
          throw bad();
        }
        bytes.write(digit(raw[i + 1]) << 4 | digit(raw[i + 2]));
        i += 2;
      } else {
        bytes.write(raw[i] == '+' && plusIsBlank ? ' ' : raw[i]);
      }
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes.toByteArray()))
          .toString();
    } catch (CharacterCodingException e) {
      throw bad();
    }
  }

  private static int digit(byte b) {
    int digit = b < 0 ? -1 : Character.digit(b, 16);
    if (digit < 0) {
      throw bad();
    }
    return digit;
  }

  private static Refusal bad() {
    return Refusal.bad(ErrorCode.NAME_INVALID, "the address holds an escape that means nothing");
  }
}
