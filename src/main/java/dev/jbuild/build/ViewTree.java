package dev.jbuild.build;

import dev.jbuild.context.HardLinkKey;
import dev.jbuild.context.LaterFile;
import dev.jbuild.context.SourceEntry;
import dev.jbuild.context.SourceTree;
import dev.jbuild.image.Digest;
import dev.jbuild.layer.MergedView;
import dev.jbuild.layer.ViewEntry;
import dev.jbuild.tar.ArchivePath;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/// The files of a stage, an image or an archive as COPY sees them: read from tars, nothing is
/// unpacked.
final class ViewTree implements SourceTree {

  private final MergedView view;
  private final Contents contents;
  private final Map<Object, Digest> digests = new ConcurrentHashMap<>();
  private final Map<Object, Integer> names = new ConcurrentHashMap<>();
  private final Map<Object, Long> numbers = new ConcurrentHashMap<>();
  private final AtomicLong lastNumber = new AtomicLong();

  /// Where the bytes of files are.
  @FunctionalInterface
  interface Contents {
    InputStream open(ViewEntry file) throws IOException;
  }

  ViewTree(MergedView view, Contents contents) {
    this.view = view;
    this.contents = contents;
    if (view.hasLinkedFiles()) {
      countNames();
    }
  }

  /// A file of the view, which is found there again.
  private record InView(ViewTree tree, ArchivePath path) implements LaterFile {

    @Override
    public Digest digest() throws IOException {
      return tree.digest(tree.known(path));
    }

    @Override
    public InputStream open() throws IOException {
      return tree.contents.open(tree.known(path));
    }
  }

  private ViewEntry known(ArchivePath path) {
    return view.find(path).orElseThrow(() -> new IllegalArgumentException(path.printable()));
  }

  /// Counts the names of each file that may have several.
  private void countNames() {
    var ahead = new ArrayDeque<ArchivePath>();
    for (var at = ArchivePath.ROOT; at != null; at = ahead.poll()) {
      for (var entry : view.list(at)) {
        if (entry.isDirectory()) {
          ahead.push(entry.entry().path());
        } else if (view.isLinked(entry.entry().path())) {
          names.merge(entry.file(), 1, Integer::sum);
        }
      }
    }
  }

  @Override
  public Optional<SourceEntry> lookup(ArchivePath path) {
    return view.find(path).map(this::entry);
  }

  @Override
  public List<SourceEntry> list(ArchivePath directory) {
    return view.list(directory).stream().map(this::entry).toList();
  }

  private SourceEntry entry(ViewEntry known) {
    var entry = known.entry();
    boolean linked = !names.isEmpty() && names.getOrDefault(known.file(), 1) > 1;
    return new SourceEntry(
        entry.path(),
        entry.type(),
        entry.mode(),
        entry.uid(),
        entry.gid(),
        entry.size(),
        entry.mtime(),
        entry.link(),
        entry.major(),
        entry.minor(),
        entry.xattrs(),
        linked ? Optional.of(new HardLinkKey(0, number(known.file()))) : Optional.empty(),
        this);
  }

  private long number(Object file) {
    return numbers.computeIfAbsent(file, _ -> lastNumber.incrementAndGet());
  }

  @Override
  public LaterFile later(SourceEntry file) {
    return new InView(this, file.path());
  }

  @Override
  public Digest digest(SourceEntry file) throws IOException {
    return digest(known(file.path()));
  }

  private Digest digest(ViewEntry known) throws IOException {
    var recorded = known.digest();
    if (recorded != null) {
      return recorded;
    }
    var computed = digests.get(known.file());
    if (computed == null) {
      computed = hash(known);
      digests.put(known.file(), computed);
    }
    return computed;
  }

  private Digest hash(ViewEntry file) throws IOException {
    var sha = Digest.sha256();
    var buffer = new byte[1 << 17];
    try (var in = contents.open(file)) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        sha.update(buffer, 0, n);
      }
    }
    return Digest.ofHash(sha.digest());
  }

  @Override
  public InputStream open(SourceEntry file) throws IOException {
    return contents.open(known(file.path()));
  }
}
