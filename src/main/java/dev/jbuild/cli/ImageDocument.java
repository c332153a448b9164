package dev.jbuild.cli;

import dev.jbuild.image.ContainerConfig;
import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.Healthcheck;
import dev.jbuild.image.ImageConfig;
import dev.jbuild.image.Manifest;
import dev.jbuild.image.Platform;
import dev.jbuild.image.Reference;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/// What `jbuild inspect` says of an image, with the members of docker inspect.
final class ImageDocument {

  private final StoredImages images;

  ImageDocument(StoredImages images) {
    this.images = images;
  }

  /// The document of one image.
  Fields of(Descriptor descriptor, Optional<Platform> platform) throws IOException {
    var id = images.id(descriptor);
    var names = names(id);
    var artifact = images.artifact(descriptor);
    if (artifact.isPresent()) {
      return artifact(artifact.get(), descriptor, names);
    }
    var image = images.resolve(descriptor, platform);
    var config = image.config();
    var fields = new LinkedHashMap<String, Object>();
    fields.put("Id", id.toString());
    fields.put("RepoTags", tags(names));
    fields.put("RepoDigests", digests(names, descriptor));
    fields.put("Comment", comment(config));
    var created = config.created();
    fields.put("Created", created == null ? Nothing.OBJECT : created.toString());
    fields.put("Author", config.author());
    fields.put("Config", config(config.config()));
    fields.put("Architecture", config.architecture());
    fields.put("Variant", config.variant());
    fields.put("Os", config.os());
    fields.put("Size", size(image.manifest()));
    fields.put("RootFS", rootFs(config));
    fields.put("Descriptor", descriptor(descriptor));
    return new Fields(fields);
  }

  /// Of what is no image: what it says it is, and of whom it says something.
  private static Fields artifact(Manifest artifact, Descriptor descriptor, List<Reference> names) {
    var fields = new LinkedHashMap<String, Object>();
    fields.put("Id", descriptor.digest().toString());
    fields.put("RepoTags", tags(names));
    fields.put("RepoDigests", digests(names, descriptor));
    fields.put(
        "ArtifactType", artifact.artifactType().orElse(artifact.config().mediaType().name()));
    fields.put("Size", size(artifact));
    fields.put(
        "Subject",
        artifact.subject().isPresent() ? descriptor(artifact.subject().get()) : Nothing.OBJECT);
    fields.put(
        "Annotations", artifact.annotations().isEmpty() ? Nothing.MAP : artifact.annotations());
    fields.put("Descriptor", descriptor(descriptor));
    return new Fields(fields);
  }

  private List<Reference> names(Digest id) throws IOException {
    var names = new ArrayList<Reference>();
    for (var entry : images.entries(id)) {
      entry
          .name()
          .filter(name -> Reference.problem(name).isEmpty())
          .map(Reference::parse)
          .ifPresent(names::add);
    }
    return names;
  }

  private static List<String> tags(List<Reference> names) {
    return names.stream().filter(name -> name.tag().isPresent()).map(Reference::familiar).toList();
  }

  private static List<String> digests(List<Reference> names, Descriptor image) {
    return names.stream()
        .map(name -> name.repositoryName() + "@" + image.digest())
        .distinct()
        .toList();
  }

  private static String comment(ImageConfig config) {
    return config.history().isEmpty() ? "" : config.history().getLast().comment();
  }

  private static long size(Manifest manifest) {
    return manifest.layers().stream().mapToLong(Descriptor::size).sum();
  }

  private static Fields rootFs(ImageConfig config) {
    var fields = new LinkedHashMap<String, Object>();
    fields.put("Type", "layers");
    fields.put("Layers", config.diffIds().stream().map(Object::toString).toList());
    return new Fields(fields);
  }

  private static Fields descriptor(Descriptor descriptor) {
    var fields = new LinkedHashMap<String, Object>();
    fields.put("mediaType", descriptor.mediaType().name());
    fields.put("digest", descriptor.digest().toString());
    fields.put("size", descriptor.size());
    return new Fields(fields);
  }

  private static Fields config(ContainerConfig config) {
    var fields = new LinkedHashMap<String, Object>();
    fields.put("User", config.user());
    fields.put("ExposedPorts", set(config.exposedPorts()));
    fields.put("Env", list(config.env()));
    fields.put("Cmd", list(config.cmd()));
    var healthcheck = config.healthcheck();
    fields.put("Healthcheck", healthcheck == null ? Nothing.OBJECT : healthcheck(healthcheck));
    fields.put("ArgsEscaped", config.argsEscaped());
    fields.put("Volumes", set(config.volumes()));
    fields.put("WorkingDir", config.workingDir());
    fields.put("Entrypoint", list(config.entrypoint()));
    fields.put("OnBuild", list(config.onBuild()));
    fields.put("Labels", config.labels().isEmpty() ? Nothing.MAP : config.labels());
    fields.put("StopSignal", config.stopSignal());
    fields.put("Shell", list(config.shell()));
    config.unknown().forEach(fields::putIfAbsent);
    return new Fields(fields);
  }

  private static Fields healthcheck(Healthcheck check) {
    var fields = new LinkedHashMap<String, Object>();
    fields.put("Test", list(check.test()));
    put(fields, "Interval", check.interval().toNanos());
    put(fields, "Timeout", check.timeout().toNanos());
    put(fields, "StartPeriod", check.startPeriod().toNanos());
    put(fields, "StartInterval", check.startInterval().toNanos());
    put(fields, "Retries", check.retries());
    return new Fields(fields);
  }

  /// As docker does: 0, which stands for the runtime's default, is left out.
  private static void put(Map<String, Object> fields, String name, long value) {
    if (value != 0) {
      fields.put(name, value);
    }
  }

  private static Object list(@Nullable Collection<String> texts) {
    return texts == null || texts.isEmpty() ? Nothing.LIST : List.copyOf(texts);
  }

  private static Object set(SortedSet<String> names) {
    var members = new LinkedHashMap<String, Object>();
    names.forEach(name -> members.put(name, Map.of()));
    return names.isEmpty() ? Nothing.MAP : members;
  }
}
