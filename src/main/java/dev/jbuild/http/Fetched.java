package dev.jbuild.http;

import java.net.URI;
import java.util.Optional;

/// The answer to a [FetchRequest] that succeeded.
///
/// @param status 200, or 304 when the conditions of the request say that nothing changed
/// @param address where the answer came from, after redirects
/// @param bytes how many went to the sink
public record Fetched(
    int status,
    URI address,
    Optional<String> etag,
    Optional<String> lastModified,
    Optional<String> contentType,
    long bytes) {

  /// Whether the server says that the content is still what the conditions named.
  public boolean isUnmodified() {
    return status == 304;
  }
}
