package dev.jbuild.build;

import dev.jbuild.context.Found;
import dev.jbuild.context.HardLinkKey;
import dev.jbuild.context.LaterFile;
import dev.jbuild.context.Selected;
import dev.jbuild.context.SourceEntry;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.image.Digest;
import dev.jbuild.layer.Content;
import dev.jbuild.layer.LayerDraft;
import dev.jbuild.layer.LayerReader;
import dev.jbuild.layer.MergedView;
import dev.jbuild.layer.ViewEntry;
import dev.jbuild.plan.Chmod;
import dev.jbuild.plan.CopyStep;
import dev.jbuild.tar.ArchivePath;
import dev.jbuild.tar.TarEntry;
import dev.jbuild.tar.TarFormatException;
import dev.jbuild.tar.XattrName;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The layer of a COPY or ADD, thought out from what is copied and what is below
/// (dockerfile-rules.md 6.3 to 6.6). Nothing is read here but metadata, and nothing below is
/// unpacked.
final class CopyLayer {

  private static final int PARENT_MODE = 0755;

  private final CopyStep step;
  private final MergedView below;
  private final LayerReader layers;
  private final LayerDraft draft;
  private final Destination destination;
  private final Optional<Accounts.Owner> owner;
  private final MergedView.Place place;

  /// @param below what the copy is put onto; an empty view for `--link`
  /// @param owner what `--chown` says, looked up
  CopyLayer(
      CopyStep step,
      MergedView below,
      LayerReader layers,
      Times times,
      Optional<Accounts.Owner> owner) {
    this.step = step;
    this.below = below;
    this.layers = layers;
    this.draft = new LayerDraft(times.clamp());
    this.destination = new Destination(below, draft, step.span());
    this.owner = owner;
    var path = ArchivePath.clamped(step.destination());
    this.place = destination.resolve(path);
  }

  /// The layer of `pieces`, which are put one after the other.
  LayerDraft draft(List<Piece> pieces) throws IOException {
    boolean alone = pieces.size() == 1;
    var names = new HashMap<Integer, Map<HardLinkKey, ArchivePath>>();
    for (var piece : pieces) {
      switch (piece) {
        case Piece.Files(var selected, var copy) ->
            files(selected, names.computeIfAbsent(copy, _ -> new HashMap<>()), alone);
        case Piece.Archive archive -> archive(archive);
      }
    }
    destination.finish();
    return draft;
  }

  /// What a person should know of the layer: that `--chmod=640` also made a directory so.
  Optional<String> warning() {
    return destination
        .unreachable()
        .map(
            made ->
                "--chmod=%s also holds for /%s, which the copy made: without x nobody but root can"
                        .formatted(
                            step.chmod().map(Chmod::text).orElse(""), made.path().printable())
                    + " enter it; make the directory in a step before");
  }

  private boolean intoDirectory() {
    return step.intoDirectory()
        || step.parents()
        || destination.find(place.path()).filter(TarEntry::isDirectory).isPresent();
  }

  /// @param names where the files that have several names went
  private void files(Selected selected, Map<HardLinkKey, ArchivePath> names, boolean alone)
      throws IOException {
    if (selected.target().isRoot() || step.parents()) {
      makeTop();
      selected.parents().forEach(this::makeParent);
      int[] count = {selected.parents().size()};
      selected.each(
          found -> {
            count[0]++;
            if (found.onlyForBelow()) {
              makeParent(found);
              return;
            }
            var path = place.path().resolve(found.path());
            put(selected, found.entry(), path, firstName(found, path, names));
          });
      if (count[0] == 0
          && place.entry().isEmpty()) { // nothing that could date the directories that were made
        destination.touch(place.path(), selected.entry().mtime());
      }
    } else {
      if (!alone && !intoDirectory()) { // each would replace the one before
        throw BuildFailure.of(
                BuildFailure.Kind.DOCKERFILE,
                (step.add() ? "ADD" : "COPY") + ": several sources need a directory as destination")
            .at(step.span())
            .hint("write " + Printable.of(step.destination()) + "/");
      }
      var path = target(selected.target());
      put(selected, selected.entry(), path, path);
    }
  }

  /// The directory whose contents are copied, or into which files go, is made as 0755 whatever its
  /// source is, or as an octal `--chmod` says; one that exists stays as it is.
  private void makeTop() {
    makeDirectory(place.path());
  }

  private void makeDirectory(ArchivePath path) {
    destination.makeDirectory(path, madeMode(step), owner);
  }

  /// The mode of directories that a copy makes on the way to its destination. BuildKit gives them
  /// that of an octal `--chmod` (moby/buildkit#4945), but never its special bits.
  static int madeMode(CopyStep step) {
    return step.chmod()
        .filter(chmod -> chmod instanceof Chmod.Octal)
        .map(chmod -> chmod.applyTo(PARENT_MODE, true) & 0777)
        .orElse(PARENT_MODE);
  }

  /// A directory that comes along because of what is below it: as its source is if it is new; if
  /// it exists below, only its mode becomes that of the source.
  private void makeParent(Found parent) {
    var path = place.path().resolve(parent.path());
    if (draft.find(path).filter(TarEntry::isDirectory).isPresent()) {
      return;
    }
    checkReplaced(path, true);
    var source = parent.entry();
    var made =
        below
            .find(path)
            .map(existing -> existing.entry().withMode(source.mode()))
            .orElseGet(() -> entry(source, path, path));
    draft.add(made.withMtime(source.mtime()), Content.none(), null);
    destination.touch(path.parent(), source.mtime());
  }

  /// Where a single file called `name` goes; its parents are made.
  private ArchivePath target(ArchivePath name) {
    if (intoDirectory()) {
      makeTop();
      return place.path().resolve(name);
    }
    makeDirectory(place.path().parent());
    return place.path();
  }

  private Accounts.Owner ownerOr(Accounts.Owner otherwise) {
    return owner.orElse(otherwise);
  }

  private static ArchivePath firstName(
      Found found, ArchivePath path, Map<HardLinkKey, ArchivePath> names) {
    var key = found.entry().hardLinkKey();
    if (key.isEmpty() || found.entry().isDirectory()) {
      return path;
    }
    var first = names.putIfAbsent(key.get(), path);
    return first == null ? path : first;
  }

  /// Puts one entry of a tree at `path`; as a hard link if `first` is another path.
  private void put(Selected from, SourceEntry source, ArchivePath path, ArchivePath first)
      throws IOException {
    checkReplaced(path, source.isDirectory());
    var entry = entry(source, path, first);
    draft.add(entry, entry.isFile() ? new Copied(from.tree().later(source)) : Content.none(), null);
    destination.touch(path.parent(), source.mtime());
  }

  /// What a file of a tree holds.
  private record Copied(LaterFile file) implements Content {

    @Override
    public Digest digest() throws IOException {
      return file.digest();
    }

    @Override
    public InputStream open() throws IOException {
      return file.open();
    }
  }

  private TarEntry entry(SourceEntry source, ArchivePath path, ArchivePath first) {
    boolean linked = !first.equals(path);
    var who = ownerOr(new Accounts.Owner(source.uid(), source.gid()));
    return new TarEntry(
        path,
        linked ? TarEntry.Type.HARDLINK : source.type(),
        source.isSymlink() ? 0777 : mode(source.mode(), source.isDirectory()),
        who.uid(),
        who.gid(),
        linked ? 0 : source.size(),
        source.mtime(),
        source.link(),
        linked ? first : ArchivePath.ROOT,
        source.major(),
        source.minor(),
        linked ? new TreeMap<>() : source.xattrs());
  }

  private int mode(int own, boolean directory) {
    return step.chmod().map(chmod -> chmod.applyTo(own, directory)).orElse(own);
  }

  /// A directory merges with a directory only; it replaces neither a file nor a link, and nothing
  /// but a directory replaces one (moby/moby#47367).
  private void checkReplaced(ArchivePath path, boolean directory) {
    var existing = destination.find(path);
    if (existing.isEmpty() || existing.get().isDirectory() == directory) {
      return;
    }
    var entry = existing.get();
    if (!directory) {
      throw destination
          .failure("cannot copy a file onto /" + path.printable() + ", which is a directory")
          .hint("end the destination with a slash to put the file into it");
    }
    if (entry.type() == TarEntry.Type.SYMLINK) {
      throw destination
          .failure(
              "cannot copy a directory onto /"
                  + path.printable()
                  + ", which is a link to "
                  + Printable.of(entry.link()))
          .hint("copy its contents to the directory that the link leads to");
    }
    throw destination.failure(
        "cannot copy a directory onto /" + path.printable() + ", which is no directory");
  }

  /// Entries keep what the archive says of them, but for the owner if `--chown` is given; links in
  /// the way are followed inside the destination (case 33), directories merge, everything else is
  /// replaced.
  private void archive(Piece.Archive archive) throws IOException {
    destination.makeDirectory(place.path(), PARENT_MODE, owner);
    if (!archive.index().hidden().isEmpty() || !archive.index().opaque().isEmpty()) {
      throw destination.failure(
          archive.selected().source().printable()
              + " holds names that begin with .wh., which no image can have");
    }
    var inside = below.subtree(place.path());
    Map<Object, ArchivePath> names = new HashMap<>();
    try {
      for (var node : inside.place(archive.digest(), archive.index())) {
        extract(archive, node, names);
      }
    } catch (TarFormatException e) {
      throw destination.failure(archive.selected().source().printable() + ": " + e.getMessage());
    }
  }

  /// The entry of an archive without the attributes that no layer may have (cases 15 and 18).
  private static TarEntry entry(TarEntry inner, ArchivePath path) {
    var xattrs = new TreeMap<>(inner.xattrs());
    xattrs.keySet().removeIf(name -> !XattrName.isPortable(name));
    return new TarEntry(
        path,
        inner.type(),
        inner.mode(),
        inner.uid(),
        inner.gid(),
        inner.size(),
        inner.mtime(),
        inner.link(),
        inner.hardLink(),
        inner.major(),
        inner.minor(),
        xattrs);
  }

  private void extract(Piece.Archive archive, ViewEntry node, Map<Object, ArchivePath> names) {
    var inner = node.entry();
    if (inner.path().isRoot()) {
      return; // the destination stays as it is
    }
    var path = place.path().resolve(inner.path());
    var rootOr = Optional.of(ownerOr(Accounts.Owner.ROOT));
    destination.makeDirectory(path.parent(), PARENT_MODE, rootOr);
    var first = inner.isDirectory() ? null : names.putIfAbsent(node.file(), path);
    var entry = first == null ? entry(inner, path) : TarEntry.hardLink(path, first, inner);
    if (owner.isPresent()) {
      entry = entry.withOwner(owner.get().uid(), owner.get().gid());
    }
    boolean file = entry.isFile();
    boolean own = archive.digest().equals(node.layer());
    Content content =
        !file
            ? Content.none()
            : own
                ? () -> archive.tar().open(node.offset(), inner.size())
                : () -> layers.content(node);
    draft.add(entry, content, file ? node.digest() : null);
    destination.touch(path.parent(), entry.mtime());
  }
}
