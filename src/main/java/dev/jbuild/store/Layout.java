package dev.jbuild.store;

import dev.jbuild.image.Digest;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/// Where everything lies below a store's root, which is absolute and free of links.
record Layout(Path root) {

  /// The format of what is kept beside the OCI layout. A store of a higher one is refused.
  static final int VERSION = 1;

  /// Every name that a store has in its root.
  static final Set<String> NAMES =
      Set.of(
          "version",
          "oci-layout",
          "index.json",
          "index.json.broken",
          "blobs",
          "cache",
          "trees",
          "builds",
          "kept",
          "mounts",
          "leases",
          "locks",
          "tmp");

  Path version() {
    return root.resolve("version");
  }

  Path ociLayout() {
    return root.resolve("oci-layout");
  }

  Path index() {
    return root.resolve("index.json");
  }

  Path blobs() {
    return root.resolve("blobs").resolve("sha256");
  }

  Path blob(Digest digest) {
    return blobs().resolve(digest.hex());
  }

  Path steps() {
    return root.resolve("cache").resolve("steps");
  }

  Path weak() {
    return root.resolve("cache").resolve("weak");
  }

  Path layers() {
    return root.resolve("cache").resolve("layers");
  }

  Path origins() {
    return root.resolve("cache").resolve("origins");
  }

  Path answers() {
    return root.resolve("cache").resolve("answers");
  }

  Path trees() {
    return root.resolve("trees");
  }

  Path tree(Digest chainId) {
    return trees().resolve(chainId.hex());
  }

  Path idMap() {
    return trees().resolve("idmap");
  }

  Path builds() {
    return root.resolve("builds");
  }

  Path kept() {
    return root.resolve("kept");
  }

  Path mounts() {
    return root.resolve("mounts");
  }

  Path mount(Digest name) {
    return mounts().resolve(name.hex());
  }

  Path leases() {
    return root.resolve("leases");
  }

  Path locks() {
    return root.resolve("locks");
  }

  Path tmp() {
    return root.resolve("tmp");
  }

  /// Held shared while a lease gets a line and its content is seen to exist, exclusively while
  /// something decides what to remove.
  Path storeLock() {
    return locks().resolve("store");
  }

  Path indexLock() {
    return locks().resolve("index");
  }

  Path layersLock() {
    return locks().resolve("layers");
  }

  /// All directories, parents first.
  List<Path> directories() {
    return List.of(
        locks(),
        root.resolve("blobs"),
        blobs(),
        root.resolve("cache"),
        steps(),
        weak(),
        layers(),
        origins(),
        trees(),
        builds(),
        kept(),
        mounts(),
        leases(),
        tmp());
  }
}
