package dev.jbuild.build;

import dev.jbuild.failure.Utf8;
import dev.jbuild.layer.TreeCursor;
import dev.jbuild.linux.Directory;
import dev.jbuild.linux.FileStat;
import dev.jbuild.linux.OpenFile;
import dev.jbuild.tar.ArchivePath;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/// Removes files from what is to be kept of a step that a secret was written into (cases 79, 105 of
/// reliability): a step that fails between making a `.netrc` and removing it must not leave it in
/// the store. Found are the bytes that [SecretMask] finds, of secrets of 8 bytes and more, in
/// content, names and targets of links; a directory goes only if its whole name is a secret.
final class SecretSweep {

  private static final int BUFFER = 1 << 16;
  private static final int DEEPEST = 400;
  private static final int BLOCK = 512;

  /// A larger file with holes is not read, which could take for ever, but removed.
  private static final long LARGEST_WITH_HOLES = 1L << 30;

  /// A shorter one is found in too much that has nothing to do with it: "root" in /etc/passwd.
  private static final int SHORTEST = 8;

  private final List<byte[]> secrets;
  private final List<String> warnings = new ArrayList<>();

  private SecretSweep(List<byte[]> secrets) {
    this.secrets = secrets;
  }

  /// Sweeps the directory `root`, which nobody changes meanwhile.
  ///
  /// @return what is to be told of each file that was removed, printable
  static List<String> sweep(Path root, Collection<byte[]> secrets) throws IOException {
    if (isIdle(secrets)) {
      return List.of();
    }
    var sweep = new SecretSweep(wanted(secrets));
    try (var directory = Directory.open(root)) {
      sweep.sweep(directory, ArchivePath.ROOT, 0);
    }
    return List.copyOf(sweep.warnings);
  }

  /// The same for some names of a larger tree.
  ///
  /// @param paths parents first
  static List<String> sweep(Path root, Collection<byte[]> secrets, List<ArchivePath> paths)
      throws IOException {
    var sweep = new SecretSweep(wanted(secrets));
    try (var tree = new TreeCursor(Directory.open(root))) {
      for (var path : paths.reversed()) {
        if (!path.isRoot()) {
          int depth = (int) path.toString().chars().filter(each -> each == '/').count();
          sweep.look(tree.at(path.parent()), path.name(), path.parent(), depth);
        }
      }
    }
    return List.copyOf(sweep.warnings);
  }

  /// Whether nothing would be looked for.
  static boolean isIdle(Collection<byte[]> secrets) {
    return wanted(secrets).isEmpty();
  }

  private static List<byte[]> wanted(Collection<byte[]> secrets) {
    return secrets.stream()
        .map(SecretSweep::strip)
        .filter(each -> each.length >= SHORTEST)
        .toList();
  }

  private static byte[] strip(byte[] secret) {
    var text = new String(secret, StandardCharsets.ISO_8859_1).strip();
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private void sweep(Directory directory, ArchivePath at, int depth) throws IOException {
    for (var entry : directory.list()) {
      if (look(directory, entry.name(), at, depth)) {
        try (var below = directory.openDirectory(entry.name())) {
          sweep(below, at.child(entry.name()), depth + 1);
        }
      }
    }
  }

  /// Looks at one name, and removes it if it must go.
  ///
  /// @return whether it is a directory that stays
  private boolean look(Directory directory, byte[] name, ArchivePath at, int depth)
      throws IOException {
    var stat = directory.stat(name);
    if (stat.isEmpty()) {
      return false;
    }
    var reason = reason(directory, name, stat.get(), depth);
    if (reason.isPresent()) {
      directory.removeTree(name);
      warnings.add(warning(at.child(name).printable(), reason.get()));
      return false;
    }
    return stat.get().isDirectory();
  }

  private String warning(String path, Reason reason) throws IOException {
    var shown = isSecret(Utf8.encode(path)) ? "a file named so" : "/" + path;
    return "the step is kept without " + shown + ": " + reason.text;
  }

  private enum Reason {
    SECRET("a secret was written into it"),
    LARGE("it has holes and more than 1 GiB, and was not searched for secrets"),
    DEEP("it lies too deep to be searched for secrets");

    private final String text;

    Reason(String text) {
      this.text = text;
    }
  }

  /// Why it goes; empty if it stays.
  private Optional<Reason> reason(Directory directory, byte[] name, FileStat stat, int depth)
      throws IOException {
    return switch (stat.type()) {
      case FILE -> {
        if (isSecret(name)) {
          yield Optional.of(Reason.SECRET);
        }
        boolean hasHoles = stat.blocks() * BLOCK < stat.size();
        if (hasHoles && stat.size() > LARGEST_WITH_HOLES) {
          yield Optional.of(Reason.LARGE);
        }
        try (var file = directory.openFile(name)) {
          yield holdsSecret(file) ? Optional.of(Reason.SECRET) : Optional.empty();
        }
      }
      case DIRECTORY -> {
        if (isWholeSecret(name)) {
          yield Optional.of(Reason.SECRET);
        }
        yield depth >= DEEPEST ? Optional.of(Reason.DEEP) : Optional.empty();
      }
      case SYMLINK ->
          isSecret(name) || isSecret(directory.readLink(name))
              ? Optional.of(Reason.SECRET)
              : Optional.empty();
      case CHARACTER, BLOCK, FIFO, SOCKET, UNKNOWN ->
          isSecret(name) ? Optional.of(Reason.SECRET) : Optional.empty();
    };
  }

  private boolean isWholeSecret(byte[] name) {
    return secrets.stream().anyMatch(secret -> Arrays.equals(secret, name));
  }

  private boolean isSecret(byte[] text) throws IOException {
    var mask = SecretMask.of(secrets, (_, _) -> {});
    mask.write(text, text.length);
    mask.finish();
    return mask.hasFound();
  }

  private boolean holdsSecret(OpenFile file) throws IOException {
    var mask = SecretMask.of(secrets, (_, _) -> {});
    var buffer = new byte[BUFFER];
    for (int n; (n = file.read(buffer, 0, buffer.length)) > 0; ) {
      mask.write(buffer, n);
      if (mask.hasFound()) {
        return true;
      }
    }
    mask.finish();
    return mask.hasFound();
  }
}
