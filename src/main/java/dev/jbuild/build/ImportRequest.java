package dev.jbuild.build;

import dev.jbuild.image.Platform;
import dev.jbuild.image.Reference;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// How a root file system becomes an image.
///
/// @param changes Dockerfile instructions for the config, as `CMD ["bash"]`
/// @param message the comment of the history entry
/// @param clamp SOURCE_DATE_EPOCH, seconds since the epoch
public record ImportRequest(
    Optional<Reference> name,
    Platform platform,
    List<String> changes,
    Optional<String> message,
    OptionalLong clamp) {

  public ImportRequest {
    changes = List.copyOf(changes);
  }
}
