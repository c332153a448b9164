package dev.jbuild.plan;

import dev.jbuild.failure.Span;

/// What COPY and ADD copy.
public sealed interface CopySource {

  /// Where it stands in the instruction.
  Span span();

  /// A path or pattern, looked up at the step's origin.
  ///
  /// @param pattern variables replaced, else as written: not joined to anything, not cleaned
  record Files(String pattern, Span span) implements CopySource {}

  /// A file to be fetched by http or https.
  ///
  /// @param fileName what it is called in a directory
  record Url(String url, String fileName, Span span) implements CopySource {}

  /// A git repository, `https://host/repository.git#ref:directory` and the like.
  record Git(String url, Span span) implements CopySource {}

  /// A here-document: a file of mode 0644.
  ///
  /// @param name one component, never `.` or `..`
  /// @param content variables replaced
  record Inline(String name, String content, Span span) implements CopySource {}
}
