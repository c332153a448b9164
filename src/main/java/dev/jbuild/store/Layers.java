package dev.jbuild.store;

import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.Json;
import dev.jbuild.image.JsonObject;
import dev.jbuild.image.MediaType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What the store knows of layers, by diff ID: the index of their entries, and their compressed
/// forms. A plain layer is the blob whose digest is its diff ID.
///
/// All of it can be made again from the layer, therefore what a crash tore counts as unknown. Safe
/// for use by many threads and many processes.
public final class Layers {

  private static final String INDEX = "index";
  private static final String FORMS = "forms";

  private final Layout layout;
  private final Lease lease;
  private final Blobs blobs;

  Layers(Layout layout, Lease lease, Blobs blobs) {
    this.layout = layout;
    this.lease = lease;
    this.blobs = blobs;
  }

  /// What one file in cache/layers says.
  record Facts(@Nullable Digest index, List<CompressedForm> forms) {

    static final Facts NONE = new Facts(null, List.of());

    Facts withIndex(Digest replacement) {
      return new Facts(replacement, forms);
    }

    Facts with(CompressedForm form) {
      var more = new ArrayList<>(forms);
      more.removeIf(old -> old.descriptor().digest().equals(form.descriptor().digest()));
      more.add(form);
      return new Facts(index, List.copyOf(more));
    }

    Facts without(Digest form) {
      return new Facts(
          index, forms.stream().filter(old -> !old.descriptor().digest().equals(form)).toList());
    }

    byte[] bytes() {
      var json = new LinkedHashMap<String, Object>();
      if (index != null) {
        json.put(INDEX, index.toString());
      }
      var list = new ArrayList<>();
      for (var form : forms) {
        var member = new LinkedHashMap<String, Object>();
        member.put("mediaType", form.descriptor().mediaType().name());
        member.put("digest", form.descriptor().digest().toString());
        member.put("size", form.descriptor().size());
        member.put("how", form.how());
        list.add(member);
      }
      json.put(FORMS, list);
      return Json.write(json);
    }

    static Facts parse(byte[] bytes) throws ImageFormatException {
      var json = JsonObject.parse(bytes, "layer facts");
      try {
        var index = json.string(INDEX).map(Digest::parse).orElse(null);
        var forms = new ArrayList<CompressedForm>();
        for (var form : json.objects(FORMS)) {
          var descriptor =
              new Descriptor(
                  new MediaType(form.requiredString("mediaType")),
                  Digest.parse(form.requiredString("digest")),
                  form.requiredNumber("size"));
          forms.add(new CompressedForm(descriptor, form.requiredString("how")));
        }
        return new Facts(index, List.copyOf(forms));
      } catch (IllegalArgumentException e) {
        throw new ImageFormatException("layer facts: " + e.getMessage(), e);
      }
    }
  }

  /// The index of the layer's entries, if there is one.
  ///
  /// @throws CorruptBlobException if it is damaged; [#putIndex] mends that
  public Optional<byte[]> index(Digest diffId) throws IOException {
    var index = facts(diffId).index();
    if (index == null || !lease.keep(index)) {
      return Optional.empty();
    }
    return Optional.of(blobs.read(index, Integer.MAX_VALUE - 8));
  }

  /// Keeps the index of a layer as long as anything names the layer.
  public void putIndex(Digest diffId, byte[] index) throws IOException {
    var digest = blobs.put(index);
    change(diffId, facts -> facts.withIndex(digest));
  }

  /// Remembers a compressed form of the layer; one of the same digest is replaced.
  public void remember(Digest diffId, Descriptor compressed, String how) throws IOException {
    change(diffId, facts -> facts.with(new CompressedForm(compressed, how)));
  }

  /// The compressed forms that were ever remembered, oldest first.
  public List<CompressedForm> compressedForms(Digest diffId) throws IOException {
    return facts(diffId).forms();
  }

  /// Forgets a compressed form that turned out to hold something else.
  public void forget(Digest diffId, Digest compressed) throws IOException {
    change(diffId, facts -> facts.without(compressed));
  }

  /// The layer as the store holds it from now on: plain ([MediaType#OCI_LAYER]) or else in a
  /// compressed form of which it is certain that it is this layer.
  public Optional<Descriptor> stored(Digest diffId) throws IOException {
    if (lease.keep(diffId)) {
      return Optional.of(new Descriptor(MediaType.OCI_LAYER, diffId, blobs.size(diffId)));
    }
    for (var form : compressedForms(diffId)) {
      if (form.isVerified()
          && blobs.contains(form.descriptor())
          && lease.keep(form.descriptor().digest())) {
        return Optional.of(form.descriptor());
      }
    }
    return Optional.empty();
  }

  /// What is known; nothing if the file is missing or torn.
  Facts facts(Digest diffId) throws IOException {
    try {
      return Facts.parse(Files.readAllBytes(layout.layers().resolve(diffId.hex())));
    } catch (NoSuchFileException | ImageFormatException e) {
      return Facts.NONE;
    }
  }

  private interface Change {
    Facts apply(Facts facts);
  }

  private void change(Digest diffId, Change change) throws IOException {
    var temps = lease.temps();
    try (var _ = lease.shared()) {
      lease.claim(diffId); // what is known of it stays as long as we may need it
      try (var _ = Locks.exclusive(layout.layersLock())) {
        var old = facts(diffId);
        var changed = change.apply(old);
        if (!changed.equals(old)) {
          var file = layout.layers().resolve(diffId.hex());
          temps.replace(file, changed.bytes(), TempArea.Durability.FLEETING);
        }
      }
    }
  }
}
