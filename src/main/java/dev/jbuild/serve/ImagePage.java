package dev.jbuild.serve;

import dev.jbuild.image.ContainerConfig;
import dev.jbuild.image.History;
import dev.jbuild.image.ImageConfig;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.Index;
import dev.jbuild.image.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The page of one image: how to get it, what a container of it starts, how it was made.
final class ImagePage {

  private static final int SHORT = 12;

  private final Content content;
  private final String host;
  private final RepositoryName name;
  private final Document document;

  ImagePage(Content content, String host, RepositoryName name, Document document) {
    this.content = content;
    this.host = host;
    this.name = name;
    this.document = document;
  }

  /// A line about an image in a list.
  static String summary(Document document) {
    if (document.mediaType().isIndex()) {
      return Amount.of(document.manifests().size(), "image");
    }
    return Amount.bytes(document.blobs().stream().mapToLong(Link::size).sum());
  }

  /// @param reference as the image was asked for, `app:1`
  Html body(String reference) throws IOException {
    var full = host + "/" + reference;
    var pieces = new ArrayList<Html>();
    pieces.add(PageEndpoint.commands("docker pull " + full, "podman pull " + full));
    if (document.mediaType().isIndex()) {
      pieces.add(facts(List.of()));
      pieces.add(platforms());
    } else {
      var config = config();
      pieces.add(facts(config.map(this::facts).orElse(List.of())));
      pieces.add(steps(config));
    }
    pieces.add(annotations());
    pieces.add(referrers());
    return Html.join(pieces);
  }

  private record Fact(String name, String value) {}

  private Html facts(List<Fact> more) {
    var rows = new ArrayList<Html>();
    var all = new ArrayList<Fact>();
    all.add(new Fact("Digest", document.digest().toString()));
    all.add(new Fact("Type", document.mediaType().name()));
    if (!document.mediaType().isIndex()) {
      all.add(new Fact("Size", summary(document)));
    }
    document.subject().ifPresent(subject -> all.add(new Fact("About", subject.toString())));
    if (!document.artifactType().isEmpty() && isArtifact()) {
      all.add(new Fact("Artifact", document.artifactType()));
    }
    all.addAll(more);
    for (var fact : all) {
      rows.add(Html.element("dt", fact.name()));
      rows.add(Html.element("dd", fact.value()));
    }
    return Html.element("dl", Html.join(rows));
  }

  private boolean isArtifact() {
    return document.blobs().isEmpty()
        || !document.artifactType().equals(document.blobs().getFirst().mediaType());
  }

  private List<Fact> facts(ImageConfig config) {
    var facts = new ArrayList<Fact>();
    var container = config.config();
    facts.add(new Fact("Platform", config.platform().toString()));
    var created = config.created();
    add(facts, "Created", created == null ? "" : Amount.time(created));
    add(facts, "Author", config.author());
    add(facts, "Entrypoint", words(container.entrypoint()));
    add(facts, "Command", words(container.cmd()));
    add(facts, "Directory", container.workingDir());
    add(facts, "User", container.user());
    add(facts, "Ports", String.join(", ", container.exposedPorts()));
    add(facts, "Volumes", String.join(", ", container.volumes()));
    container.env().forEach(variable -> add(facts, "Environment", variable));
    labels(container).forEach(label -> add(facts, "Label", label));
    return facts;
  }

  private static List<String> labels(ContainerConfig config) {
    return config.labels().entrySet().stream()
        .map(label -> label.getKey() + "=" + label.getValue())
        .toList();
  }

  private static void add(List<Fact> facts, String name, String value) {
    if (!value.isEmpty()) {
      facts.add(new Fact(name, value));
    }
  }

  private static String words(@org.jspecify.annotations.Nullable List<String> words) {
    if (words == null) {
      return "";
    }
    return String.join(
        " ", words.stream().map(word -> word.matches("[!-~]+") ? word : "'" + word + "'").toList());
  }

  /// The config, if it is one of an image and here.
  private Optional<ImageConfig> config() throws IOException {
    var link = document.blobs().getFirst();
    if (link.size() > Json.DOCUMENT_LIMIT) {
      return Optional.empty();
    }
    var blob = content.blob(name, link.digest());
    if (blob.isEmpty()) {
      return Optional.empty();
    }
    try (var open = blob.get()) {
      if (open.size() > Json.DOCUMENT_LIMIT) {
        return Optional.empty();
      }
      var bytes = ByteBuffer.allocate((int) open.size());
      int count;
      do {
        count = open.channel().read(bytes);
      } while (count >= 0 && bytes.hasRemaining());
      return Optional.of(ImageConfig.parse(bytes.array()));
    } catch (ImageFormatException e) {
      return Optional.empty();
    }
  }

  /// The layers, the newest first, each with what made it; and the steps that made none.
  private Html steps(Optional<ImageConfig> config) {
    var layers = document.blobs().subList(1, document.blobs().size());
    long largest = layers.stream().mapToLong(Link::size).max().orElse(1);
    var history = config.map(ImageConfig::history).orElse(List.of());
    long made = history.stream().filter(step -> !step.emptyLayer()).count();
    var rows = new ArrayList<Html>();
    if (made == layers.size()) {
      int next = 0;
      for (var step : history) {
        rows.addFirst(
            step.emptyLayer()
                ? row(said(step), Optional.empty(), largest)
                : row(said(step), Optional.of(layers.get(next++)), largest));
      }
    } else {
      layers.forEach(layer -> rows.addFirst(row("", Optional.of(layer), largest)));
    }
    var count = Amount.of(layers.size(), "layer");
    return rows.isEmpty()
        ? Html.NOTHING
        : Html.of(
            Html.element("h2", "How it was made"),
            Html.element("p class=note", count + ", the newest first"),
            Html.element("ol class=steps", Html.join(rows)));
  }

  private static String said(History step) {
    return step.createdBy().isEmpty() ? step.comment() : step.createdBy();
  }

  private static Html row(String instruction, Optional<Link> layer, long largest) {
    var text = instruction.isEmpty() ? "(nothing is said of it)" : plain(instruction);
    if (layer.isEmpty()) {
      return Html.element("li class=empty-step", Html.element("code", text));
    }
    var link = layer.get();
    var meter =
        new Html(
            "<meter min=0 max=" + Math.max(1, largest) + " value=" + link.size() + "></meter>");
    var digest = link.digest();
    return Html.element(
        "li",
        Html.element("code", text),
        Html.element(
            "div class=layer",
            meter,
            Html.element("span class=size", Amount.bytes(link.size())),
            Html.titled("span", digest.toString(), digest.hex().substring(0, SHORT)),
            Html.element("span class=note", form(link.mediaType()))));
  }

  /// Without what builders write around instructions.
  private static String plain(String instruction) {
    return instruction
        .replaceFirst("^/bin/sh -c #\\(nop\\)\\s+", "")
        .replaceFirst("^/bin/sh -c ", "RUN ")
        .replaceFirst(" # buildkit$", "");
  }

  private static String form(String mediaType) {
    if (mediaType.endsWith("gzip")) {
      return "gzip";
    }
    return mediaType.endsWith("zstd") ? "zstd" : mediaType.endsWith("tar") ? "plain" : mediaType;
  }

  private Html platforms() {
    var rows = new ArrayList<Html>();
    var known = platformsByDigest();
    for (var link : document.manifests()) {
      var digest = link.digest().toString();
      rows.add(
          Html.element(
              "li",
              Html.link(
                  PageEndpoint.path(name) + "@" + digest,
                  known.getOrDefault(digest, link.digest().hex().substring(0, SHORT))),
              Html.titled("span class=note", digest, link.digest().hex().substring(0, SHORT))));
    }
    return Html.of(
        Html.element("h2", "Images"),
        rows.isEmpty()
            ? Html.element("p class=empty", "This index names none.")
            : Html.element("ul class=list", Html.join(rows)));
  }

  private Map<String, String> platformsByDigest() {
    var found = new java.util.HashMap<String, String>();
    try {
      for (var each : Index.parse(document.bytes(), document.mediaType()).manifests()) {
        var platform = each.platform();
        if (platform != null) {
          boolean attestation = platform.os().equals("unknown");
          found.put(each.digest().toString(), attestation ? "attestation" : platform.toString());
        }
      }
    } catch (ImageFormatException e) {
      return Map.of(); // its digests are not of sha256
    }
    return found;
  }

  private Html annotations() {
    var rows = new ArrayList<Html>();
    document
        .annotations()
        .forEach(
            (key, value) -> {
              rows.add(Html.element("dt", key));
              rows.add(Html.element("dd", value));
            });
    return rows.isEmpty()
        ? Html.NOTHING
        : Html.of(Html.element("h2", "Annotations"), Html.element("dl", Html.join(rows)));
  }

  private Html referrers() throws IOException {
    var rows = new ArrayList<Html>();
    for (var digest : content.referrers(name, document.digest())) {
      var referrer = content.manifest(name, digest);
      if (referrer.isEmpty()) {
        continue; // it was deleted a moment ago
      }
      var type = referrer.get().artifactType();
      rows.add(
          Html.element(
              "li",
              Html.link(PageEndpoint.path(name) + "@" + digest, type.isEmpty() ? "index" : type),
              Html.titled("span class=note", digest.toString(), digest.hex().substring(0, SHORT))));
    }
    return rows.isEmpty()
        ? Html.NOTHING
        : Html.of(
            Html.element("h2", "What refers to it"),
            Html.element("ul class=list", Html.join(rows)));
  }
}
