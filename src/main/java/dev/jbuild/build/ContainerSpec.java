package dev.jbuild.build;

import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageConfig;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.Json;
import dev.jbuild.image.JsonObject;
import dev.jbuild.sandbox.StepMount;
import dev.jbuild.store.KeptEntry;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What is written down of a container that is kept. Its variables are not: a value may be a
/// secret.
///
/// @param from the image as it was named
/// @param command the whole of it, ENTRYPOINT and all
/// @param user and `directory`: if others than the image's were asked for
/// @param binds files of the machine that were mounted, for `--volumes-from`
/// @param changes layers above the image's that hold what it changed, beside the entry's files
record ContainerSpec(
    Optional<String> name,
    String from,
    List<String> command,
    Optional<String> user,
    Optional<String> directory,
    Optional<String> hostname,
    List<StepMount.Bind> binds,
    List<Digest> changes) {

  static final String KIND = "container";

  ContainerSpec {
    command = List.copyOf(command);
    binds = List.copyOf(binds);
    changes = List.copyOf(changes);
  }

  static ContainerSpec of(Container.Keeping keeping, List<String> command, RunRequest request) {
    var binds = new ArrayList<StepMount.Bind>();
    for (var mount : request.mounts()) {
      if (mount instanceof StepMount.Bind bind) {
        binds.add(bind);
      }
    }
    return new ContainerSpec(
        keeping.name(),
        keeping.from(),
        command,
        request.user(),
        request.directory(),
        request.hostname(),
        binds,
        List.of());
  }

  /// The same with other layers of changes.
  ContainerSpec withChanges(List<Digest> now) {
    return new ContainerSpec(name, from, command, user, directory, hostname, binds, now);
  }

  /// As [dev.jbuild.store.Kept] has it.
  byte[] json(ImageConfig image, int exitCode, Store store) throws IOException {
    var config = store.blobs().put(image.bytes());
    var json = new LinkedHashMap<String, Object>();
    json.put("kind", KIND);
    name.ifPresent(text -> json.put("name", text));
    json.put("from", from);
    json.put("command", command);
    user.ifPresent(text -> json.put("user", text));
    directory.ifPresent(text -> json.put("directory", text));
    hostname.ifPresent(text -> json.put("hostname", text));
    json.put("binds", binds.stream().map(ContainerSpec::json).toList());
    json.put("exitCode", (long) exitCode);
    json.put("image", config.toString());
    json.put("layers", image.diffIds().stream().map(Digest::toString).toList());
    json.put(KeptState.CHANGES, changes.stream().map(Digest::toString).toList());
    // A prune keeps what is listed here with the container.
    var blobs = new ArrayList<>(List.of(config));
    blobs.addAll(changes);
    for (var diffId : image.diffIds()) {
      blobs.add(diffId);
      for (var form : store.layers().compressedForms(diffId)) {
        blobs.add(form.descriptor().digest());
      }
    }
    json.put("blobs", blobs.stream().map(Digest::toString).distinct().toList());
    json.put("trees", List.of());
    return Json.write(json);
  }

  private static Map<String, Object> json(StepMount.Bind bind) {
    var json = new LinkedHashMap<String, Object>();
    json.put("root", bind.root().toString());
    json.put("source", bind.source());
    json.put("target", bind.target());
    json.put("directory", bind.isDirectory());
    json.put("readOnly", bind.isReadOnly());
    return json;
  }

  /// @throws ImageFormatException if it is none
  static ContainerSpec of(KeptEntry entry) throws ImageFormatException {
    var what = "the spec of " + entry.id();
    var json = JsonObject.parse(entry.spec(), what, KeptState.MOST_BYTES);
    var binds = new ArrayList<StepMount.Bind>();
    for (var bind : json.objects("binds")) {
      binds.add(
          new StepMount.Bind(
              Path.of(bind.requiredString("root")),
              bind.requiredString("source"),
              bind.requiredString("target"),
              bind.flag("directory"),
              bind.flag("readOnly")));
    }
    return new ContainerSpec(
        json.string("name"),
        json.requiredString("from"),
        json.strings("command"),
        json.string("user"),
        json.string("directory"),
        json.string("hostname"),
        binds,
        KeptSource.digests(json, KeptState.CHANGES));
  }
}
