package dev.jbuild.context;

import dev.jbuild.linux.Directory;
import dev.jbuild.linux.RawWalk;
import dev.jbuild.loops.Loop;
import dev.jbuild.tar.ArchivePath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/// A context of 20,000 files in 200 directories, listed with a warm stat cache on the threads
/// that a build uses. The floor is the system calls alone ([RawWalk]), on one thread.
public class WalkLoop extends Loop {

  private static final int DIRECTORIES = 200;
  private static final int FILES = 100;

  private Path place = Path.of("");
  private @Nullable Directory root;
  private StatCache cache = StatCache.none();

  /// Makes the files, and the stat cache as a first build leaves it.
  @Setup
  public void prepare() throws IOException {
    place = Files.createTempDirectory("jbuild-loops");
    var context = Files.createDirectory(place.resolve("context"));
    for (int i = 0; i < DIRECTORIES; i++) {
      var directory = Files.createDirectory(context.resolve("module%04d".formatted(i)));
      for (int n = 0; n < FILES; n++) {
        Files.writeString(directory.resolve("Source%03d.java".formatted(n)), "class Source {}\n");
      }
    }
    root = Directory.open(context);
    var first = tree(StatCache.load(place.resolve("stats")));
    first.expect(ArchivePath.ROOT);
    first.save();
    cache = StatCache.load(place.resolve("stats"));
  }

  /// A tree for which the files made a moment ago are old enough to be remembered.
  private LocalTree tree(StatCache known) {
    long later = System.currentTimeMillis() + 60_000;
    return new LocalTree(
        opened(), IgnoreRules.NONE, known, Optional.empty(), later, System::nanoTime);
  }

  private Directory opened() {
    if (root == null) {
      throw new IllegalStateException("not prepared");
    }
    return root;
  }

  /// Lists everything.
  @Benchmark
  public SourceTree walk() throws IOException {
    var tree = tree(cache);
    tree.expect(ArchivePath.ROOT);
    return tree;
  }

  /// The system calls.
  @Benchmark
  public long walkFloor() throws IOException {
    return RawWalk.entries(opened());
  }

  /// Removes the files.
  @TearDown
  public void remove() throws IOException {
    opened().close();
    try (var files = Files.walk(place)) {
      for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
