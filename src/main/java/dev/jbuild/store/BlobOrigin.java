package dev.jbuild.store;

import dev.jbuild.failure.Printable;
import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Reference;
import java.nio.file.Path;
import java.util.Optional;

/// A place where a blob can be had that the store does not hold. Its bytes are never believed
/// unseen: what comes is held against the digest.
public sealed interface BlobOrigin {

  /// What the place says that the blob is; places may differ in type, and one may lie.
  Descriptor blob();

  /// A repository of a registry.
  ///
  /// @param domain of the registry with its port, `docker.io`
  /// @param path of the repository in it, `library/debian`
  record Repository(Descriptor blob, String domain, String path) implements BlobOrigin {

    public Repository {
      new Reference(domain, path, Optional.empty(), Optional.empty()); // a name that can be asked
    }

    /// The repository of an image.
    public static Repository of(Descriptor blob, Reference image) {
      return new Repository(blob, image.domain(), image.path());
    }

    @Override
    public String toString() {
      return new Reference(domain, path, Optional.empty(), Optional.empty()).repositoryName();
    }
  }

  /// An OCI image layout.
  ///
  /// @param directory absolute
  record OciLayout(Descriptor blob, Path directory) implements BlobOrigin {

    /// The file that the blob is there.
    Path file() {
      return directory.resolve("blobs").resolve("sha256").resolve(blob.digest().hex());
    }

    @Override
    public String toString() {
      return Printable.of(directory.toString());
    }
  }
}
