package dev.jbuild.http;

import java.net.URI;
import java.util.Map;
import java.util.Optional;

/// One request to one server.
///
/// @param address where it goes; what it says of users is dropped
/// @param headers by name
public record WebRequest(
    String method, URI address, Map<String, String> headers, Optional<WebBody> body) {

  public WebRequest {
    address = WebAddress.withoutUser(address);
    headers = Map.copyOf(headers);
  }

  public static WebRequest get(URI address, Map<String, String> headers) {
    return new WebRequest("GET", address, headers, Optional.empty());
  }

  /// Without headers: they may hold credentials.
  @Override
  public String toString() {
    return method + " " + WebAddress.redacted(address);
  }
}
