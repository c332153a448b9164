package dev.jbuild.store;

import dev.jbuild.linux.FileLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.Set;

/// A cache mount in use: nobody removes it, and nobody has it who must not, until it is closed.
public final class CacheMount implements AutoCloseable {

  static final Set<PosixFilePermission> OPEN = PosixFilePermissions.fromString("rwxr-xr-x");

  private final Path place;
  private final Path directory;
  private final FileLock lock;
  private final InstantSource clock;

  CacheMount(Path place, Path directory, FileLock lock, InstantSource clock) {
    this.place = place;
    this.directory = directory;
    this.lock = lock;
    this.clock = clock;
  }

  /// What is mounted. Whoever ran with it decides what is in it: links in it lead anywhere.
  public Path directory() {
    return directory;
  }

  /// Notes that it is used now.
  void touch() throws IOException {
    Files.setLastModifiedTime(place, FileTime.from(clock.instant()));
  }

  /// Notes when it was used, and lets others have it.
  @Override
  public void close() throws IOException {
    try (lock) {
      touch();
    }
  }
}
