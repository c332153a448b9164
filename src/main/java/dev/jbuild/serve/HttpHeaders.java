package dev.jbuild.serve;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The header fields of a request in their order. Names are compared without case.
final class HttpHeaders {

  private final List<Field> fields = new ArrayList<>();

  private record Field(String name, String value) {}

  void add(String name, String value) {
    fields.add(new Field(name, value));
  }

  int size() {
    return fields.size();
  }

  /// All values of a field, one for each line.
  List<String> all(String name) {
    return fields.stream()
        .filter(field -> field.name().equalsIgnoreCase(name))
        .map(Field::value)
        .toList();
  }

  Optional<String> first(String name) {
    return all(name).stream().findFirst();
  }

  /// Whether a field that is a list of words has this one.
  boolean lists(String name, String word) {
    for (var value : all(name)) {
      for (var each : value.split(",", -1)) {
        if (each.strip().equalsIgnoreCase(word)) {
          return true;
        }
      }
    }
    return false;
  }
}
