package dev.jbuild.store;

import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.Json;
import dev.jbuild.image.JsonObject;
import dev.jbuild.image.MediaType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What one file in cache/layers says of a layer.
///
/// @param index the digest of the index of its entries
/// @param claimed whether a registry says so, and nobody has held it against the layer
record LayerFacts(@Nullable Digest index, boolean claimed, List<CompressedForm> forms) {

  private static final String INDEX = "index";
  private static final String CLAIMED = "claimed";
  private static final String FORMS = "forms";

  static final LayerFacts NONE = new LayerFacts(null, false, List.of());

  LayerFacts withIndex(Digest replacement) {
    return new LayerFacts(replacement, false, forms);
  }

  LayerFacts withClaim(Digest claim) {
    return new LayerFacts(claim, true, forms);
  }

  LayerFacts withConfirmedIndex() {
    return new LayerFacts(index, false, forms);
  }

  LayerFacts with(CompressedForm form) {
    var more = new ArrayList<>(forms);
    more.removeIf(old -> old.descriptor().digest().equals(form.descriptor().digest()));
    more.add(form);
    return new LayerFacts(index, claimed, List.copyOf(more));
  }

  boolean knows(CompressedForm form) {
    return forms.stream()
        .anyMatch(old -> old.descriptor().digest().equals(form.descriptor().digest()));
  }

  LayerFacts confirmed(Digest form) {
    return new LayerFacts(
        index,
        claimed,
        forms.stream()
            .map(
                old ->
                    old.descriptor().digest().equals(form) && !old.isVerified()
                        ? new CompressedForm(old.descriptor(), CompressedForm.ORIGINAL)
                        : old)
            .toList());
  }

  LayerFacts without(Digest form) {
    return new LayerFacts(
        index,
        claimed,
        forms.stream().filter(old -> !old.descriptor().digest().equals(form)).toList());
  }

  byte[] bytes() {
    var json = new LinkedHashMap<String, Object>();
    if (index != null) {
      json.put(INDEX, index.toString());
    }
    if (claimed) {
      json.put(CLAIMED, true);
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

  static LayerFacts parse(byte[] bytes) throws ImageFormatException {
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
      return new LayerFacts(index, json.flag(CLAIMED), List.copyOf(forms));
    } catch (IllegalArgumentException e) {
      throw new ImageFormatException("layer facts: " + e.getMessage(), e);
    }
  }
}
