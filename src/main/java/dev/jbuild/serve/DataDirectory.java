package dev.jbuild.serve;

import dev.jbuild.image.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A registry's own directory. Its layout is in docs/registry-server.md; why it is so, in decision
/// 13. One process at a time has it.
///
/// No path is built from a repository's name: its directory is called by the name's SHA-256.
final class DataDirectory implements Content {

  private static final Pattern UPLOAD =
      Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

  private final DataFiles files;
  private final Limits limits;
  private final RequestLog log;
  private final Map<RepositoryName, Repository> repositories = new ConcurrentHashMap<>();
  private final OpenUploads<FileUpload> uploads;

  /// Held shared while content comes under a name, exclusively while some is removed.
  private final ReentrantReadWriteLock gate = new ReentrantReadWriteLock();

  /// What came under a name since the collector began to look; none while it does not.
  private volatile @Nullable Set<ContentDigest> spared;

  private DataDirectory(DataFiles files, Limits limits, RequestLog log) {
    this.files = files;
    this.limits = limits;
    this.log = log;
    this.uploads = new OpenUploads<>(limits.uploads(), log);
  }

  /// @throws dev.jbuild.failure.BuildFailure if `root` cannot be a data directory
  static DataDirectory open(Path root, Limits limits, RequestLog log) throws IOException {
    var files = DataFiles.open(root);
    try {
      var data = new DataDirectory(files, limits, log);
      for (var entry : DataFiles.names(files.repositories())) {
        Repository.nameIn(files.repositories().resolve(entry)).ifPresent(data::repository);
      }
      data.findUploads();
      return data;
    } catch (IOException | RuntimeException e) {
      files.close();
      throw e;
    }
  }

  /// A repository, which need not exist.
  private Repository repository(RepositoryName name) {
    var known = repositories.get(name);
    if (known != null) {
      return known;
    }
    var hash = Digest.of(name.text().getBytes(StandardCharsets.UTF_8)).hex();
    return new Repository(files, name, files.repositories().resolve(hash));
  }

  /// The one that changes, of which there is only one.
  private Repository changing(RepositoryName name) {
    return repositories.computeIfAbsent(name, this::repository);
  }

  @Override
  public List<RepositoryName> repositories() throws IOException {
    var names = new ArrayList<RepositoryName>();
    for (var repository : all()) {
      if (repository.exists()) {
        names.add(repository.name());
      }
    }
    names.sort(null);
    return names;
  }

  List<Repository> all() {
    return List.copyOf(repositories.values());
  }

  @Override
  public Optional<List<Tag>> tags(RepositoryName name) throws IOException {
    var repository = repository(name);
    boolean known = repository.exists() || repository.hasBlobs();
    return known ? Optional.of(repository.tags()) : Optional.empty();
  }

  @Override
  public Optional<BlobFile> blob(RepositoryName name, ContentDigest digest) throws IOException {
    var repository = repository(name);
    gate.readLock().lock();
    try { // who is told that it is here does not send it again
      return repository.useBlob(digest) ? BlobFile.open(files.blob(digest)) : Optional.empty();
    } finally {
      gate.readLock().unlock();
    }
  }

  @Override
  public Optional<ContentDigest> resolve(RepositoryName name, Tag tag) throws IOException {
    return repository(name).resolve(tag);
  }

  @Override
  public Optional<Document> manifest(RepositoryName name, ContentDigest digest) throws IOException {
    return repository(name).manifest(digest);
  }

  @Override
  public List<ContentDigest> referrers(RepositoryName name, ContentDigest subject)
      throws IOException {
    return repository(name).referrers(subject);
  }

  @Override
  public void put(RepositoryName name, Document manifest, List<Tag> tags) throws IOException {
    gate.readLock().lock();
    try {
      spare(manifest.digest());
      manifest.needed().forEach(link -> spare(link.digest()));
      var repository = changing(name);
      if (!repository.hasManifest(manifest.digest())) {
        files.makeBelow(
            files.blobs(manifest.digest().algorithm()), parent(files.blob(manifest.digest())));
        files.replace(files.blob(manifest.digest()), manifest.bytes());
      }
      repository.put(manifest, tags);
    } finally {
      gate.readLock().unlock();
    }
  }

  private static Path parent(Path file) {
    return file.resolveSibling(".").normalize();
  }

  private void spare(ContentDigest digest) {
    var now = spared;
    if (now != null) {
      now.add(digest);
    }
  }

  /// Makes a whole file a blob of a repository.
  void publish(RepositoryName name, Path file, ContentDigest digest) throws IOException {
    gate.readLock().lock();
    try {
      spare(digest);
      files.publish(file, digest);
      changing(name).addBlob(digest);
    } finally {
      gate.readLock().unlock();
    }
  }

  @Override
  public boolean mount(RepositoryName name, Optional<RepositoryName> from, ContentDigest digest)
      throws IOException {
    gate.readLock().lock();
    try {
      spare(digest);
      boolean known =
          from.isPresent()
              ? repository(from.get()).hasBlob(digest)
              : all().stream().anyMatch(each -> each.hasBlob(digest));
      if (!known || !Files.exists(files.blob(digest))) {
        return false;
      }
      changing(name).addBlob(digest);
      return true;
    } finally {
      gate.readLock().unlock();
    }
  }

  @Override
  public boolean untag(RepositoryName name, Tag tag) throws IOException {
    return repository(name).untag(tag);
  }

  @Override
  public boolean removeManifest(RepositoryName name, ContentDigest digest) throws IOException {
    return repository(name).removeManifest(digest);
  }

  @Override
  public boolean removeBlob(RepositoryName name, ContentDigest digest) throws IOException {
    return repository(name).removeBlob(digest);
  }

  @Override
  public Upload begin(RepositoryName name, ContentDigest.Algorithm algorithm) throws IOException {
    uploads.takePlace();
    var directory = files.uploads().resolve(UUID.randomUUID().toString());
    try {
      Files.createDirectory(directory);
      files.replace(directory.resolve(FileUpload.REPOSITORY), name.text());
      Files.createFile(directory.resolve(FileUpload.DATA));
      var upload =
          new FileUpload(this, name, directory, algorithm, algorithm.start(), Duration.ZERO);
      uploads.fill(upload);
      return upload;
    } catch (IOException | RuntimeException e) {
      uploads.giveBack();
      try {
        FileUpload.discard(directory);
      } catch (IOException second) {
        e.addSuppressed(second);
      }
      throw e;
    }
  }

  @Override
  public Optional<Upload> upload(RepositoryName name, String id) throws IOException {
    return uploads.find(id).filter(each -> each.repository().equals(name)).map(each -> each);
  }

  void endIdleUploads() {
    uploads.endIdle(limits.uploads().kept());
  }

  /// Those that were begun before this process. One that cannot be used is told, and stays.
  private void findUploads() throws IOException {
    for (var id : DataFiles.names(files.uploads())) {
      var directory = files.uploads().resolve(id);
      if (UPLOAD.matcher(id).matches() && Files.isDirectory(directory)) {
        try {
          findUpload(directory);
        } catch (IOException e) {
          log.trouble("the upload " + id + " cannot be used, and stays where it is", e);
        }
      }
    }
  }

  /// What was never whole goes.
  private void findUpload(Path directory) throws IOException {
    var repository =
        DataFiles.text(directory.resolve(FileUpload.REPOSITORY)).filter(RepositoryName::isValid);
    if (repository.isPresent() && Files.exists(directory.resolve(FileUpload.DATA))) {
      uploads.keep(FileUpload.found(this, new RepositoryName(repository.get()), directory));
    } else {
      FileUpload.discard(directory);
    }
  }

  void forget(FileUpload upload) {
    uploads.remove(upload);
  }

  @Override
  public void collect() throws IOException {
    new Collector(this, files, limits).collect();
  }

  /// Begins to remember what comes under a name.
  ///
  /// @return what has come so far, growing
  Set<ContentDigest> spare() {
    Set<ContentDigest> fresh = ConcurrentHashMap.newKeySet();
    gate.writeLock().lock(); // whoever is at it has finished
    try {
      spared = fresh;
    } finally {
      gate.writeLock().unlock();
    }
    return fresh;
  }

  void spareNoMore() {
    spared = null;
  }

  /// What the collector does while nothing can come under a name.
  interface Removal {
    void run() throws IOException;
  }

  void exclusively(Removal removal) throws IOException {
    gate.writeLock().lock();
    try {
      removal.run();
    } finally {
      gate.writeLock().unlock();
    }
  }

  @Override
  public void close() throws IOException {
    files.close();
  }
}
