package dev.jbuild.build;

import dev.jbuild.failure.Source;
import dev.jbuild.failure.Span;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.JsonObject;
import dev.jbuild.plan.Origin;
import dev.jbuild.plan.RunMount;
import java.util.LinkedHashMap;
import java.util.Map;

/// Mounts of RUN as JSON: as written, with all defaults, and never a value of a secret.
final class MountJson {

  private static final String TYPE = "type";
  private static final String TARGET = "target";
  private static final String WRITABLE = "writable";

  private MountJson() {}

  static Map<String, Object> write(RunMount mount) {
    var json = new LinkedHashMap<String, Object>();
    switch (mount) {
      case RunMount.Bind bind -> {
        json.put(TYPE, "bind");
        json.put(TARGET, bind.target());
        json.put("source", bind.source());
        json.put(WRITABLE, bind.writable());
      }
      case RunMount.Cache cache -> {
        json.put(TYPE, "cache");
        json.put(TARGET, cache.target());
        json.put("id", cache.id());
        json.put("source", cache.source());
        json.put(WRITABLE, cache.writable());
        json.put("sharing", cache.sharing().name());
        owner(json, cache.mode(), cache.uid(), cache.gid());
      }
      case RunMount.Tmpfs tmpfs -> {
        json.put(TYPE, "tmpfs");
        json.put(TARGET, tmpfs.target());
        tmpfs.size().ifPresent(size -> json.put("size", size));
        json.put(WRITABLE, tmpfs.writable());
      }
      case RunMount.Secret secret -> {
        json.put(TYPE, "secret");
        json.put("id", secret.id());
        secret.target().ifPresent(target -> json.put(TARGET, target));
        secret.variable().ifPresent(name -> json.put("env", name));
        json.put("required", secret.required());
        owner(json, secret.mode(), secret.uid(), secret.gid());
      }
      case RunMount.Ssh ssh -> {
        json.put(TYPE, "ssh");
        json.put("id", ssh.id());
        json.put(TARGET, ssh.target());
        json.put("required", ssh.required());
        owner(json, ssh.mode(), ssh.uid(), ssh.gid());
      }
    }
    json.put("line", (long) mount.span().line());
    json.put("column", (long) mount.span().column());
    return json;
  }

  private static void owner(Map<String, Object> json, int mode, int uid, int gid) {
    json.put("mode", (long) mode);
    json.put("uid", (long) uid);
    json.put("gid", (long) gid);
  }

  /// @param file the name of the Dockerfile, for messages
  static RunMount parse(JsonObject json, String file) throws ImageFormatException {
    var span = place(file, (int) json.requiredNumber("line"), (int) json.requiredNumber("column"));
    return switch (json.requiredString(TYPE)) {
      case "bind" ->
          new RunMount.Bind(
              span,
              new Origin.Scratch(), // what is known of it stands in a KeptSource
              json.requiredString("source"),
              json.requiredString(TARGET),
              json.flag(WRITABLE));
      case "cache" ->
          new RunMount.Cache(
              span,
              json.requiredString("id"),
              new Origin.Scratch(),
              json.requiredString("source"),
              json.requiredString(TARGET),
              json.flag(WRITABLE),
              RunMount.Sharing.valueOf(json.requiredString("sharing")),
              number(json, "mode"),
              number(json, "uid"),
              number(json, "gid"));
      case "tmpfs" ->
          new RunMount.Tmpfs(
              span, json.requiredString(TARGET), json.number("size"), json.flag(WRITABLE));
      case "secret" ->
          new RunMount.Secret(
              span,
              json.requiredString("id"),
              json.string(TARGET),
              json.string("env"),
              json.flag("required"),
              number(json, "mode"),
              number(json, "uid"),
              number(json, "gid"));
      case "ssh" ->
          new RunMount.Ssh(
              span,
              json.requiredString("id"),
              json.requiredString(TARGET),
              json.flag("required"),
              number(json, "mode"),
              number(json, "uid"),
              number(json, "gid"));
      default -> throw json.wrong(TYPE, "a kind of mount");
    };
  }

  private static int number(JsonObject json, String name) throws ImageFormatException {
    return (int) json.requiredNumber(name);
  }

  /// A place in a file whose text is not known any more.
  static Span place(String file, int line, int column) {
    return new Source(file, "").span(Math.max(1, line), Math.max(1, column), Math.max(1, column));
  }
}
