package dev.jbuild.build;

import dev.jbuild.image.Digest;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// All that goes into a step, by name: what its cache key is made of, and what is compared when a
/// person asks why it was not cached.
///
/// A key says *what goes in*, never how it came to be. Names of stages and images are not in it.
final class StepInputs {

  /// Changes when jbuild makes other layers from the same inputs than it did before.
  private static final String FORMAT = "6";

  /// The files below the step, as a chain ID.
  static final String PARENT = "parent";

  /// What the step copies, as the digest of an [dev.jbuild.context.InputManifest].
  static final String FILES = "files";

  /// Before the name of a variable of the environment.
  static final String VARIABLE = "$";

  private final SortedMap<String, String> parts = new TreeMap<>();

  StepInputs(String kind) {
    parts.put("kind", kind);
    parts.put("format", FORMAT);
  }

  private StepInputs(SortedMap<String, String> parts) {
    this.parts.putAll(parts);
  }

  StepInputs with(String name, String value) {
    var copy = new StepInputs(parts);
    copy.parts.put(name, value);
    return copy;
  }

  /// The same with each of `more`.
  StepInputs with(Map<String, String> more) {
    var copy = new StepInputs(parts);
    copy.parts.putAll(more);
    return copy;
  }

  StepInputs without(String name) {
    var copy = new StepInputs(parts);
    copy.parts.remove(name);
    return copy;
  }

  SortedMap<String, String> parts() {
    return Collections.unmodifiableSortedMap(parts);
  }

  /// The digest of all parts; every name and value with its length, so that none runs into another.
  Digest key() {
    var text = new StringBuilder();
    parts.forEach(
        (name, value) -> {
          append(text, name);
          append(text, value);
        });
    return Digest.ofText(text.toString());
  }

  /// The key of all parts but what is below: whether a step like this was ever made.
  Digest weakKey() {
    return without(PARENT).key();
  }

  private static void append(StringBuilder all, String text) {
    int bytes = Character.BYTES * text.length();
    all.append((char) (bytes >>> Character.SIZE)).append((char) bytes).append(text);
  }
}
