package dev.jbuild.store;

import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.Json;
import dev.jbuild.image.JsonObject;
import dev.jbuild.image.MediaType;
import dev.jbuild.linux.SmallFile;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/// `cache/origins`: a durable file for each blob that was ever left where it is, with the places
/// where it can be had. A prune removes those of blobs that nothing names.
final class Origins {

  /// More places are not remembered; the newest are.
  private static final int MOST = 8;

  private static final String ORIGINS = "origins";
  private static final String REPOSITORY = "repository";
  private static final String LAYOUT = "layout";

  private final Layout layout;
  private final Lease lease;

  Origins(Layout layout, Lease lease) {
    this.layout = layout;
    this.lease = lease;
  }

  /// The newest first; none if the file is missing or cannot be understood.
  List<BlobOrigin> of(Digest blob) throws IOException {
    try {
      return parse(SmallFile.bytes(file(blob)), blob);
    } catch (NoSuchFileException | ImageFormatException e) {
      return List.of();
    }
  }

  /// Puts a place before the others. It is durable when this returns.
  void add(BlobOrigin origin) throws IOException {
    var blob = origin.blob().digest();
    var temps = lease.temps();
    try (var _ = lease.shared()) {
      lease.claim(blob); // no prune forgets it as long as we may need it
      try (var _ = Locks.exclusive(layout.layersLock())) {
        var old = of(blob);
        var all = new ArrayList<BlobOrigin>();
        all.add(origin);
        old.stream().filter(each -> !isSamePlace(each, origin)).limit(MOST - 1).forEach(all::add);
        if (!all.equals(old)) {
          temps.replace(file(blob), bytes(all), TempArea.Durability.DURABLE);
        }
      }
    }
  }

  private static boolean isSamePlace(BlobOrigin a, BlobOrigin b) {
    return switch (a) {
      case BlobOrigin.Repository(_, var domain, var path) ->
          b instanceof BlobOrigin.Repository other
              && other.domain().equals(domain)
              && other.path().equals(path);
      case BlobOrigin.OciLayout(_, var directory) ->
          b instanceof BlobOrigin.OciLayout other && other.directory().equals(directory);
    };
  }

  private Path file(Digest blob) {
    return layout.origins().resolve(blob.hex());
  }

  private static byte[] bytes(List<BlobOrigin> origins) {
    var list = new ArrayList<>();
    for (var origin : origins) {
      var member = new LinkedHashMap<String, Object>();
      member.put("mediaType", origin.blob().mediaType().name());
      member.put("size", origin.blob().size());
      switch (origin) {
        case BlobOrigin.Repository(_, var domain, var path) -> {
          member.put(REPOSITORY, path);
          member.put("registry", domain);
        }
        case BlobOrigin.OciLayout(_, var directory) -> member.put(LAYOUT, directory.toString());
      }
      list.add(member);
    }
    var json = new LinkedHashMap<String, Object>();
    json.put(ORIGINS, list);
    return Json.write(json);
  }

  private static List<BlobOrigin> parse(byte[] bytes, Digest blob) throws ImageFormatException {
    var origins = new ArrayList<BlobOrigin>();
    try {
      for (var json : JsonObject.parse(bytes, "origins of a blob").objects(ORIGINS)) {
        var type = new MediaType(json.requiredString("mediaType"));
        var descriptor = new Descriptor(type, blob, json.requiredNumber("size"));
        origins.add(
            json.has(LAYOUT)
                ? new BlobOrigin.OciLayout(descriptor, Path.of(json.requiredString(LAYOUT)))
                : new BlobOrigin.Repository(
                    descriptor, json.requiredString("registry"), json.requiredString(REPOSITORY)));
      }
    } catch (IllegalArgumentException e) {
      throw new ImageFormatException("origins of a blob: " + e.getMessage(), e);
    }
    return List.copyOf(origins);
  }
}
