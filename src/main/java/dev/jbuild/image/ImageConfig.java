package dev.jbuild.image;

import dev.jbuild.failure.Printable;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// An image config: what the image runs on, what its containers begin with, the diff IDs of its
/// layers and how they came to be (image-spec, config.md). Its digest is the image ID.
///
/// One that was parsed keeps its bytes; one made from it by a `with…` method is written by us and
/// keeps the members we do not know.
public final class ImageConfig {

  private static final Set<String> KNOWN =
      Set.of("created", "author", "architecture", "os", "variant", "config", "rootfs", "history");

  /// The document; null until somebody asks for it, and nobody does for most configs of a build.
  private volatile byte @Nullable [] bytes;

  private final String architecture;
  private final String os;
  private final String variant;
  private final @Nullable Instant created;
  private final String author;
  private final ContainerConfig config;
  private final List<Digest> diffIds;
  private final List<History> history;
  private final SortedMap<String, Object> unknown;

  private ImageConfig(JsonObject json, byte[] bytes) throws ImageFormatException {
    this.bytes = bytes;
    this.architecture = DescriptorJson.word(json, "architecture");
    this.os = DescriptorJson.word(json, "os");
    this.variant = DescriptorJson.word(json, "variant");
    var time = json.string("created");
    this.created = time.isPresent() ? Rfc3339.parse(time.get()) : null;
    this.author = json.string("author").orElse("");
    var inner = json.object("config");
    this.config = inner.isPresent() ? ContainerConfig.read(inner.get()) : ContainerConfig.EMPTY;
    this.diffIds = readDiffIds(json.requiredObject("rootfs"));
    var entries = new ArrayList<History>();
    for (var entry : json.objects("history")) {
      entries.add(History.read(entry));
    }
    this.history = List.copyOf(entries);
    var others = new TreeMap<>(json.members());
    others.keySet().removeAll(KNOWN);
    this.unknown = Collections.unmodifiableSortedMap(others);
  }

  private ImageConfig(
      ImageConfig base,
      Platform platform,
      @Nullable Instant created,
      String author,
      ContainerConfig config,
      List<Digest> diffIds,
      List<History> history) {
    this.architecture = platform.architecture();
    this.os = platform.os();
    this.variant = platform.variant();
    this.created = created;
    this.author = author;
    this.config = config;
    this.diffIds = List.copyOf(diffIds);
    this.history = List.copyOf(history);
    this.unknown = base.isFor(platform) ? base.unknown : withoutVersion(base.unknown);
  }

  private ImageConfig(Platform platform) {
    this.architecture = platform.architecture();
    this.os = platform.os();
    this.variant = platform.variant();
    this.created = null;
    this.author = "";
    this.config = ContainerConfig.EMPTY;
    this.diffIds = List.of();
    this.history = List.of();
    this.unknown = Collections.emptySortedMap();
  }

  /// The config of an image for `platform` in which nothing is: what `FROM scratch` begins with.
  public static ImageConfig scratch(Platform platform) {
    return new ImageConfig(platform);
  }

  /// Reads a config of at most [Json#DOCUMENT_LIMIT] bytes.
  ///
  /// @throws ImageFormatException if it is no image's config; the message names the member
  public static ImageConfig parse(byte[] bytes) throws ImageFormatException {
    return new ImageConfig(
        JsonObject.parse(bytes, "image config " + Digest.of(bytes)), bytes.clone());
  }

  private static List<Digest> readDiffIds(JsonObject rootfs) throws ImageFormatException {
    var type = rootfs.string("type").orElse("layers");
    if (!type.equals("layers")) {
      throw new ImageFormatException(
          rootfs.what() + ": unknown type \"" + Printable.of(type) + "\"");
    }
    var diffIds = new ArrayList<Digest>();
    for (var text : rootfs.strings("diff_ids")) {
      diffIds.add(DescriptorJson.digest(rootfs, "diff_ids", text));
    }
    return List.copyOf(diffIds);
  }

  /// Checks that the config belongs to a manifest with so many layers.
  ///
  /// @throws ImageFormatException if the number of diff IDs, or of the entries of a history that
  ///     added a layer, is another
  public void check(int layers) throws ImageFormatException {
    if (diffIds.size() != layers) {
      throw new ImageFormatException(
          this + " names " + diffIds.size() + " layers but its manifest has " + layers);
    }
    long added = history.stream().filter(entry -> !entry.emptyLayer()).count();
    if (!history.isEmpty() && added != layers) {
      throw new ImageFormatException(
          this + " has a history of " + added + " layers but there are " + layers);
    }
  }

  public String architecture() {
    return architecture;
  }

  public String os() {
    return os;
  }

  /// Empty if there is none.
  public String variant() {
    return variant;
  }

  /// What the image runs on, in normal form.
  public Platform platform() {
    return new Platform(os, architecture, variant);
  }

  public @Nullable Instant created() {
    return created;
  }

  /// Empty if unknown.
  public String author() {
    return author;
  }

  public ContainerConfig config() {
    return config;
  }

  /// The digests of the plain layers, lowest first.
  public List<Digest> diffIds() {
    return diffIds;
  }

  public List<History> history() {
    return history;
  }

  /// The top-level members that we do not know, such as `os.version`.
  public SortedMap<String, Object> unknown() {
    return unknown;
  }

  private boolean isFor(Platform platform) {
    var own = platform();
    return own.os().equals(platform.os()) && own.architecture().equals(platform.architecture());
  }

  /// `os.version` and `os.features` are of the operating system that it was for before.
  private static SortedMap<String, Object> withoutVersion(SortedMap<String, Object> members) {
    var others = new TreeMap<>(members);
    others.keySet().removeIf(name -> name.startsWith("os."));
    return Collections.unmodifiableSortedMap(others);
  }

  /// For another platform. A variant stays if the replacement is the same without one.
  public ImageConfig withPlatform(Platform replacement) {
    var platform = isFor(replacement) && replacement.variant().isEmpty() ? platform() : replacement;
    return new ImageConfig(this, platform, created, author, config, diffIds, history);
  }

  public ImageConfig withCreated(@Nullable Instant replacement) {
    return new ImageConfig(this, platform(), replacement, author, config, diffIds, history);
  }

  public ImageConfig withAuthor(String replacement) {
    return new ImageConfig(this, platform(), created, replacement, config, diffIds, history);
  }

  public ImageConfig withConfig(ContainerConfig replacement) {
    return new ImageConfig(this, platform(), created, author, replacement, diffIds, history);
  }

  /// With other layers and the history that tells of them.
  public ImageConfig withLayers(List<Digest> otherDiffIds, List<History> otherHistory) {
    return new ImageConfig(this, platform(), created, author, config, otherDiffIds, otherHistory);
  }

  /// The document as we write it: members in the order of image-spec's Go structure, then unknown
  /// ones by name. The same config gives the same bytes.
  public byte[] toJson() {
    var json = new LinkedHashMap<String, Object>();
    if (created != null) {
      json.put("created", Rfc3339.format(created));
    }
    if (!author.isEmpty()) {
      json.put("author", author);
    }
    json.put("architecture", architecture);
    json.put("os", os);
    if (!variant.isEmpty()) {
      json.put("variant", variant);
    }
    json.put("config", config.write());
    var rootfs = new LinkedHashMap<String, Object>();
    rootfs.put("type", "layers");
    rootfs.put("diff_ids", diffIds.stream().map(Digest::toString).toList());
    json.put("rootfs", rootfs);
    if (!history.isEmpty()) {
      json.put("history", history.stream().map(History::write).toList());
    }
    json.putAll(unknown);
    return Json.write(json);
  }

  private byte[] document() {
    var document = bytes;
    if (document == null) {
      document = toJson();
      bytes = document;
    }
    return document;
  }

  /// The document as it came, or as we write it. The caller's own copy.
  public byte[] bytes() {
    return document().clone();
  }

  /// The image ID.
  public Digest digest() {
    return Digest.of(document());
  }

  /// What this document is.
  public Descriptor descriptor() {
    return new Descriptor(MediaType.OCI_CONFIG, digest(), document().length);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ImageConfig config && Arrays.equals(document(), config.document());
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(document());
  }

  @Override
  public String toString() {
    return "image config " + digest();
  }
}
