package dev.jbuild.build;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.failure.Utf8;
import dev.jbuild.image.Digest;
import dev.jbuild.linux.Directory;
import dev.jbuild.linux.LinuxException;
import dev.jbuild.plan.Origin;
import dev.jbuild.plan.RunMount;
import dev.jbuild.sandbox.StepMount;
import dev.jbuild.store.CacheMount;
import dev.jbuild.store.CacheMounts;
import dev.jbuild.tar.ArchivePath;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The cache mounts of one RUN: each cache is opened once, however often it is mounted, and all in
/// the order of their ids, so that two steps never wait for each other.
final class StepCaches implements AutoCloseable {

  private static final int USUAL_MODE = 0755;

  private final List<RunMount> mounts;
  private final MountSources sources;
  private final SortedMap<String, CacheMount> opened = new TreeMap<>();

  StepCaches(List<RunMount> mounts, MountSources sources) {
    this.mounts = mounts;
    this.sources = sources;
  }

  /// Opens all of them; waits for those that others keep for themselves.
  void open() throws IOException, InterruptedException {
    var wanted = new TreeMap<String, RunMount.Cache>();
    for (var mount : mounts) {
      if (mount instanceof RunMount.Cache cache) {
        wanted.merge(name(cache), cache, StepCaches::stricter);
      }
    }
    boolean isMoved = sources.areMoved();
    for (var cache : wanted.values()) {
      opened.put(name(cache), open(cache, isMoved));
    }
  }

  /// What tells caches apart: the id, and what they began with.
  private String name(RunMount.Cache cache) throws IOException {
    return cache.id() + "\0" + sources.seed(cache).map(Digest::hex).orElse("");
  }

  private static RunMount.Cache stricter(RunMount.Cache one, RunMount.Cache other) {
    return other.sharing().compareTo(one.sharing()) > 0 ? other : one;
  }

  /// @param isMoved whether the cache is not mounted but moved into the root of the step, so that
  ///     only one step can have it at a time
  private CacheMount open(RunMount.Cache cache, boolean isMoved) throws IOException {
    var use =
        switch (cache.sharing()) {
          case SHARED -> isMoved ? CacheMounts.Use.LOCKED : CacheMounts.Use.SHARED;
          case PRIVATE -> CacheMounts.Use.PRIVATE;
          case LOCKED -> CacheMounts.Use.LOCKED;
        };
    return sources
        .store()
        .cacheMounts()
        .open(
            cache.id(),
            sources.seed(cache),
            use,
            directory -> seed(cache, directory),
            () ->
                sources.waits(
                    "for the cache \"" + Printable.of(cache.id()) + "\", which is in use"));
  }

  /// What a new cache begins with, and whose it is.
  private void seed(RunMount.Cache cache, Path directory) throws IOException {
    if (cache.origin() instanceof Origin.Scratch) {
      try (var root = Directory.open(directory)) {
        describe(root, cache);
      }
      return;
    }
    var selected = sources.beginning(cache);
    if (!selected.isDirectory()) {
      throw noDirectory(cache);
    }
    BoundTrees.write(selected, directory, ArchivePath.clamped(Utf8.encode(cache.source())));
    if (cache.mode() != USUAL_MODE || cache.uid() != 0 || cache.gid() != 0) {
      try (var root = Directory.open(directory);
          var seeded = root.resolveDirectory(Utf8.encode(cache.source()))) {
        describe(seeded, cache);
      }
    }
  }

  private static void describe(Directory directory, RunMount.Cache cache) throws IOException {
    try {
      directory.setOwner(Integer.toUnsignedLong(cache.uid()), Integer.toUnsignedLong(cache.gid()));
    } catch (LinuxException e) {
      throw BuildFailure.of(
              BuildFailure.Kind.SANDBOX,
              "RUN --mount: a cache cannot belong to %s:%s here"
                  .formatted(
                      Integer.toUnsignedString(cache.uid()), Integer.toUnsignedString(cache.gid())),
              e)
          .at(cache.span())
          .hint("give yourself a longer range in /etc/subuid and /etc/subgid");
    }
    directory.setMode(cache.mode());
  }

  /// The mount of a cache that is open. What is at its source is looked up again, inside the cache
  /// and once only, when the step starts: a step beside this one may change it (CVE-2024-23651).
  StepMount mount(RunMount.Cache cache) throws IOException {
    var directory = directory(cache);
    try (var root = Directory.open(directory)) {
      var source = root.resolveStat(Utf8.encode(cache.source()));
      if (source.isEmpty() || !source.get().isDirectory()) {
        throw noDirectory(cache);
      }
    }
    return new StepMount.Bind(directory, cache.source(), cache.target(), true, !cache.writable());
  }

  private Path directory(RunMount.Cache cache) throws IOException {
    @Nullable CacheMount mount = opened.get(name(cache));
    if (mount == null) {
      throw new IllegalStateException("not open: " + Printable.of(cache.id()));
    }
    return mount.directory();
  }

  private static BuildFailure noDirectory(RunMount.Cache cache) {
    return BuildFailure.of(
            BuildFailure.Kind.DOCKERFILE,
            "RUN --mount: there is no directory %s in the cache \"%s\""
                .formatted(Printable.of(cache.source()), Printable.of(cache.id())))
        .at(cache.span())
        .hint("leave source away, or have a step make it in the cache first");
  }

  /// Lets others have them.
  @Override
  public void close() throws IOException {
    @Nullable IOException failure = null;
    for (var mount : opened.values()) {
      try {
        mount.close();
      } catch (IOException e) {
        failure = e;
      }
    }
    opened.clear();
    if (failure != null) {
      throw failure;
    }
  }
}
