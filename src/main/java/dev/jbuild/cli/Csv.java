package dev.jbuild.cli;

import java.util.ArrayList;
import java.util.List;

/// One line of comma-separated values, as `--output` and `--mount` take them: a field may stand in
/// double quotes, in which a double quote is written twice (RFC 4180).
final class Csv {

  private Csv() {}

  static List<String> fields(String line) {
    var fields = new ArrayList<String>();
    var field = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (quoted && c == '"' && i + 1 < line.length() && line.charAt(i + 1) == '"') {
        field.append('"');
        i++;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (c == ',' && !quoted) {
        fields.add(field.toString());
        field.setLength(0);
      } else {
        field.append(c);
      }
    }
    fields.add(field.toString());
    return fields;
  }
}
