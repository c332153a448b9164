package dev.jbuild.store;

import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.JsonObject;
import java.util.List;

/// What a record (of a step, a build, a kept container) says that it needs of the store.
///
/// @param blobs its member `"blobs"`
/// @param trees its member `"trees"`, chain IDs
record Needs(List<Digest> blobs, List<Digest> trees) {

  /// Both members may be missing; whatever else there is means nothing to the store.
  ///
  /// @throws ImageFormatException if it is no JSON object or a member no list of digests
  static Needs of(byte[] record) throws ImageFormatException {
    var json = JsonObject.parse(record, "record", IndexFile.LIMIT);
    return new Needs(Links.digests(json, "blobs"), Links.digests(json, "trees"));
  }
}
