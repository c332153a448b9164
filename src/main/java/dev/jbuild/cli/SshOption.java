package dev.jbuild.cli;

import dev.jbuild.build.SshAgents;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// `--ssh default|ID[=SOCKET|KEY,…]`: the agent of SSH_AUTH_SOCK, that of another socket, or one
/// that is to be started with private keys.
final class SshOption {

  private static final String SOCKET = "SSH_AUTH_SOCK";

  private SshOption() {}

  /// @throws BuildFailure of kind USAGE if an agent or a key is not there
  static SshAgents read(List<String> given, Map<String, String> environment) {
    var sources = new LinkedHashMap<String, SshAgents.Source>();
    for (var each : given) {
      int equals = each.indexOf('=');
      var id = equals < 0 ? each : each.substring(0, equals);
      id = id.isEmpty() ? "default" : id;
      var paths = equals < 0 ? "" : each.substring(equals + 1);
      if (sources.put(id, source(id, paths, environment)) != null) {
        throw failure(id, "there are two agents of this id");
      }
    }
    return new SshAgents(sources);
  }

  private static SshAgents.Source source(String id, String paths, Map<String, String> environment) {
    if (paths.isEmpty()) {
      var socket = environment.getOrDefault(SOCKET, "");
      if (socket.isEmpty()) {
        throw failure(id, SOCKET + " is not set: no agent runs here")
            .hint("start one with eval $(ssh-agent), or give key files: --ssh " + id + "=FILE");
      }
      if (!isSocket(id, socket)) {
        throw failure(id, SOCKET + " is " + Printable.of(socket) + ", which is no socket");
      }
      return new SshAgents.Source.Socket(path(id, socket));
    }
    var names = Arrays.stream(paths.split(",", -1)).filter(name -> !name.isEmpty()).toList();
    if (names.size() == 1 && isSocket(id, names.getFirst())) {
      return new SshAgents.Source.Socket(path(id, names.getFirst()));
    }
    var keys = new ArrayList<Path>();
    for (var name : names) {
      if (isSocket(id, name)) {
        throw failure(id, "a socket goes alone, without other sockets and key files");
      }
      keys.add(path(id, name));
    }
    return new SshAgents.Source.Keys(keys);
  }

  /// Whether it is a socket, not a file.
  private static boolean isSocket(String id, String name) {
    try {
      var attributes = Files.readAttributes(path(id, name), BasicFileAttributes.class);
      if (attributes.isDirectory()) {
        throw failure(id, Printable.of(name) + " is a directory");
      }
      return attributes.isOther();
    } catch (IOException e) {
      throw failure(id, "there is no file or socket " + Printable.of(name));
    }
  }

  private static Path path(String id, String name) {
    try {
      return Path.of(name).toAbsolutePath();
    } catch (InvalidPathException e) {
      throw failure(id, Printable.of(name) + " is no file's name");
    }
  }

  private static BuildFailure failure(String id, String why) {
    return Options.usage("--ssh " + Printable.of(id) + ": " + why);
  }
}
