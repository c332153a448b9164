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
/// @param places repositories that have or had it in some form, the newest first
record LayerFacts(
    @Nullable Digest index,
    @Nullable String claimant,
    List<CompressedForm> forms,
    List<BlobOrigin.Repository> places) {

  /// More places are not remembered.
  private static final int MOST_PLACES = 8;

  private static final String INDEX = "index";
  private static final String CLAIMED = "claimed";
  private static final String CLAIMANT = "claimant";
  private static final String FORMS = "forms";
  private static final String PLACES = "places";

  static final LayerFacts NONE = new LayerFacts(null, null, List.of(), List.of());

  LayerFacts withIndex(Digest replacement) {
    return new LayerFacts(replacement, null, forms, places);
  }

  LayerFacts withClaim(Digest claim, String source) {
    return new LayerFacts(claim, source, forms, places);
  }

  /// Whether the index is certain, or claimed by one who is believed.
  boolean isIndexed(Predicate<String> believed) {
    return index != null && (claimant == null || believed.test(claimant));
  }

  LayerFacts with(CompressedForm form) {
    var more = new ArrayList<>(forms);
    more.removeIf(old -> old.descriptor().digest().equals(form.descriptor().digest()));
    more.add(form);
    return withForms(more);
  }

  private LayerFacts withForms(List<CompressedForm> replacement) {
    return new LayerFacts(index, claimant, List.copyOf(replacement), places);
  }

  /// Puts a place before the others.
  LayerFacts at(BlobOrigin.Repository place) {
    var all = new ArrayList<BlobOrigin.Repository>();
    all.add(place);
    places.stream().filter(each -> !isSame(each, place)).limit(MOST_PLACES - 1).forEach(all::add);
    return new LayerFacts(index, claimant, forms, List.copyOf(all));
  }

  private static boolean isSame(BlobOrigin.Repository a, BlobOrigin.Repository b) {
    return a.blob().digest().equals(b.blob().digest())
        && a.domain().equals(b.domain())
        && a.path().equals(b.path());
  }

  boolean knows(CompressedForm form) {
    return forms.stream()
        .anyMatch(old -> old.descriptor().digest().equals(form.descriptor().digest()));
  }

  LayerFacts confirmed(Digest form) {
    return withForms(
        forms.stream()
            .map(
                old ->
                    old.descriptor().digest().equals(form) && !old.isVerified()
                        ? new CompressedForm(old.descriptor(), CompressedForm.ORIGINAL)
                        : old)
            .toList());
  }

  LayerFacts without(Digest form) {
    return withForms(
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
      var member = json(form.descriptor());
      member.put("how", form.how());
      list.add(member);
    }
    json.put(FORMS, list);
    if (!places.isEmpty()) {
      json.put(PLACES, places.stream().map(LayerFacts::json).toList());
    }
    return Json.write(json);
  }

  private static LinkedHashMap<String, Object> json(Descriptor blob) {
    var member = new LinkedHashMap<String, Object>();
    member.put("mediaType", blob.mediaType().name());
    member.put("digest", blob.digest().toString());
    member.put("size", blob.size());
    return member;
  }

  private static LinkedHashMap<String, Object> json(BlobOrigin.Repository place) {
    var member = json(place.blob());
    member.put("repository", place.path());
    member.put("registry", place.domain());
    return member;
  }

  private static Descriptor descriptor(JsonObject json) throws ImageFormatException {
    return new Descriptor(
        new MediaType(json.requiredString("mediaType")),
        Digest.parse(json.requiredString("digest")),
        json.requiredNumber("size"));
  }

  static LayerFacts parse(byte[] bytes) throws ImageFormatException {
    var json = JsonObject.parse(bytes, "layer facts");
    try {
      var index = json.string(INDEX).map(Digest::parse).orElse(null);
      var forms = new ArrayList<CompressedForm>();
      for (var form : json.objects(FORMS)) {
        forms.add(new CompressedForm(descriptor(form), form.requiredString("how")));
      }
      var places = new ArrayList<BlobOrigin.Repository>();
      for (var place : json.objects(PLACES)) {
        places.add(
            new BlobOrigin.Repository(
                descriptor(place),
                place.requiredString("registry"),
                place.requiredString("repository")));
      }
      // a claim of nobody is believed by nobody
      var claimant = json.flag(CLAIMED) ? json.string(CLAIMANT).orElse("") : null;
      return new LayerFacts(index, claimant, List.copyOf(forms), List.copyOf(places));
    } catch (IllegalArgumentException e) {
      throw new ImageFormatException("layer facts: " + e.getMessage(), e);
    }
  }
}
