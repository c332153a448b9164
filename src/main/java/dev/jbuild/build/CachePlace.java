package dev.jbuild.build;

import dev.jbuild.failure.Printable;
import dev.jbuild.image.Digest;
import dev.jbuild.image.Reference;
import java.nio.file.Path;
import java.util.Optional;

/// Where a shared cache lies.
public sealed interface CachePlace {

  /// In a registry, under a name; also an image with a cache inside.
  record Registry(Reference name) implements CachePlace {
    @Override
    public String toString() {
      return Printable.of(name.familiar());
    }
  }

  /// In a directory that is an OCI layout.
  ///
  /// @param directory absolute
  /// @param tag in its index.json
  /// @param digest of the manifest, if that alone is wanted
  record Layout(Path directory, String tag, Optional<Digest> digest) implements CachePlace {

    /// The tag where none is given.
    public static final String USUAL_TAG = "latest";

    @Override
    public String toString() {
      return Printable.of(directory.toString());
    }
  }
}
