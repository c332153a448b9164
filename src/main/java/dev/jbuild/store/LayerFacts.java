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
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// What one file in cache/layers says of a layer.
///
/// @param index the digest of the index of its entries
/// @param claimant who says so, if nobody has held the index against the layer
record LayerFacts(@Nullable Digest index, @Nullable String claimant, List<CompressedForm> forms) {

  private static final String INDEX = "index";
  private static final String CLAIMED = "claimed";
  private static final String CLAIMANT = "claimant";
  private static final String FORMS = "forms";

  static final LayerFacts NONE = new LayerFacts(null, null, List.of());

  LayerFacts withIndex(Digest replacement) {
    return new LayerFacts(replacement, null, forms);
  }

  LayerFacts withClaim(Digest claim, String source) {
    return new LayerFacts(claim, source, forms);
  }

  /// Whether the index is certain, or claimed by one who is believed.
  boolean isIndexed(Predicate<String> believed) {
    return index != null && (claimant == null || believed.test(claimant));
  }

  LayerFacts with(CompressedForm form) {
    var more = new ArrayList<>(forms);
    more.removeIf(old -> old.descriptor().digest().equals(form.descriptor().digest()));
    more.add(form);
    return new LayerFacts(index, claimant, List.copyOf(more));
  }

  boolean knows(CompressedForm form) {
    return forms.stream()
        .anyMatch(old -> old.descriptor().digest().equals(form.descriptor().digest()));
  }

  LayerFacts confirmed(Digest form) {
    return new LayerFacts(
        index,
        claimant,
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
        claimant,
        forms.stream().filter(old -> !old.descriptor().digest().equals(form)).toList());
  }

  byte[] bytes() {
    var json = new LinkedHashMap<String, Object>();
    if (index != null) {
      json.put(INDEX, index.toString());
    }
    if (claimant != null) {
      json.put(CLAIMED, true);
      json.put(CLAIMANT, claimant);
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
      // a claim of nobody is believed by nobody
      var claimant = json.flag(CLAIMED) ? json.string(CLAIMANT).orElse("") : null;
      return new LayerFacts(index, claimant, List.copyOf(forms));
    } catch (IllegalArgumentException e) {
      throw new ImageFormatException("layer facts: " + e.getMessage(), e);
    }
  }
}
