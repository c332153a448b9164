package dev.jbuild.serve;

import dev.jbuild.image.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A request that is not obeyed, with what its sender is told: a status and errors as the
/// specification wants them.
final class Refusal extends RuntimeException {

  private final int status;
  private final List<Fault> faults;
  private final Map<String, String> headers;

  /// One error of an answer. The message holds no secret and is sent as it is.
  record Fault(ErrorCode code, String message) {}

  private Refusal(int status, List<Fault> faults, Map<String, String> headers) {
    super(faults.getFirst().message(), null, false, false);
    this.status = status;
    this.faults = List.copyOf(faults);
    this.headers = headers;
  }

  static Refusal of(int status, ErrorCode code, String message) {
    return new Refusal(status, List.of(new Fault(code, message)), Map.of());
  }

  /// A refusal with several reasons, at least one.
  static Refusal of(int status, List<Fault> faults) {
    return new Refusal(status, faults, Map.of());
  }

  /// The same with a header for the answer.
  Refusal with(String header, String value) {
    var more = new LinkedHashMap<>(headers);
    more.put(header, value);
    return new Refusal(status, faults, more);
  }

  static Refusal notFound(ErrorCode code, String message) {
    return of(404, code, message);
  }

  static Refusal bad(ErrorCode code, String message) {
    return of(400, code, message);
  }

  int status() {
    return status;
  }

  List<Fault> faults() {
    return faults;
  }

  Map<String, String> headers() {
    return headers;
  }

  /// The body of the answer.
  byte[] json() {
    var errors =
        faults.stream()
            .map(
                fault -> {
                  var error = new LinkedHashMap<String, Object>();
                  error.put("code", fault.code().name());
                  error.put("message", fault.message());
                  return error;
                })
            .toList();
    return Json.write(Map.of("errors", errors));
  }
}
