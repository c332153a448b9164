package dev.jbuild.serve;

import dev.jbuild.image.Reference;
import dev.jbuild.store.References;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The images of jbuild's store by repository and tag. Safe for use by many threads.
final class StoreImages {

  private final StoreNames names;
  private volatile @Nullable Listed listed;

  /// The list of images as its file had it.
  private record Listed(Stamp stamp, List<References.Entry> images) {}

  /// Which file it was.
  private record Stamp(@Nullable Object key, FileTime modified, long size) {}

  StoreImages(StoreNames names) {
    this.names = names;
  }

  /// The repository that an entry of the list is in; nothing if it is in none.
  Optional<RepositoryName> repositoryOf(References.Entry entry) {
    var name = reference(entry);
    if (name.isPresent()) {
      return names.repository(name.get());
    }
    return Optional.ofNullable(entry.descriptor().annotations().get(StoreContent.REPOSITORY))
        .filter(RepositoryName::isValid)
        .map(RepositoryName::new);
  }

  /// The name of an entry, if it has one with a tag.
  static Optional<Reference> reference(References.Entry entry) {
    return entry
        .name()
        .filter(text -> Reference.problem(text).isEmpty())
        .map(Reference::parse)
        .filter(name -> name.tag().isPresent() && Tag.isValid(name.tag().get()));
  }

  /// All images. The list is read again only if its file is another: every change replaces it.
  List<References.Entry> all(Store store) throws IOException {
    var file = Files.readAttributes(store.root().resolve("index.json"), BasicFileAttributes.class);
    var stamp = new Stamp(file.fileKey(), file.lastModifiedTime(), file.size());
    var known = listed;
    if (known != null && known.stamp().equals(stamp)) {
      return known.images();
    }
    var images = store.references().all();
    listed = new Listed(stamp, images);
    return images;
  }

  /// The entries of a repository.
  List<References.Entry> entries(Store store, RepositoryName name) throws IOException {
    var plain = StoreNames.plain(name);
    return all(store).stream()
        .filter(entry -> repositoryOf(entry).filter(plain::equals).isPresent())
        .toList();
  }

  /// The names that images of this repository have with this tag, this registry's own first.
  List<References.Entry> tagged(Store store, RepositoryName name, Tag tag) throws IOException {
    var found = new ArrayList<References.Entry>();
    for (var entry : entries(store, name)) {
      var reference = reference(entry);
      if (reference.isPresent() && reference.get().tag().filter(tag.text()::equals).isPresent()) {
        if (names.isOwn(reference.get())) {
          found.addFirst(entry);
        } else {
          found.add(entry);
        }
      }
    }
    return found;
  }
}
