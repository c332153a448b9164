package dev.jbuild.cli;

import dev.jbuild.build.BuildResult;
import dev.jbuild.image.Json;
import dev.jbuild.image.Reference;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Collectors;

/// What `--metadata-file` holds, with the keys of docker buildx and buildah. Of several platforms
/// buildx tells the index only; `dev.jbuild.images` adds the image ID for each.
final class Metadata {

  private Metadata() {}

  static byte[] json(List<Reference> tags, BuildResult result, Outputs.Written written) {
    var manifest = written.manifest().orElse(result.image());
    var descriptor = new LinkedHashMap<String, Object>();
    descriptor.put("mediaType", manifest.mediaType().name());
    descriptor.put("digest", manifest.digest().toString());
    descriptor.put("size", manifest.size());
    if (!manifest.annotations().isEmpty()) {
      descriptor.put("annotations", manifest.annotations());
    }
    var json = new LinkedHashMap<String, Object>();
    if (!result.isIndex()) {
      json.put("containerimage.config.digest", result.imageId().toString());
    }
    json.put("containerimage.descriptor", descriptor);
    json.put("containerimage.digest", manifest.digest().toString());
    json.put("image.name", tags.stream().map(Reference::full).collect(Collectors.joining(",")));
    if (result.isIndex()) {
      var ids = new LinkedHashMap<String, Object>();
      for (var image : result.images()) {
        ids.put(image.platform().toString(), image.imageId().toString());
      }
      json.put("dev.jbuild.images", ids);
    }
    return Json.write(json);
  }
}
