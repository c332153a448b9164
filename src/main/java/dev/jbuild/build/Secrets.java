package dev.jbuild.build;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/// The secrets that a build was given, by id.
///
/// A value goes to the steps and servers that ask for it and nowhere else: into no cache key, no
/// record, no layer, no log and no message.
public final class Secrets {

  /// The most bytes that a secret may have, as everywhere.
  public static final int LARGEST = 500 * 1024;

  /// Nothing was given.
  public static final Secrets NONE = new Secrets(Map.of());

  private final Map<String, byte[]> values;

  /// @param values by id
  /// @throws IllegalArgumentException if one is larger than [#LARGEST]
  public Secrets(Map<String, byte[]> values) {
    this.values = new HashMap<>();
    values.forEach(
        (id, value) -> {
          if (value.length > LARGEST) {
            throw new IllegalArgumentException("a secret of " + value.length + " bytes");
          }
          this.values.put(id, value.clone());
        });
  }

  /// The value of `id`, which may be empty; nothing if it was not given.
  public Optional<byte[]> find(String id) {
    return Optional.ofNullable(values.get(id)).map(byte[]::clone);
  }

  /// All values.
  Collection<byte[]> values() {
    return values.values().stream().map(byte[]::clone).toList();
  }

  /// All ids, sorted.
  SortedSet<String> ids() {
    return new TreeSet<>(values.keySet());
  }

  boolean has(String id) {
    return values.containsKey(id);
  }

  /// The ids; never a value.
  @Override
  public String toString() {
    return "secrets " + ids();
  }
}
