package dev.jbuild.store;

import dev.jbuild.image.Digest;
import dev.jbuild.linux.Machine;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/// What the launcher says, without Java, in place of builds of which nothing changed
/// (docs/decisions/0019-answers.md), in `cache/answers`: for each a file of lines under the name
/// that the launcher asks for, and two files by which it sees that nothing changed.
///
/// All are soon made again: there are never many, and a prune removes them. Safe for use by many
/// threads and many processes.
public final class Answers {

  private static final int MOST = 200;

  /// So many bytes all may have, if they are as large as the new one.
  private static final long MOST_BYTES = 64 << 20;

  private static final int FILES_OF_ONE = 3;

  /// Behind the name of the evidence: the paths of what must be unchanged.
  private static final String PATHS = ".paths";

  /// The same: what stat(1) prints of these.
  private static final String STATS = ".stats";

  private final Layout layout;
  private final Lease lease;

  Answers(Layout layout, Lease lease) {
    this.layout = layout;
    this.lease = lease;
  }

  /// Whether `file` is where an answer of this store is looked for.
  public boolean isHere(Path file) throws IOException {
    var text = file.toString();
    var below = "/" + layout.root().relativize(layout.answers()) + "/" + file.getFileName();
    if (!text.endsWith(below)) {
      return false;
    }
    var root = Path.of(text.substring(0, text.length() - below.length()));
    return Files.isDirectory(root) && Files.isSameFile(root, layout.root());
  }

  /// What of the store must be unchanged for an answer that tells of these, beside the names in
  /// the index ([References#texts]).
  public List<Path> files(Collection<Digest> records, Collection<Digest> blobs) {
    var files = new ArrayList<>(List.of(layout.version()));
    records.forEach(key -> files.add(layout.steps().resolve(key.hex())));
    blobs.forEach(digest -> files.add(layout.blob(digest)));
    return files;
  }

  /// Replaces the answer of this name.
  ///
  /// @param paths of what must be unchanged, a NUL behind each
  /// @param stats what stat(1) prints of them
  /// @param lines what is said and when; the second of the file is the name of the evidence
  public void put(String name, byte[] paths, byte[] stats, String first, List<String> lines)
      throws IOException {
    var directory = layout.answers();
    makeRoom(directory, paths.length + stats.length);
    Files.createDirectories(directory);
    var older = evidence(directory.resolve(name));
    var evidence = Machine.pid() + "-" + System.nanoTime();
    replace(directory.resolve(evidence + PATHS), paths);
    replace(directory.resolve(evidence + STATS), stats);
    var text = first + "\n" + evidence + "\n" + String.join("\n", lines) + "\n";
    replace(directory.resolve(name), text.getBytes(StandardCharsets.UTF_8));
    removeEvidence(older);
  }

  /// Removes the answer of this name, if there is one: it is known to be wrong.
  public void remove(String name) throws IOException {
    var answer = layout.answers().resolve(name);
    var evidence = evidence(answer);
    Files.deleteIfExists(answer);
    removeEvidence(evidence);
  }

  private void removeEvidence(Optional<String> name) throws IOException {
    if (name.isPresent()) {
      Files.deleteIfExists(layout.answers().resolve(name.get() + PATHS));
      Files.deleteIfExists(layout.answers().resolve(name.get() + STATS));
    }
  }

  private void replace(Path file, byte[] bytes) throws IOException {
    lease.temps().replace(file, bytes, TempArea.Durability.FLEETING);
  }

  /// The name of the evidence that an answer has, if there is one.
  private static Optional<String> evidence(Path answer) throws IOException {
    if (!Files.exists(answer)) {
      return Optional.empty();
    }
    var lines = Files.readString(answer, StandardCharsets.ISO_8859_1).split("\n", 3);
    return lines.length < 3 || lines[1].contains("/") ? Optional.empty() : Optional.of(lines[1]);
  }

  private void makeRoom(Path directory, int bytes) throws IOException {
    var names = directory.toFile().list();
    long most = Math.clamp(MOST_BYTES / Math.max(1, bytes), 1, MOST);
    if (names != null && names.length > most * FILES_OF_ONE) {
      lease.temps().takeAway(directory);
    }
  }
}
