package dev.jbuild.build;

import dev.jbuild.linux.Directory;
import dev.jbuild.linux.FileStat;
import dev.jbuild.linux.OpenFile;
import dev.jbuild.tar.ArchivePath;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/// Removes files from what is to be kept of a step that a secret was written into (cases 79, 105 of
/// reliability): a step that fails between making a `.netrc` and removing it must not leave it in
/// the store. Found are the bytes that [SecretMask] finds, in content, names and targets of links.
final class SecretSweep {

  private static final int BUFFER = 1 << 16;
  private static final int DEEPEST = 400;
  private static final int BLOCK = 512;

  /// A larger file with holes is not read, which could take for ever, but removed.
  private static final long LARGEST_WITH_HOLES = 1L << 30;

  private final Collection<byte[]> secrets;
  private final List<String> removed = new ArrayList<>();

  private SecretSweep(Collection<byte[]> secrets) {
    this.secrets = secrets;
  }

  /// Sweeps the directory `root`, which nobody changes meanwhile.
  ///
  /// @return what was removed, printable
  static List<String> sweep(Path root, Collection<byte[]> secrets) throws IOException {
    if (secrets.isEmpty()) {
      return List.of();
    }
    var sweep = new SecretSweep(secrets);
    try (var directory = Directory.open(root)) {
      sweep.sweep(directory, ArchivePath.ROOT, 0);
    }
    return List.copyOf(sweep.removed);
  }

  private void sweep(Directory directory, ArchivePath at, int depth) throws IOException {
    for (var entry : directory.list()) {
      var stat = directory.stat(entry.name());
      if (stat.isPresent() && holdsSecret(directory, entry.name(), stat.get(), depth)) {
        directory.removeTree(entry.name());
        removed.add(
            isSecret(entry.name()) ? "a file named so" : "/" + at.child(entry.name()).printable());
      } else if (stat.isPresent() && stat.get().isDirectory()) {
        try (var below = directory.openDirectory(entry.name())) {
          sweep(below, at.child(entry.name()), depth + 1);
        }
      }
    }
  }

  private boolean holdsSecret(Directory directory, byte[] name, FileStat stat, int depth)
      throws IOException {
    if (isSecret(name)) {
      return true;
    }
    return switch (stat.type()) {
      case FILE -> {
        boolean hasHoles = stat.blocks() * BLOCK < stat.size();
        if (hasHoles && stat.size() > LARGEST_WITH_HOLES) {
          yield true;
        }
        try (var file = directory.openFile(name)) {
          yield holdsSecret(file);
        }
      }
      case DIRECTORY -> depth >= DEEPEST;
      case SYMLINK -> isSecret(directory.readLink(name));
      case CHARACTER, BLOCK, FIFO, SOCKET, UNKNOWN -> false;
    };
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
