package dev.jbuild.archive;

import dev.jbuild.failure.Printable;
import dev.jbuild.image.Descriptor;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.Reference;
import java.util.Optional;

/// The names that an archive gives its images; they are strangers' text.
final class Names {

  private Names() {}

  /// The name in an entry of index.json: containerd's whole name, else a ref.name that is more than
  /// a tag. Names with nothing but a digest are left out: the digest says as much.
  ///
  /// @throws ImageFormatException if there is a name but not one of an image
  static Optional<Reference> of(Descriptor entry) throws ImageFormatException {
    var whole = entry.annotations().get(LayoutFiles.CONTAINERD_NAME);
    if (whole != null) {
      return of(whole, LayoutFiles.INDEX);
    }
    var name = entry.annotations().getOrDefault(Descriptor.REF_NAME, "");
    boolean onlyTag = name.indexOf(':') < 0 && name.indexOf('/') < 0;
    return onlyTag ? Optional.empty() : of(name, LayoutFiles.INDEX);
  }

  /// The name `text` that stands in the file `where`.
  static Optional<Reference> of(String text, String where) throws ImageFormatException {
    try {
      var name = Reference.parse(text);
      return name.tag().isPresent() ? Optional.of(name) : Optional.empty();
    } catch (IllegalArgumentException e) {
      throw new ImageFormatException(
          where + ": " + Printable.of(String.valueOf(e.getMessage())), e);
    }
  }
}
