package dev.jbuild.cli;

import dev.jbuild.archive.ImageReader;
import dev.jbuild.build.BuildContext;
import dev.jbuild.build.ContextOpener;
import dev.jbuild.build.ContextPlace;
import dev.jbuild.context.SourceTree;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.Reference;
import dev.jbuild.plan.NamedContext;
import dev.jbuild.store.Store;
import dev.jbuild.store.WrongContentException;
import dev.jbuild.tar.TarFormatException;
import dev.jbuild.tar.TarLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The values of `--build-context NAME=VALUE`, open. VALUE is whatever a context can be, or an
/// image: `docker-image://REFERENCE`, `oci-layout://DIR[:TAG|@DIGEST]`.
final class NamedContexts implements AutoCloseable {

  private static final String OPTION = "--build-context ";
  private static final String IMAGE = "docker-image://";
  private static final String LAYOUT = "oci-layout://";

  private final Map<String, NamedContext> all = new LinkedHashMap<>();
  private final Map<String, BuildContext> files = new LinkedHashMap<>();
  private final Map<Reference, Descriptor> images = new HashMap<>();
  private final Store store;

  private NamedContexts(Store store) {
    this.store = store;
  }

  /// Opens all of them; of two with one name the later counts.
  ///
  /// @throws BuildFailure if one is malformed or not there
  static NamedContexts open(List<String> given, ContextOpener opener, Store store)
      throws IOException, InterruptedException {
    var values = new LinkedHashMap<String, String>();
    for (var each : given) {
      int equals = each.indexOf('=');
      if (equals <= 0 || equals == each.length() - 1) {
        throw Options.usage("--build-context takes NAME=VALUE, not " + Printable.of(each))
            .hint("as in: --build-context assets=../assets");
      }
      values.put(each.substring(0, equals), each.substring(equals + 1));
    }
    var contexts = new NamedContexts(store);
    try {
      for (var each : values.entrySet()) {
        contexts.add(each.getKey(), each.getValue(), opener);
      }
    } catch (IOException | InterruptedException | RuntimeException e) {
      contexts.close();
      throw e;
    }
    return contexts;
  }

  private void add(String name, String value, ContextOpener opener)
      throws IOException, InterruptedException {
    if (value.equals(IMAGE + "scratch")) {
      all.put(name, new NamedContext.Scratch());
    } else if (value.startsWith(IMAGE)) {
      all.put(name, new NamedContext.Image(reference(name, value.substring(IMAGE.length()))));
    } else if (value.startsWith(LAYOUT)) {
      all.put(name, new NamedContext.Image(layout(name, value.substring(LAYOUT.length()))));
    } else {
      var place = ContextPlace.parse(value);
      if (place instanceof ContextPlace.StandardInput) {
        throw Options.usage(OPTION + Printable.of(name) + " cannot be standard input");
      }
      var context = opener.open(place, Optional.empty());
      files.put(name, context);
      if (context.dockerfile().isPresent()) {
        throw BuildFailure.of(
            BuildFailure.Kind.CONTEXT,
            OPTION + Printable.of(name) + ": " + Printable.of(value) + " is no archive");
      }
      all.put(name, new NamedContext.Files());
    }
  }

  private static Reference reference(String name, String text) {
    try {
      return Reference.parse(text);
    } catch (IllegalArgumentException e) {
      throw Options.usage(OPTION + Printable.of(name) + ": " + e.getMessage());
    }
  }

  /// Brings an image of a layout into the store, where only this build finds it.
  ///
  /// @return a reference that stands for it in this build, by its digest
  private Reference layout(String name, String text) throws IOException {
    int at = text.lastIndexOf('@');
    int colon = at >= 0 ? -1 : text.lastIndexOf(':');
    if (colon <= text.lastIndexOf('/')) {
      colon = -1;
    }
    int end = at >= 0 ? at : colon >= 0 ? colon : text.length();
    var tag = colon >= 0 ? Optional.of(text.substring(colon + 1)) : Optional.<String>empty();
    var path = Path.of(text.substring(0, end));
    if (!Files.isDirectory(path)) {
      throw BuildFailure.of(
          BuildFailure.Kind.CONTEXT,
          OPTION + Printable.of(name) + ": there is no directory " + Printable.of(path.toString()));
    }
    try {
      var digest =
          at >= 0 ? Optional.of(Digest.parse(text.substring(at + 1))) : Optional.<Digest>empty();
      var image = new ImageReader(store, TarLimits.DEFAULT).bring(path, tag, digest);
      var reference = standIn(name, image.digest());
      images.put(reference, image);
      return reference;
    } catch (IllegalArgumentException e) {
      throw Options.usage(OPTION + Printable.of(name) + ": " + e.getMessage());
    } catch (ImageFormatException | TarFormatException | WrongContentException e) {
      throw BuildFailure.of(
          BuildFailure.Kind.CONTEXT,
          OPTION
              + Printable.of(name)
              + ": "
              + Printable.of(path.toString())
              + " cannot be used: "
              + Printable.of(String.valueOf(e.getMessage())),
          e);
    }
  }

  private static Reference standIn(String name, Digest digest) {
    int platform = name.indexOf("::");
    var bare = platform < 0 ? name : name.substring(0, platform);
    var usable = Reference.problem(bare).isEmpty() && bare.indexOf('@') < 0;
    return Reference.parse((usable ? bare : "oci-layout") + "@" + digest);
  }

  Map<String, NamedContext> all() {
    return Map.copyOf(all);
  }

  Map<String, SourceTree> trees() {
    var trees = new HashMap<String, SourceTree>();
    files.forEach((name, context) -> trees.put(name, context.tree()));
    return trees;
  }

  Map<String, Long> times() {
    var times = new HashMap<String, Long>();
    files.forEach((name, context) -> context.time().ifPresent(seconds -> times.put(name, seconds)));
    return times;
  }

  Map<Reference, Descriptor> images() {
    return Map.copyOf(images);
  }

  void finish() throws IOException {
    for (var context : files.values()) {
      context.finish();
    }
  }

  List<String> warnings() {
    var warnings = new ArrayList<String>();
    files.forEach(
        (name, context) ->
            context.warnings().forEach(each -> warnings.add(Printable.of(name) + ": " + each)));
    return warnings;
  }

  @Override
  public void close() {
    files.values().forEach(BuildContext::close);
  }
}
