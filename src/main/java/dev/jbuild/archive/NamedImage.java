package dev.jbuild.archive;

import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Reference;
import java.util.List;

/// An image and the names it goes by.
///
/// @param descriptor of its manifest, or of its index
public record NamedImage(Descriptor descriptor, List<Reference> names) {

  public NamedImage {
    names = List.copyOf(names);
  }
}
