package dev.jbuild.build;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.jbuild.context.SourceEntry;
import dev.jbuild.context.SourceTree;
import dev.jbuild.image.Digest;
import dev.jbuild.tar.ArchivePath;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Directories of files of which everything is known but the content, as after a walk with a warm
/// stat cache.
final class KnownTree implements SourceTree {

  private static final SourceEntry ROOT = SourceEntry.directory(ArchivePath.ROOT, 0755, 1);

  private final Map<ArchivePath, List<SourceEntry>> listings = new HashMap<>();

  /// @param files in each of the directories
  KnownTree(int directories, int files) {
    var top = new ArrayList<SourceEntry>();
    for (int i = 0; i < directories; i++) {
      var directory = ArchivePath.of("module%04d".formatted(i));
      var inside = new ArrayList<SourceEntry>();
      for (int n = 0; n < files; n++) {
        var path = directory.child("Source%03d.java".formatted(n));
        var hash = Digest.of(path.toString().getBytes(US_ASCII)).hash();
        inside.add(SourceEntry.file(path, 0644, 1500, 1, hash));
      }
      top.add(SourceEntry.directory(directory, 0755, 1));
      listings.put(directory, List.copyOf(inside));
    }
    listings.put(ArchivePath.ROOT, List.copyOf(top));
  }

  @Override
  public Optional<SourceEntry> lookup(ArchivePath path) {
    return path.isRoot()
        ? Optional.of(ROOT)
        : list(path.parent()).stream().filter(entry -> entry.path().equals(path)).findFirst();
  }

  @Override
  public List<SourceEntry> list(ArchivePath directory) {
    return listings.getOrDefault(directory, List.of());
  }

  @Override
  public Digest digest(SourceEntry file) {
    return Digest.ofHash((byte[]) file.origin());
  }

  @Override
  public List<byte[]> hashes(List<SourceEntry> files) {
    return files.stream().map(file -> (byte[]) file.origin()).toList();
  }

  @Override
  public InputStream open(SourceEntry file) {
    throw new IllegalStateException("no key needs the content");
  }
}
