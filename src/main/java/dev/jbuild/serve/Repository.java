package dev.jbuild.serve;

import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.MediaType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/// One repository of a data directory: small files that say which blobs and manifests it has.
///
/// | name | what |
/// |---|---|
/// | `name` | the repository's name |
/// | `blobs/<digest>` | empty: it has this blob; used when it was last modified |
/// | `manifests/<digest>` | it has this manifest; its media type |
/// | `tags/<tag>` | a digest |
/// | `referrers/<subject>/<digest>` | empty: that manifest says something about `subject` |
///
/// A manifest's marker comes after all that it needs and goes before it.
final class Repository {

  private final DataFiles files;
  private final RepositoryName name;
  private final Path directory;
  private final ReentrantLock change = new ReentrantLock();

  /// @param directory which need not exist
  Repository(DataFiles files, RepositoryName name, Path directory) {
    this.files = files;
    this.name = name;
    this.directory = directory;
  }

  RepositoryName name() {
    return name;
  }

  /// The name in a directory of a repository; nothing if it was never finished.
  static Optional<RepositoryName> nameIn(Path directory) throws IOException {
    return DataFiles.text(directory.resolve("name"))
        .filter(RepositoryName::isValid)
        .map(RepositoryName::new);
  }

  private Path blobMark(ContentDigest digest) {
    return directory.resolve("blobs").resolve(digest.fileName());
  }

  private Path manifestMark(ContentDigest digest) {
    return directory.resolve("manifests").resolve(digest.fileName());
  }

  private Path tagFile(Tag tag) {
    return directory.resolve("tags").resolve(tag.text());
  }

  private Path referrersOf(ContentDigest subject) {
    return directory.resolve("referrers").resolve(subject.fileName());
  }

  private void prepare() throws IOException {
    if (Files.exists(directory.resolve("name"))) {
      return;
    }
    change.lock();
    try {
      for (var part : List.of("blobs", "manifests", "tags", "referrers")) {
        DataFiles.make(directory.resolve(part));
      }
      files.replace(directory.resolve("name"), name.text());
      DataFiles.syncDirectory(files.repositories());
    } finally {
      change.unlock();
    }
  }

  boolean exists() throws IOException {
    return !DataFiles.isEmpty(directory.resolve("manifests"));
  }

  boolean hasBlobs() throws IOException {
    return !DataFiles.isEmpty(directory.resolve("blobs"));
  }

  boolean hasBlob(ContentDigest digest) {
    return Files.exists(blobMark(digest));
  }

  boolean hasManifest(ContentDigest digest) {
    return Files.exists(manifestMark(digest));
  }

  /// Says that somebody counts on a blob's being here.
  ///
  /// @return whether it is
  boolean useBlob(ContentDigest digest) throws IOException {
    return DataFiles.touch(blobMark(digest));
  }

  void addBlob(ContentDigest digest) throws IOException {
    prepare();
    files.mark(blobMark(digest));
  }

  List<Tag> tags() throws IOException {
    return DataFiles.names(directory.resolve("tags")).stream()
        .filter(Tag::isValid)
        .map(Tag::new)
        .sorted()
        .toList();
  }

  Optional<ContentDigest> resolve(Tag tag) throws IOException {
    return DataFiles.text(tagFile(tag)).flatMap(ContentDigest::find);
  }

  /// @throws ImageFormatException if the manifest is damaged
  Optional<Document> manifest(ContentDigest digest) throws IOException {
    var type = DataFiles.text(manifestMark(digest));
    if (type.isEmpty()) {
      return Optional.empty();
    }
    try {
      var bytes = Files.readAllBytes(files.blob(digest));
      return Optional.of(Document.kept(bytes, digest, new MediaType(type.get())));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  List<ContentDigest> manifests() throws IOException {
    return digests(directory.resolve("manifests"));
  }

  List<ContentDigest> blobs() throws IOException {
    return digests(directory.resolve("blobs"));
  }

  List<ContentDigest> referrers(ContentDigest subject) throws IOException {
    return digests(referrersOf(subject));
  }

  private static List<ContentDigest> digests(Path parent) throws IOException {
    return DataFiles.names(parent).stream()
        .map(ContentDigest::ofFileName)
        .flatMap(Optional::stream)
        .sorted()
        .toList();
  }

  /// Adds a manifest whose bytes are a blob already.
  ///
  /// @throws Refusal if something that it names is not here
  void put(Document manifest, List<Tag> tags) throws IOException {
    prepare();
    change.lock();
    try {
      Document.refuseMissing(missing(manifest));
      var subject = manifest.subject();
      if (subject.isPresent()) {
        var referrers = referrersOf(subject.get());
        files.makeBelow(directory.resolve("referrers"), referrers);
        files.mark(referrers.resolve(manifest.digest().fileName()));
      }
      files.replace(manifestMark(manifest.digest()), manifest.mediaType().name());
      for (var tag : tags) {
        files.replace(tagFile(tag), manifest.digest().toString());
      }
    } finally {
      change.unlock();
    }
  }

  private List<Link> missing(Document manifest) {
    var missing = new ArrayList<Link>();
    for (var link : manifest.needed()) {
      boolean document = manifest.manifests().contains(link) && hasManifest(link.digest());
      if (!document && !hasBlob(link.digest())) {
        missing.add(link);
      }
    }
    return missing;
  }

  boolean untag(Tag tag) throws IOException {
    return files.remove(tagFile(tag));
  }

  boolean removeManifest(ContentDigest digest) throws IOException {
    change.lock();
    try {
      if (!hasManifest(digest)) {
        return false;
      }
      for (var tag : tags()) {
        if (resolve(tag).filter(digest::equals).isPresent()) {
          files.remove(tagFile(tag));
        }
      }
      var subject = subjectOf(digest);
      if (subject.isPresent()) {
        files.remove(referrersOf(subject.get()).resolve(digest.fileName()));
      }
      return files.remove(manifestMark(digest));
    } finally {
      change.unlock();
    }
  }

  private Optional<ContentDigest> subjectOf(ContentDigest digest) throws IOException {
    try {
      return manifest(digest).flatMap(Document::subject);
    } catch (ImageFormatException e) {
      return Optional.empty(); // a damaged manifest can be deleted; referrers that lead to it too
    }
  }

  boolean removeBlob(ContentDigest digest) throws IOException {
    change.lock();
    try {
      if (!hasBlob(digest)) {
        return false;
      }
      for (var manifest : manifests()) {
        if (needs(manifest, digest)) {
          throw Refusal.of(
              405,
              ErrorCode.DENIED,
              "the manifest " + manifest + " needs this blob: delete that first");
        }
      }
      return files.remove(blobMark(digest));
    } finally {
      change.unlock();
    }
  }

  private boolean needs(ContentDigest manifest, ContentDigest blob) throws IOException {
    try {
      return manifest(manifest).stream()
          .flatMap(document -> document.needed().stream())
          .anyMatch(link -> link.digest().equals(blob));
    } catch (ImageFormatException e) {
      return false;
    }
  }

  /// Forgets a blob that nobody needs. Only for the collector.
  void forgetBlob(ContentDigest digest) throws IOException {
    Files.deleteIfExists(blobMark(digest));
  }

  Path blobMarkOf(ContentDigest digest) {
    return blobMark(digest);
  }
}
