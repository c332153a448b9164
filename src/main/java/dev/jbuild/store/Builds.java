package dev.jbuild.store;

import dev.jbuild.image.Digest;
import dev.jbuild.linux.Errno;
import dev.jbuild.linux.LinuxException;
import dev.jbuild.linux.SmallFile;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// The last build of each (Dockerfile, context, target): its record, and the whole logs of its
/// steps.
///
/// A record is a JSON object of the caller's; the digests in its member `"blobs"` are kept as long
/// as it is. The builds and the logs of each that were longest without use are forgotten when there
/// are too many. Safe for use by many threads and many processes.
public final class Builds {

  private static final int MOST_BUILDS = 200;
  private static final int MOST_LOGS = 200;
  private static final int MOST_TRIES = 5;
  private static final String RECORD = "record";
  private static final String NOTES = "notes";
  private static final String LOGS = "logs";

  private final Layout layout;
  private final Lease lease;

  Builds(Layout layout, Lease lease) {
    this.layout = layout;
    this.lease = lease;
  }

  /// The record of the last build.
  public Optional<byte[]> last(Digest buildKey) throws IOException {
    try {
      var bytes = SmallFile.bytes(file(buildKey));
      return Envelope.parse(bytes).map(Envelope::record);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /// The keys of all builds that are remembered, the last first.
  public List<Digest> newestFirst() throws IOException {
    return newestFirst(Names.digests(layout.builds()), this::at);
  }

  /// When the record of a build was written; long ago if there is none.
  public Instant at(Digest buildKey) {
    return Ages.of(file(buildKey));
  }

  /// Replaces the record of the last build.
  public void put(Digest buildKey, byte[] json) throws IOException {
    var temps = lease.temps();
    try (var _ = lease.shared()) {
      replace(buildKey, RECORD, json, temps);
      var others =
          Names.digests(layout.builds()).stream().filter(name -> !name.equals(buildKey)).toList();
      forget(others.stream().map(this::directory).toList(), MOST_BUILDS - 1);
    }
  }

  /// Keeps what is noted of the steps of the last build beside its record; another JSON object.
  public void putNotes(Digest buildKey, byte[] json) throws IOException {
    var temps = lease.temps();
    try (var _ = lease.shared()) {
      replace(buildKey, NOTES, json, temps);
    }
  }

  /// Another build may find that the directory is among the oldest, just before it is written to.
  private void replace(Digest buildKey, String name, byte[] json, TempArea temps)
      throws IOException {
    for (int tries = 1; ; tries++) {
      makeDirectory(directory(buildKey));
      try {
        replace(directory(buildKey).resolve(name), new Envelope(buildKey, json), temps);
        return;
      } catch (IOException e) {
        if (tries == MOST_TRIES || !isGone(e)) {
          throw e;
        }
      }
    }
  }

  private static boolean isGone(IOException e) {
    return e instanceof NoSuchFileException
        || (e instanceof LinuxException linux && linux.is(Errno.ENOENT));
  }

  /// A file that says the same already is only as if it had been written now: where files are
  /// allocated when they are renamed, as on ext4, a new one takes longer than all else here.
  private static void replace(Path file, Envelope envelope, TempArea temps) throws IOException {
    var bytes = envelope.bytes();
    if (has(file, bytes)) {
      Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
    } else {
      temps.replace(file, bytes, TempArea.Durability.FLEETING);
    }
  }

  /// One that cannot be read is to be replaced.
  private static boolean has(Path file, byte[] bytes) {
    try {
      return Arrays.equals(SmallFile.bytes(file), bytes);
    } catch (IOException e) {
      return false;
    }
  }

  /// What was noted of the steps of the last build.
  public Optional<byte[]> notes(Digest buildKey) throws IOException {
    try {
      var bytes = SmallFile.bytes(directory(buildKey).resolve(NOTES));
      return Envelope.parse(bytes).map(Envelope::record);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /// Where the output of a step goes, and is found again. The file need not exist; its directory
  /// does.
  public Path logFile(Digest buildKey, Digest step) throws IOException {
    var logs = directory(buildKey).resolve(LOGS);
    var log = logs.resolve(step.hex());
    if (Files.exists(log)) {
      return log;
    }
    try (var _ = lease.shared()) {
      makeDirectory(directory(buildKey));
      makeDirectory(logs);
      forget(
          Names.digests(logs).stream().map(name -> logs.resolve(name.hex())).toList(), MOST_LOGS);
    }
    return log;
  }

  Path directory(Digest buildKey) {
    return layout.builds().resolve(buildKey.hex());
  }

  Path file(Digest buildKey) {
    return directory(buildKey).resolve(RECORD);
  }

  private static void makeDirectory(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      try {
        Files.createDirectory(
            directory,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      } catch (FileAlreadyExistsException e) {
        return; // made by another one a moment ago
      }
    }
  }

  /// Removes the oldest of `paths` beyond the `most` newest, if no other build did so meanwhile.
  private void forget(List<Path> paths, int most) throws IOException {
    if (paths.size() <= most) {
      return;
    }
    for (var path : newestFirst(paths, Ages::of).subList(most, paths.size())) {
      try {
        lease.temps().takeAway(path);
      } catch (IOException e) {
        if (!isGone(e)) {
          throw e;
        }
      }
    }
  }

  /// Each is asked for its age once: another build may change it.
  private static <T> List<T> newestFirst(List<T> all, Function<T, Instant> age) {
    record Aged<T>(T what, Instant age) {}
    return all.stream()
        .map(each -> new Aged<>(each, age.apply(each)))
        .sorted((one, other) -> other.age().compareTo(one.age()))
        .map(Aged::what)
        .toList();
  }
}
