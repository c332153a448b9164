package dev.jbuild.serve;

import dev.jbuild.image.ImageFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// One collection of garbage in a data directory, while it is served.
///
/// First it is seen what the manifests name; whatever comes under a name meanwhile is remembered by
/// the directory. Then, in small portions during which nothing can come under a name, what neither
/// the manifests nor the memory has is removed if it was left alone for the grace. So a blob that
/// was just sent, or of which a client was just told that it is there, stays until its manifest
/// comes. A reader keeps a removed file open to its end.
final class Collector {

  /// Removed at a time; others wait that long.
  private static final int PORTION = 64;

  private final DataDirectory data;
  private final DataFiles files;
  private final Limits limits;

  Collector(DataDirectory data, DataFiles files, Limits limits) {
    this.data = data;
    this.files = files;
    this.limits = limits;
  }

  void collect() throws IOException {
    data.endIdleUploads();
    var spared = data.spare();
    try {
      var named = new HashSet<ContentDigest>();
      for (var repository : data.all()) {
        named.addAll(collect(repository, spared));
      }
      for (var algorithm : ContentDigest.Algorithm.values()) {
        removeBlobs(algorithm, named, spared);
      }
    } finally {
      data.spareNoMore();
    }
  }

  private boolean isOld(Path file, Duration age) throws IOException {
    return DataFiles.used(file).isBefore(Instant.now().minus(age));
  }

  /// @return all that the repository still names
  private Set<ContentDigest> collect(Repository repository, Set<ContentDigest> spared)
      throws IOException {
    var blobs = repository.blobs(); // before its manifests: none of them is younger
    var named = new HashSet<ContentDigest>();
    for (var manifest : repository.manifests()) {
      named.add(manifest);
      try {
        repository
            .manifest(manifest)
            .ifPresent(document -> document.needed().forEach(link -> named.add(link.digest())));
      } catch (ImageFormatException e) {
        named.addAll(blobs); // what a damaged manifest names is not known
      }
    }
    var useless = new ArrayList<ContentDigest>();
    for (var blob : blobs) {
      if (!named.contains(blob) && isOld(repository.blobMarkOf(blob), limits.grace())) {
        useless.add(blob);
      } else {
        named.add(blob);
      }
    }
    for (var portion : portions(useless)) {
      data.exclusively(
          () -> {
            for (var blob : portion) {
              if (!spared.contains(blob) && isOld(repository.blobMarkOf(blob), limits.grace())) {
                repository.forgetBlob(blob);
              } else {
                named.add(blob);
              }
            }
          });
    }
    return named;
  }

  private void removeBlobs(
      ContentDigest.Algorithm algorithm, Set<ContentDigest> named, Set<ContentDigest> spared)
      throws IOException {
    for (var prefix : DataFiles.names(files.blobs(algorithm))) {
      var useless = new ArrayList<ContentDigest>();
      for (var hex : DataFiles.names(files.blobs(algorithm).resolve(prefix))) {
        ContentDigest.find(algorithm.label() + ":" + hex)
            .filter(digest -> !named.contains(digest))
            .ifPresent(useless::add);
      }
      for (var portion : portions(useless)) {
        data.exclusively(
            () -> {
              for (var digest : portion) {
                var file = files.blob(digest);
                if (!spared.contains(digest) && isOld(file, limits.grace())) {
                  Files.deleteIfExists(file);
                }
              }
            });
      }
    }
  }

  private static List<List<ContentDigest>> portions(List<ContentDigest> digests) {
    var portions = new ArrayList<List<ContentDigest>>();
    for (int i = 0; i < digests.size(); i += PORTION) {
      portions.add(digests.subList(i, Math.min(digests.size(), i + PORTION)));
    }
    return portions;
  }
}
