package dev.jbuild.build;

import dev.jbuild.image.Reference;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// How what is kept becomes an image.
///
/// @param changes Dockerfile instructions for the config, as `CMD ["bash"]`
/// @param author of the image and of the history entry
/// @param message the comment of the history entry
/// @param clamp SOURCE_DATE_EPOCH, seconds since the epoch
public record CommitRequest(
    Optional<Reference> name,
    List<String> changes,
    Optional<String> author,
    Optional<String> message,
    OptionalLong clamp) {

  public CommitRequest {
    changes = List.copyOf(changes);
  }
}
