package dev.jbuild.cli;

import dev.jbuild.archive.Packing;
import dev.jbuild.build.Annotation;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.image.Reference;
import dev.jbuild.tar.Compression;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/// One `--output` as it was typed, every field understood.
///
/// @param dest a file or directory, `-` for standard output; empty for what needs none. An OCI
///     archive or a tar without one goes to standard output
/// @param layout whether an OCI layout is written as a directory whatever `dest` looks like
///     (`tar=false`)
/// @param split whether files lie in a directory called as their platform; empty: if there are
///     several
/// @param names that the image gets there, and in the store if the type is that; none: those of -t
/// @param byDigest whether what is pushed gets no tag there, whatever its name
/// @param layerIndexes whether the indexes of layers are attached to what is pushed
/// @param annotations for this output beside those of the image
record Output(
    Type type,
    String dest,
    boolean layout,
    Optional<Boolean> split,
    Packing packing,
    List<Reference> names,
    boolean byDigest,
    boolean layerIndexes,
    List<Annotation> annotations) {

  private static final String OPTION = "--output";
  private static final String NO_ATTESTATIONS = "jbuild makes no attestations";

  /// What docker buildx knows beside and jbuild does not do.
  private static final Map<String, String> REFUSED =
      Map.ofEntries(
          Map.entry("attestation-inline", NO_ATTESTATIONS),
          Map.entry("attestation-prefix", NO_ATTESTATIONS),
          Map.entry("buildinfo", NO_ATTESTATIONS),
          Map.entry("buildinfo-attrs", NO_ATTESTATIONS),
          Map.entry("context", "there is no docker daemon to load the image into"),
          Map.entry("danging-name-empty-only", "an image without a name is shown as <none>"),
          Map.entry("dangling-name-prefix", "an image without a name is shown as <none>"),
          Map.entry("oci-artifact", NO_ATTESTATIONS),
          Map.entry("prefer-nondist-layers", "layers keep the media type they came with"),
          Map.entry("registry.insecure", "--insecure-registry says that of a registry"),
          Map.entry("source-date-epoch", "the variable SOURCE_DATE_EPOCH sets the time"),
          Map.entry("unpack", "layers are unpacked when a step or a container needs them"));

  /// Those of them that take a text; of the others `false` asks for what is so anyway.
  private static final Set<String> TEXTS =
      Set.of("attestation-prefix", "context", "dangling-name-prefix", "source-date-epoch");

  /// What is written.
  enum Type {
    OCI,
    DOCKER,
    TAR,
    LOCAL,
    /// The registries that the names say.
    REGISTRY,
    /// The store, where the image is anyhow.
    STORE;

    private boolean isImage() {
      return this == OCI || this == DOCKER || this == REGISTRY || this == STORE;
    }

    /// Whether it is a place that no `dest` names.
    private boolean isNamed() {
      return this == REGISTRY || this == STORE;
    }

    private boolean isFiles() {
      return this == TAR || this == LOCAL;
    }
  }

  Output {
    names = List.copyOf(names);
    annotations = List.copyOf(annotations);
  }

  /// Reads the value of an `--output`: `type=oci,dest=FILE`, a directory, or `-` for a tar of the
  /// files on standard output.
  ///
  /// @throws BuildFailure of kind USAGE for a field that is unknown, wrong, or does not fit the
  // type
  static Output parse(String value) {
    var draft = new Draft();
    if (value.equals("-")) {
      draft.set("type", "tar");
      draft.dest = "-";
    } else if (!value.contains("=")) {
      draft.set("type", "local");
      draft.dest = value;
    } else {
      var seen = new HashSet<String>();
      for (var field : Csv.fields(value)) {
        int equals = field.indexOf('=');
        var key = equals < 0 ? field : field.substring(0, equals);
        if (!seen.add(key)) {
          throw wrong(key, "it is given twice");
        }
        draft.set(key, equals < 0 ? "true" : field.substring(equals + 1));
      }
    }
    return draft.output();
  }

  private static BuildFailure wrong(String key, String why) {
    return Options.usage(OPTION + " " + Printable.of(key) + ": " + why);
  }

  /// An output while its fields are read.
  private static final class Draft {
    private Type type = Type.STORE;
    private boolean typed;
    private boolean push;
    private boolean byDigest;
    private boolean canonical;
    private String dest = "";
    private Optional<Boolean> tar = Optional.empty();
    private Optional<Boolean> split = Optional.empty();
    private Optional<Compression> compression = Optional.empty();
    private boolean force;
    private Optional<Boolean> layerIndexes = Optional.empty();
    private OptionalInt level = OptionalInt.empty();
    private final List<Reference> names = new ArrayList<>();
    private final List<Annotation> annotations = new ArrayList<>();
    private final List<String> ofImages = new ArrayList<>();
    private final List<String> ofFiles = new ArrayList<>();

    void set(String key, String value) {
      var name = key.toLowerCase(Locale.ROOT);
      boolean isOff = value.equalsIgnoreCase("false") && !TEXTS.contains(name);
      if (REFUSED.containsKey(name) && !isOff) {
        throw wrong(key, "it is not supported: " + REFUSED.get(name));
      }
      switch (name) {
        case "type" -> {
          type = type(value);
          typed = true;
        }
        case "push" -> push = truth(key, value);
        case "push-by-digest" -> byDigest = truth(key, value);
        case "name-canonical" -> canonical = truth(key, value);
        case "mode" -> {
          if (!value.equals("copy")) {
            throw wrong(
                key, "it is not supported: files replace those of the same names, others stay");
          }
        }
        case "dest" -> dest = value;
        case "tar" -> tar = Optional.of(truth(key, value));
        case "platform-split" -> split = Optional.of(truth(key, value));
        case "name" -> {
          for (var each : value.split(",", -1)) {
            names.add(Names.tag(each.strip()));
          }
        }
        case "compression" -> compression = Optional.of(compression(value));
        case "compression-level" -> level = OptionalInt.of(number(key, value));
        case "layer-indexes" -> layerIndexes = Optional.of(truth(key, value));
        case "force-compression" -> force = truth(key, value);
        case "oci-mediatypes" -> mustBe(true, key, value, "manifests are written with OCI's types");
        case "store" -> mustBe(true, key, value, "the image is always in the store");
        case "rewrite-timestamp" ->
            mustBe(true, key, value, "SOURCE_DATE_EPOCH always clamps the times in layers");
        default -> {
          if (REFUSED.containsKey(name)) {
            return;
          }
          if (!Annotations.isField(key)) {
            throw wrong(key, "there is no such field").hint("write it as type=oci,dest=image.tar");
          }
          annotations.add(Annotations.ofField(key, value));
        }
      }
      switch (name) {
        case "type", "dest", "tar", "store" -> {}
        case "platform-split", "mode" -> ofFiles.add(key);
        default -> ofImages.add(key);
      }
    }

    private static Type type(String value) {
      return switch (value) {
        case "oci" -> Type.OCI;
        case "docker" -> Type.DOCKER;
        case "tar" -> Type.TAR;
        case "local" -> Type.LOCAL;
        case "store", "image" -> Type.STORE;
        case "registry" -> Type.REGISTRY;
        default ->
            throw Options.usage(OPTION + " does not know the type " + Printable.of(value))
                .hint("it knows oci, docker, tar, local, registry and image");
      };
    }

    private static Compression compression(String value) {
      return switch (value) {
        case "gzip" -> Compression.GZIP;
        case "zstd" -> Compression.ZSTD;
        case "none", "uncompressed" -> Compression.NONE;
        case "estargz" ->
            throw wrong(
                "compression", "estargz is not supported: take gzip, which it is a kind of");
        default -> throw wrong("compression", "it is gzip, zstd or uncompressed");
      };
    }

    private static boolean truth(String key, String value) {
      return switch (value.toLowerCase(Locale.ROOT)) {
        case "true", "1", "t" -> true;
        case "false", "0", "f" -> false;
        default -> throw wrong(key, "it is true or false");
      };
    }

    private static void mustBe(boolean wanted, String key, String value, String why) {
      if (truth(key, value) != wanted) {
        throw wrong(key, Printable.of(value) + " is not supported: " + why);
      }
    }

    private static int number(String key, String value) {
      if (!value.matches("[0-9]{1,3}")) {
        throw wrong(key, "it is a number");
      }
      return Integer.parseInt(value);
    }

    Output output() {
      if (!typed) {
        throw Options.usage(OPTION + " has no type").hint("write it as type=oci,dest=image.tar");
      }
      if (push && type == Type.STORE) {
        type = Type.REGISTRY; // type=image,push=true is its long form
      }
      if (dest.isEmpty() && type == Type.DOCKER && !packs() && tar.isEmpty()) {
        type = Type.STORE; // to docker it means: where `docker images` shows it
      }
      if (dest.isEmpty() && (type == Type.TAR || (type == Type.OCI && tar.orElse(true)))) {
        dest = "-";
      }
      check();
      int threads = Runtime.getRuntime().availableProcessors();
      boolean all = force || type == Type.DOCKER;
      return new Output(
          type,
          dest,
          tar.filter(each -> !each).isPresent(),
          split,
          new Packing(compression, all, level, threads, 0),
          names,
          byDigest,
          layerIndexes.orElse(true),
          annotations);
    }

    private void check() {
      var shown = "type=" + type.name().toLowerCase(Locale.ROOT);
      if (push && type != Type.REGISTRY) {
        throw wrong("push", "it is for type=image");
      }
      if (type == Type.REGISTRY && (!dest.isEmpty() || force)) {
        throw Options.usage(OPTION + " " + shown + " takes no dest= and no force-compression=")
            .hint("name= says where it goes; layers that came compressed stay as they came");
      }
      if (byDigest && type != Type.REGISTRY) {
        throw wrong("push-by-digest", "it is for what is pushed");
      }
      if (canonical && !byDigest) {
        throw wrong("name-canonical", "it is not supported: an image has the names it is given")
            .hint("with push-by-digest=true it is known by its digest alone");
      }
      if (layerIndexes.isPresent() && type != Type.REGISTRY) {
        throw wrong("layer-indexes", "it is for what is pushed");
      }
      if (!type.isNamed() && dest.isEmpty()) {
        throw Options.usage(OPTION + " " + shown + " needs dest=");
      }
      if (type == Type.LOCAL && dest.equals("-")) {
        throw Options.usage(OPTION + " " + shown + " needs a directory");
      }
      if (!type.isImage() && !ofImages.isEmpty()) {
        throw wrong(ofImages.getFirst(), shown + " writes files, and no image");
      }
      if (!type.isFiles() && !ofFiles.isEmpty()) {
        throw wrong(ofFiles.getFirst(), shown + " writes an image, and no files");
      }
      if (tar.isPresent() && type != Type.OCI) {
        throw wrong("tar", "it is for type=oci");
      }
      if (type == Type.STORE && (!dest.isEmpty() || packs() || !annotations.isEmpty())) {
        throw Options.usage(OPTION + " " + shown + " takes a name only")
            .hint("annotate the image with --annotation; it is packed when it leaves the store");
      }
      checkLevel();
    }

    private boolean packs() {
      return compression.isPresent() || level.isPresent() || force;
    }

    private void checkLevel() {
      if (force && compression.isEmpty()) {
        throw wrong("force-compression", "it needs compression=");
      }
      var used = compression.orElse(type == Type.DOCKER ? Compression.NONE : Compression.GZIP);
      if (level.isPresent() && !used.hasLevel(level.getAsInt())) {
        throw wrong(
            "compression-level",
            used == Compression.NONE
                ? "what is not compressed has none"
                : "gzip has 0 to 9, zstd 1 to 22");
      }
    }
  }
}
