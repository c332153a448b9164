package dev.jbuild.cli;

import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.Json;
import dev.jbuild.linux.Machine;
import dev.jbuild.linux.Workers;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Loads on another processor what takes long to load, from the first moment on: OpenSSL or Java's
/// providers of hashes, then the reader and the writer of JSON.
final class LoadAhead {

  /// What needs no hashes.
  private static final Set<String> NO_IMAGES =
      Set.of(
          "completion",
          CompleteCommand.NAME,
          "doctor",
          "help",
          "lint",
          "login",
          "logout",
          "parse",
          "ps",
          "rm",
          "rmi",
          "tag",
          "version",
          "-h",
          "--help",
          "-v",
          "-V",
          "--version");

  private LoadAhead() {}

  /// Nothing waits for it: who needs a class that is just being loaded waits for that class. Where
  /// no more threads are allowed, nothing is loaded ahead.
  ///
  /// @param words of the command line
  static void start(List<String> words) {
    if (isOfUse(words)) {
      var _ = Machine.pid(); // else one thread waits until the other has loaded its library
      Workers.beside("load-ahead", LoadAhead::load);
    }
  }

  /// Whether the command behind the global options may need what is loaded.
  static boolean isOfUse(List<String> words) {
    var rest = new ArrayList<>(words);
    Main.globals(rest);
    return !rest.isEmpty() && !NO_IMAGES.contains(rest.getFirst());
  }

  /// Says nothing of what goes wrong: who needs these classes meets it again, and tells.
  private static void load() {
    byte[] number = {'0'};
    try {
      Json.write(Json.parse(number, Digest.of(number).toString()));
    } catch (ImageFormatException | RuntimeException | Error e) {
      return;
    }
  }
}
