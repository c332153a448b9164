package dev.jbuild.registry;

import dev.jbuild.http.Retry;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;

/// What all registries of one run have in common.
///
/// @param patience how long nothing may move on a connection
/// @param warnings takes what a person should know and that stops nothing
record Surroundings(
    Map<String, String> environment,
    Credentials credentials,
    Retry retry,
    Duration patience,
    Consumer<String> warnings) {

  /// The same without the credentials of the command line.
  Surroundings withFilesOnly() {
    return new Surroundings(environment, credentials.ofFiles(), retry, patience, warnings);
  }
}
