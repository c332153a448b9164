package dev.jbuild.store;

import dev.jbuild.image.Digest;
import dev.jbuild.linux.SmallFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// The step cache: what a step made, by its key.
///
/// A record is a JSON object of the caller's. Two members mean something to the store: `"blobs"`, a
/// list of digests (`"sha256:…"`) that the record needs, and `"trees"`, a list of chain IDs whose
/// unpacked trees are worth keeping with it. A prune keeps them with the record. A record that a
/// crash tore counts as missing. Safe for use by many threads and many processes.
public final class Records {

  /// The time of a record's last use is noted no finer than this.
  private static final Duration GRAIN = Duration.ofHours(1);

  private final Layout layout;
  private final Lease lease;

  Records(Layout layout, Lease lease) {
    this.layout = layout;
    this.lease = lease;
  }

  /// The record of `key`. Its blobs may be gone: [Lease#keep] tells of each.
  public Optional<byte[]> find(Digest key) throws IOException {
    var envelope = envelope(key);
    if (envelope.isPresent()) {
      noteUse(file(key));
    }
    return envelope.map(Envelope::record);
  }

  /// A record as it lies there.
  ///
  /// @param weakKey all of its key but the step's parent
  public record Entry(Digest weakKey, byte[] json) {}

  /// The record of `key` with its weak key. That is no use of it.
  public Optional<Entry> entry(Digest key) throws IOException {
    return envelope(key).map(envelope -> new Entry(envelope.of(), envelope.record()));
  }

  /// The keys of all records, sorted.
  public List<Digest> keys() throws IOException {
    return Names.digests(layout.steps());
  }

  /// Keeps the record of `key`; another one is replaced.
  ///
  /// @param weakKey all of the key but the step's parent
  /// @param json an object, see above
  public void put(Digest key, Digest weakKey, byte[] json) throws IOException {
    var temps = lease.temps();
    try (var _ = lease.shared()) {
      if (!knowsWeak(weakKey)) { // no prune can remove it now
        temps.replace(weakFile(weakKey), new byte[0], TempArea.Durability.FLEETING);
      }
      var envelope = new Envelope(weakKey, json);
      temps.replace(file(key), envelope.bytes(), TempArea.Durability.FLEETING);
    }
  }

  /// Whether there may be a record with this weak key; a wrong yes is possible, a wrong no is not.
  public boolean knowsWeak(Digest weakKey) {
    return Files.exists(weakFile(weakKey));
  }

  Path file(Digest key) {
    return layout.steps().resolve(key.hex());
  }

  Path weakFile(Digest weakKey) {
    return layout.weak().resolve(weakKey.hex());
  }

  Optional<Envelope> envelope(Digest key) throws IOException {
    try {
      return Envelope.parse(SmallFile.bytes(file(key)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /// The clock decides only what a prune drops first.
  private static void noteUse(Path file) throws IOException {
    try {
      var now = Instant.now();
      var last = Files.getLastModifiedTime(file).toInstant();
      if (Duration.between(last, now).abs().compareTo(GRAIN) > 0) {
        Files.setLastModifiedTime(file, FileTime.from(now));
      }
    } catch (NoSuchFileException e) {
      return; // pruned a moment ago
    } catch (IOException e) {
      if (!StoreFailures.isReadOnly(e)) {
        throw e;
      }
    }
  }
}
