package dev.jbuild.store;

import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import java.util.List;

/// What a prune removed, or would remove.
///
/// @param images that had no name
/// @param records of steps
/// @param trees chain IDs of unpacked layers
/// @param cacheMounts ids of caches of RUN mounts
/// @param kept ids of containers and failed steps
/// @param bytes that blobs, trees, caches and kept things took on disk
public record Pruned(
    List<Descriptor> images,
    List<Digest> blobs,
    List<Digest> records,
    List<Digest> builds,
    List<Digest> trees,
    List<String> cacheMounts,
    List<String> kept,
    long bytes) {}
