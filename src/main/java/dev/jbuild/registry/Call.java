package dev.jbuild.registry;

import dev.jbuild.http.WebBody;
import java.net.URI;
import java.util.Map;
import java.util.Optional;

/// One request of the distribution protocol.
///
/// @param place a path below the registry's address, or a whole address that the registry gave
/// @param headers beside Authorization
record Call(
    String method, String place, Scope scope, Map<String, String> headers, Optional<WebBody> body) {

  Call {
    headers = Map.copyOf(headers);
  }

  static Call get(String place, Scope scope) {
    return new Call("GET", place, scope, Map.of(), Optional.empty());
  }

  static Call of(String method, String place, Scope scope) {
    return new Call(method, place, scope, Map.of(), Optional.empty());
  }

  Call with(String header, String value) {
    var more = new java.util.HashMap<>(headers);
    more.put(header, value);
    return new Call(method, place, scope, more, body);
  }

  Call with(WebBody content) {
    return new Call(method, place, scope, headers, Optional.of(content));
  }

  boolean isReading() {
    return method.equals("GET") || method.equals("HEAD");
  }

  URI address(URI registry) {
    return registry.resolve(place);
  }
}
