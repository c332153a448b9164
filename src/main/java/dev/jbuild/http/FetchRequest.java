package dev.jbuild.http;

import java.net.URI;
import java.util.Optional;

/// What to fetch.
///
/// @param address may hold `user:password@`, which goes to its own server only
/// @param etag of the content that is there already, sent as If-None-Match
/// @param lastModified of it, sent as If-Modified-Since
/// @param authorization value of the Authorization header, for the server of `address` only
/// @param mostBytes a longer body is a failure
public record FetchRequest(
    URI address,
    Optional<String> etag,
    Optional<String> lastModified,
    Optional<String> authorization,
    long mostBytes) {

  /// A request without conditions and credentials of its own.
  public static FetchRequest of(URI address, long mostBytes) {
    return new FetchRequest(
        address, Optional.empty(), Optional.empty(), Optional.empty(), mostBytes);
  }

  @Override
  public String toString() {
    return "GET " + WebAddress.redacted(address);
  }
}
