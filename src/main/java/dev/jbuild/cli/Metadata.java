package dev.jbuild.cli;

import dev.jbuild.build.BuildResult;
import dev.jbuild.image.Json;
import dev.jbuild.image.Reference;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Collectors;

/// What `--metadata-file` holds, with the keys of docker buildx and buildah.
final class Metadata {

  private Metadata() {}

  static byte[] json(List<Reference> tags, BuildResult result, Outputs.Written written) {
    var manifest = written.manifest().orElse(result.image());
    var descriptor = new LinkedHashMap<String, Object>();
    descriptor.put("mediaType", manifest.mediaType().name());
    descriptor.put("digest", manifest.digest().toString());
    descriptor.put("size", manifest.size());
    var json = new LinkedHashMap<String, Object>();
    json.put("containerimage.config.digest", result.imageId().toString());
    json.put("containerimage.descriptor", descriptor);
    json.put("containerimage.digest", manifest.digest().toString());
    json.put("image.name", tags.stream().map(Reference::full).collect(Collectors.joining(",")));
    return Json.write(json);
  }
}
