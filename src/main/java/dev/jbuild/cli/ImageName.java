package dev.jbuild.cli;

import dev.jbuild.image.Reference;
import java.util.Optional;

/// A name in the list of images, in the two columns that people know. Others than jbuild may have
/// written it: then the whole of it is the repository.
///
/// @param repository familiar, `app`; `<none>` if the image has no name
/// @param tag `<none>` if there is none
/// @param familiar what to type to get at it; empty if there is no name
record ImageName(String repository, String tag, Optional<String> familiar) {

  static final String NONE = "<none>";

  /// @param full as the store keeps it
  static ImageName of(Optional<String> full) {
    if (full.isEmpty()) {
      return new ImageName(NONE, NONE, Optional.empty());
    }
    var name = full.get();
    if (Reference.problem(name).isEmpty()) {
      var reference = Reference.parse(name);
      if (reference.full().equals(name)) {
        return new ImageName(
            reference.repositoryName(),
            reference.tag().orElse(NONE),
            Optional.of(reference.familiar()));
      }
    }
    return new ImageName(name, NONE, full);
  }
}
