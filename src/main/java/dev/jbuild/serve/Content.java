package dev.jbuild.serve;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// What a registry keeps, and how it changes. Safe for use by many threads.
///
/// Whatever a method has done is durable when it returns, and done whole or not at all if the
/// process dies meanwhile. A repository comes into being with what is put into it.
sealed interface Content extends AutoCloseable permits DataDirectory, StoreContent {

  /// The names of all repositories with manifests, sorted.
  List<RepositoryName> repositories() throws IOException;

  /// The tags of a repository, sorted; nothing if there is no such repository. There is one while
  /// something is in it, if only a blob.
  Optional<List<Tag>> tags(RepositoryName repository) throws IOException;

  /// A blob of a repository.
  Optional<BlobFile> blob(RepositoryName repository, ContentDigest digest) throws IOException;

  /// The digest of the manifest that a tag names.
  Optional<ContentDigest> resolve(RepositoryName repository, Tag tag) throws IOException;

  /// A manifest of a repository.
  Optional<Document> manifest(RepositoryName repository, ContentDigest digest) throws IOException;

  /// The manifests of a repository whose subject is `subject`, sorted by digest.
  List<ContentDigest> referrers(RepositoryName repository, ContentDigest subject)
      throws IOException;

  /// Keeps a manifest and gives it tags, of which others may lose theirs.
  ///
  /// @throws Refusal (MANIFEST_BLOB_UNKNOWN) if something that it names is not in the repository
  void put(RepositoryName repository, Document manifest, List<Tag> tags) throws IOException;

  /// Adds a blob of another repository, of any if `from` is not said.
  ///
  /// @return whether there was one
  boolean mount(RepositoryName repository, Optional<RepositoryName> from, ContentDigest digest)
      throws IOException;

  /// Takes a tag away; the manifest stays.
  ///
  /// @return whether there was such a tag
  boolean untag(RepositoryName repository, Tag tag) throws IOException;

  /// Takes a manifest away with all its tags.
  ///
  /// @return whether there was such a manifest
  boolean removeManifest(RepositoryName repository, ContentDigest digest) throws IOException;

  /// Takes a blob out of a repository.
  ///
  /// @return whether it was in it
  /// @throws Refusal if a manifest of the repository needs it
  boolean removeBlob(RepositoryName repository, ContentDigest digest) throws IOException;

  /// Begins an upload, which is entered: who is given it leaves it.
  ///
  /// @param algorithm that its digest will probably be of
  Upload begin(RepositoryName repository, ContentDigest.Algorithm algorithm) throws IOException;

  /// An upload that was begun for `repository`.
  Optional<Upload> upload(RepositoryName repository, String id) throws IOException;

  /// Removes blobs that nothing names and uploads that nobody goes on with, both only if they were
  /// left alone for long. Whatever else is asked goes on meanwhile.
  void collect() throws IOException;

  @Override
  void close() throws IOException;
}
