package dev.jbuild.registry;

import java.util.List;
import java.util.stream.Stream;

/// What a request needs to be allowed: no more than that is asked of a token server.
///
/// @param repository that the request is about; empty if it is about the registry
/// @param words as token servers have them, `repository:library/app:pull`
record Scope(String repository, List<String> words) {

  /// Nothing in particular: a login is tried.
  static final Scope NONE = new Scope("", List.of());

  /// The list of all repositories.
  static final Scope CATALOG = new Scope("", List.of("registry:catalog:*"));

  Scope {
    words = List.copyOf(words);
  }

  static Scope pull(String repository) {
    return new Scope(repository, List.of(word(repository, "pull")));
  }

  static Scope push(String repository) {
    return new Scope(repository, List.of(word(repository, "pull,push")));
  }

  static Scope delete(String repository) {
    return new Scope(repository, List.of(word(repository, "delete,pull")));
  }

  /// The same with reading from a repository, to mount its blobs.
  Scope withPull(String other) {
    return new Scope(
        repository, Stream.concat(words.stream(), Stream.of(word(other, "pull"))).toList());
  }

  private static String word(String repository, String actions) {
    return "repository:" + repository + ":" + actions;
  }
}
