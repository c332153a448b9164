package dev.jbuild.build;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageConfig;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.Index;
import dev.jbuild.image.Json;
import dev.jbuild.image.Manifest;
import dev.jbuild.image.MediaType;
import dev.jbuild.image.Platform;
import dev.jbuild.image.Reference;
import dev.jbuild.layer.LayerReader;
import dev.jbuild.store.CompressedForm;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The images of a store, by name, digest or ID.
public final class Images {

  /// An ID is recognised from so many hex digits on.
  private static final int SHORTEST_ID = 4;

  private final Store store;

  /// What was read last: several things are asked of one image in a row.
  private volatile @Nullable Read last;

  private record Read(Descriptor descriptor, Manifest manifest) {}

  public Images(Store store) {
    this.store = store;
  }

  /// The image of a reference, for a platform; empty if the store has none, or of an index only
  /// images for others.
  ///
  /// An image that is there for one platform only is the answer for any: whoever asks compares.
  ///
  /// @throws ImageFormatException if it is there for several platforms, and none fits
  public Optional<ResolvedImage> find(Reference reference, Platform platform) throws IOException {
    var found = descriptor(reference);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    var manifest = manifestFor(found.get(), platform);
    return store.blobs().contains(manifest.digest())
        ? Optional.of(resolve(manifest, platform))
        : Optional.empty();
  }

  /// The manifest of an image; of an index, that for `platform`, which the store may lack.
  private Descriptor manifestFor(Descriptor image, Platform platform) throws IOException {
    var found = image;
    while (found.mediaType().isIndex()) {
      found = index(found).select(platform);
    }
    return found;
  }

  private Index index(Descriptor descriptor) throws IOException {
    var bytes = store.blobs().read(descriptor.digest(), Json.DOCUMENT_LIMIT);
    return Index.parse(bytes, descriptor.mediaType());
  }

  /// The images of a store, then those in an index, as far as it is not damaged.
  private List<Descriptor> all() throws IOException {
    var all = new ArrayList<Descriptor>();
    store.references().all().forEach(entry -> all.add(entry.descriptor()));
    for (var image : List.copyOf(all)) {
      if (image.mediaType().isIndex()) {
        all.addAll(parts(image));
      }
    }
    return all;
  }

  private List<Descriptor> parts(Descriptor index) {
    try {
      return index(index).manifests().stream()
          .filter(each -> store.blobs().contains(each.digest()))
          .toList();
    } catch (IOException damaged) {
      return List.of();
    }
  }

  /// What the store knows by a name, or has by a digest.
  Optional<Descriptor> descriptor(Reference reference) throws IOException {
    if (reference.digest().isEmpty()) {
      return store.references().find(reference.full());
    }
    var digest = reference.digest().get();
    for (var each : all()) {
      if (each.digest().equals(digest) || readableId(each).filter(digest::equals).isPresent()) {
        return Optional.of(each);
      }
    }
    return Optional.empty();
  }

  /// What a person calls an image on the command line: a name, or the beginning of its ID.
  ///
  /// @throws BuildFailure if there is none, or several begin so
  public Descriptor named(String text) throws IOException {
    var problem = Reference.problem(text);
    if (problem.isEmpty()) {
      var byName = descriptor(Reference.parse(text));
      if (byName.isPresent()) {
        return byName.get();
      }
    }
    var byId = byId(text);
    if (byId.size() == 1) {
      return byId.getFirst();
    }
    throw BuildFailure.of(
            BuildFailure.Kind.STORE,
            byId.isEmpty()
                ? "there is no image \"" + Printable.of(text) + "\" in the store"
                : "several images have an ID that begins with " + Printable.of(text))
        .hint("jbuild images lists what there is");
  }

  private List<Descriptor> byId(String text) throws IOException {
    var hex = text.startsWith("sha256:") ? text.substring("sha256:".length()) : text;
    if (hex.length() < SHORTEST_ID || !hex.matches("[0-9a-f]+")) {
      return List.of();
    }
    var found = new LinkedHashMap<Digest, Descriptor>();
    for (var descriptor : all()) {
      var id = readableId(descriptor).orElse(descriptor.digest());
      if (id.hex().startsWith(hex) || descriptor.digest().hex().startsWith(hex)) {
        found.putIfAbsent(id, descriptor); // manifests of one config are one image
      }
    }
    return List.copyOf(found.values());
  }

  /// The image ID; empty also for a damaged manifest, which must not hide the other images.
  private Optional<Digest> readableId(Descriptor descriptor) {
    try {
      return configDigest(descriptor);
    } catch (IOException damaged) {
      return Optional.empty();
    }
  }

  /// The image ID: the digest of the config. Empty for an index, or if the manifest is missing, and
  /// for an artifact: many have the same empty config.
  public Optional<Digest> configDigest(Descriptor descriptor) throws IOException {
    if (!descriptor.mediaType().isManifest() || !store.blobs().contains(descriptor.digest())) {
      return Optional.empty();
    }
    return Optional.of(manifest(descriptor).config())
        .filter(config -> config.mediaType().isConfig())
        .map(Descriptor::digest);
  }

  /// What lies in a store or a registry as an image does and is none: signatures, charts, lists of
  /// what is in an image. Its config says nothing of a root file system.
  public Optional<Manifest> artifact(Descriptor descriptor) throws IOException {
    return descriptor.mediaType().isManifest()
        ? Optional.of(manifest(descriptor)).filter(each -> !each.config().mediaType().isConfig())
        : Optional.empty();
  }

  private Manifest manifest(Descriptor descriptor) throws IOException {
    var wanted = descriptor.bare();
    var read = last;
    if (read == null || !read.descriptor().equals(wanted)) {
      var bytes = store.blobs().read(wanted.digest(), Json.DOCUMENT_LIMIT);
      read = new Read(wanted, Manifest.parse(bytes, wanted.mediaType()));
      last = read;
    }
    return read.manifest();
  }

  /// The image that a descriptor stands for; of an index, the one for `platform`.
  public ResolvedImage resolve(Descriptor descriptor, Platform platform) throws IOException {
    var found = manifestFor(descriptor, platform);
    var manifest = manifest(found);
    var config = config(manifest);
    config.check(manifest.layers().size());
    return new ResolvedImage(found, manifest, config);
  }

  /// A config may be an image's whatever it is called, as in images of long ago.
  private ImageConfig config(Manifest manifest) throws IOException {
    var bytes = store.blobs().read(manifest.config().digest(), Json.DOCUMENT_LIMIT);
    try {
      return ImageConfig.parse(bytes);
    } catch (ImageFormatException e) {
      if (manifest.config().mediaType().isConfig()) {
        throw e;
      }
      var type = manifest.artifactType().orElse(manifest.config().mediaType().name());
      throw new ImageFormatException(
          manifest + " is no image but an artifact of the type " + Printable.of(type), e);
    }
  }

  /// Stores the config and manifest of an image made of layers that the store holds.
  ///
  /// Each layer is described as it lies there: plain, or compressed as it came.
  public Descriptor assemble(ImageConfig config) throws IOException {
    return assemble(config, layers(config.diffIds(), Map.of()), new TreeMap<>());
  }

  /// @param layers as [#layers] has them
  /// @param annotations of the manifest
  Descriptor assemble(
      ImageConfig config, List<Descriptor> layers, SortedMap<String, String> annotations)
      throws IOException {
    var configBytes = config.bytes();
    var configDigest = store.blobs().put(configBytes);
    var manifest =
        Manifest.of(
            new Descriptor(MediaType.OCI_CONFIG, configDigest, configBytes.length),
            layers,
            annotations);
    store.blobs().put(manifest.bytes());
    return manifest.descriptor();
  }

  /// Gives an image its names; without any it is kept as a dangling one.
  public void name(Descriptor image, List<Reference> names) throws IOException {
    for (var name : names) {
      store.references().tag(name.full(), image);
    }
    if (names.isEmpty()) {
      store.references().add(image);
    }
  }

  /// Layers as they are: plain in the store, or compressed as they came, or still elsewhere.
  ///
  /// @param named by diff ID, what the image below names them: that is what a registry has that has
  ///     the image below
  List<Descriptor> layers(List<Digest> diffIds, Map<Digest, Descriptor> named) throws IOException {
    var layers = new ArrayList<Descriptor>();
    for (var diffId : diffIds) {
      layers.add(layer(diffId, Optional.ofNullable(named.get(diffId))));
    }
    return List.copyOf(layers);
  }

  /// A compressed form that nobody has inflated is named only if no other can be meant: an image
  /// may name its layers falsely, and must not lend them to others (CVE-2024-24557 is of this
  /// class). What the image below names is its own.
  private Descriptor layer(Digest diffId, Optional<Descriptor> named) throws IOException {
    var forms = forms(diffId);
    var certain = descriptors(forms, CompressedForm::isVerified);
    if (certain.isEmpty() && store.lease().keep(diffId)) {
      return plain(diffId);
    }
    if (certain.isEmpty() && named.isEmpty() && forms.size() > 1) {
      new LayerReader(store).plain(diffId).close(); // inflates, and so finds out which one it is
      certain = descriptors(forms(diffId), CompressedForm::isVerified);
    }
    var elsewhere = store.remote().find(diffId);
    var possible = certain.isEmpty() ? descriptors(forms, _ -> true) : certain;
    var best =
        named
            .filter(wanted -> possible.stream().anyMatch(each -> isSame(each, wanted)))
            .or(() -> possible.stream().findFirst())
            .or(() -> elsewhere)
            .map(Descriptor::bare);
    return best.isPresent() ? best.get() : plain(diffId);
  }

  private static boolean isSame(Descriptor a, Descriptor b) {
    return a.digest().equals(b.digest()) && a.size() == b.size();
  }

  private Descriptor plain(Digest diffId) throws IOException {
    return new Descriptor(MediaType.OCI_LAYER, diffId, store.blobs().size(diffId));
  }

  /// The compressed forms that are held or can be had, held ones first.
  private List<CompressedForm> forms(Digest diffId) throws IOException {
    var held = new ArrayList<CompressedForm>();
    var elsewhere = new ArrayList<CompressedForm>();
    for (var form : store.layers().compressedForms(diffId)) {
      if (store.blobs().contains(form.descriptor().digest())) {
        held.add(form);
      } else if (store.remote().isWithinReach(form.descriptor().digest())) {
        elsewhere.add(form);
      }
    }
    held.addAll(elsewhere);
    return held;
  }

  private static List<Descriptor> descriptors(
      List<CompressedForm> forms, Predicate<CompressedForm> wanted) {
    return forms.stream().filter(wanted).map(CompressedForm::descriptor).toList();
  }
}
