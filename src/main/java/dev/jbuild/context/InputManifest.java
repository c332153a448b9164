package dev.jbuild.context;

import dev.jbuild.failure.Utf8;
import dev.jbuild.image.Digest;
import dev.jbuild.tar.ArchivePath;
import dev.jbuild.tar.TarEntry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/// What went into a COPY, file by file: enough to tell whether the same goes in again, and if not,
/// what is different.
///
/// Of each file: the name under which it is copied, type, mode and owner as the image will have
/// them, content digest, link target, device numbers, extended attributes, with which other name it
/// is one file, and whether it comes along only for what is in it. No times, and no names of the
/// places that it came from. The same input gives the same bytes; different input gives different
/// bytes. Immutable.
public final class InputManifest {

  private static final byte[] MAGIC = "jbinput2\n".getBytes(StandardCharsets.US_ASCII);

  /// How each type is written: its place in this list, for ever.
  static final List<TarEntry.Type> TYPES =
      List.of(
          TarEntry.Type.FILE,
          TarEntry.Type.DIRECTORY,
          TarEntry.Type.SYMLINK,
          TarEntry.Type.CHARACTER,
          TarEntry.Type.BLOCK,
          TarEntry.Type.FIFO);

  /// Is set in the type of what is [Found#onlyForBelow].
  static final int ONLY_FOR_BELOW = 0x80;

  private static final int PIECE = 1 << 16;
  private static final byte[] NO_TWIN = {};

  /// From so many bytes on it pays to look for the same manifest before it is hashed: as long as
  /// SHA-256 is not compiled it takes 20 ms a megabyte.
  private static final int LONG = 128 << 10;

  private final List<ArchivePath> labels;

  /// In pieces, as it was made: there may be a million files.
  private final List<ByteBuffer> body;

  private final int length;

  private InputManifest(List<ArchivePath> labels, List<ByteBuffer> body) {
    this.labels = List.copyOf(labels);
    this.body = List.copyOf(body);
    this.length = body.stream().mapToInt(ByteBuffer::limit).reduce(0, Math::addExact);
  }

  /// What one match of a source brought.
  ///
  /// @param label what to show before the paths; no part of the content key
  /// @param contents whether it is what a directory holds; else a file, or a kept path
  /// @param items read while they are asked for; all of them before those of the next section
  record Section(ArchivePath label, boolean contents, ManifestItems items) {}

  /// One file.
  ///
  /// @param content digest of a file (32 bytes), target of a link, numbers of a device
  /// @param twin the first name of the same file, in the form `section/path`; empty if there is
  ///     no earlier one
  /// @param onlyForBelow as in [Found]
  record Item(
      ArchivePath path,
      TarEntry.Type type,
      int mode,
      long uid,
      long gid,
      byte[] content,
      SortedMap<String, byte[]> xattrs,
      String twin,
      boolean onlyForBelow) {

    boolean isSame(Item other) {
      return isSameFile(other)
          && mode == other.mode
          && uid == other.uid
          && gid == other.gid
          && onlyForBelow == other.onlyForBelow;
    }

    boolean isSameFile(Item other) {
      return type == other.type
          && Arrays.equals(content, other.content)
          && twin.equals(other.twin)
          && hasSameXattrs(other);
    }

    boolean hasSameXattrs(Item other) {
      return TarEntry.sameXattrs(xattrs, other.xattrs);
    }
  }

  /// Collects the matches of one instruction, in their order, as bytes: there may be a million
  /// files. Not for several threads.
  public static final class Draft {
    private final List<ArchivePath> labels = new ArrayList<>();
    private final ByteSink out = new ByteSink();
    private final IdentityHashMap<SourceTree, Map<HardLinkKey, String>> twins =
        new IdentityHashMap<>();

    /// What is added from here on is not hard-linked to anything before.
    public Draft apart() {
      twins.clear();
      return this;
    }

    /// Adds all that `selected` copies; reads what is not known yet.
    ///
    /// @param asImage gives an entry the mode and owner that the image will have
    public Draft add(Selected selected, UnaryOperator<SourceEntry> asImage) throws IOException {
      var found = selected.all();
      var files = new ArrayList<SourceEntry>(found.size());
      for (var each : found) {
        if (each.entry().isFile()) {
          files.add(each.entry());
        }
      }
      var hashes = selected.tree().hashes(files).iterator();
      out.putByte(selected.target().isRoot() ? 1 : 0);
      out.putVarint(found.size());
      var before = new byte[0];
      for (var file : found) {
        before = add(file, selected.tree(), asImage, hashes, before);
      }
      labels.add(selected.base());
      return this;
    }

    /// Adds one file. (A loop over all files is run once, and so never compiled; what it calls is.)
    private byte[] add(
        Found file,
        SourceTree tree,
        UnaryOperator<SourceEntry> asImage,
        Iterator<byte[]> hashes,
        byte[] before) {
      var entry = asImage.apply(file.entry());
      var content = entry.isFile() ? hashes.next() : contentOf(entry);
      return write(out, file, entry, content, twin(tree, file), before);
    }

    /// A twin is told by an earlier name in this manifest, so it does not matter which names of
    /// the file were left out, or what its number is.
    private String twin(SourceTree tree, Found file) {
      var key = file.entry().hardLinkKey();
      if (key.isEmpty()) {
        return "";
      }
      var name = labels.size() + "/" + file.path();
      var first = twins.computeIfAbsent(tree, _ -> new HashMap<>()).putIfAbsent(key.get(), name);
      return first == null ? "" : first;
    }

    public InputManifest finish() {
      var head = new ByteSink();
      head.putVarint(labels.size());
      var body = new ArrayList<>(head.buffers());
      body.addAll(out.buffers());
      return new InputManifest(labels, body);
    }
  }

  private static byte[] contentOf(SourceEntry entry) {
    return switch (entry.type()) {
      case SYMLINK -> entry.link();
      case CHARACTER, BLOCK -> {
        var numbers = new ByteSink();
        numbers.putVarint(entry.major());
        numbers.putVarint(entry.minor());
        yield numbers.toBytes();
      }
      case FILE, DIRECTORY, FIFO, HARDLINK -> new byte[0];
    };
  }

  /// The digest of all that matters: equal exactly when the same goes in.
  public Digest contentKey() {
    var hash = Digest.sha256();
    for (var piece : body) {
      hash.update(piece.duplicate());
    }
    return Digest.ofHash(hash.digest());
  }

  /// How many files it lists.
  public int size() {
    int size = 0;
    for (var sections = sections(); sections.hasNext(); ) {
      for (var items = sections.next().items; items.hasNext(); items.skip()) {
        size++;
      }
    }
    return size;
  }

  /// The manifest as bytes, for [#parse].
  public byte[] bytes() {
    var out = new ByteArrayOutputStream(length + 1024);
    try {
      writeTo(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not fail so
    }
    return out.toByteArray();
  }

  /// Writes [#bytes] to `out`.
  public void writeTo(OutputStream out) throws IOException {
    for (var part : parts()) {
      for (int at = 0; at < part.limit(); ) {
        var piece = new byte[Math.min(PIECE, part.limit() - at)];
        part.get(at, piece);
        out.write(piece);
        at += piece.length;
      }
    }
  }

  private List<ByteBuffer> parts() {
    var head = new ByteSink();
    head.put(MAGIC);
    head.putVarint(length);
    var names = new ByteSink();
    labels.forEach(label -> names.putSized(label.bytes()));
    var parts = new ArrayList<>(head.buffers());
    parts.addAll(body);
    parts.addAll(names.buffers());
    return parts;
  }

  /// Whether it is so long that comparing it with an earlier one is worth a file that is opened.
  public boolean isLong() {
    return length >= LONG;
  }

  /// Whether `in` gives exactly [#bytes], and ends.
  public boolean isIn(InputStream in) throws IOException {
    var piece = new byte[PIECE];
    for (var part : parts()) {
      for (int at = 0; at < part.limit(); ) {
        int count = Math.min(PIECE, part.limit() - at);
        int read = in.readNBytes(piece, 0, count);
        if (!part.slice(at, count).equals(ByteBuffer.wrap(piece, 0, read))) {
          return false;
        }
        at += count;
      }
    }
    return in.read() < 0;
  }

  /// Reads what [#bytes] wrote.
  ///
  /// @throws IllegalArgumentException if the bytes are anything else
  public static InputManifest parse(byte[] bytes) {
    return parse(ByteBuffer.wrap(bytes));
  }

  /// The same; the bytes are not copied, and are not to be changed.
  public static InputManifest parse(ByteBuffer bytes) {
    var in = new ByteSource(bytes, 0, bytes.limit());
    if (!Arrays.equals(in.get(MAGIC.length), MAGIC)) {
      throw new IllegalArgumentException("no manifest of inputs");
    }
    long length = in.getVarint();
    int start = in.position();
    in.skip(length);
    var labels = new ArrayList<ArchivePath>();
    while (!in.isAtEnd()) {
      labels.add(ArchivePath.of(in.getSized()));
    }
    var manifest = new InputManifest(labels, List.of(bytes.slice(start, (int) length)));
    var _ = manifest.size(); // all of it can be read
    return manifest;
  }

  private ByteBuffer whole() {
    if (body.size() == 1) {
      return body.getFirst();
    }
    var all = ByteBuffer.allocate(length);
    body.forEach(piece -> all.put(piece.duplicate()));
    return all.flip();
  }

  private Iterator<Section> sections() {
    var records = new ByteSource(whole(), 0, length);
    if (records.getVarint() != labels.size()) {
      throw new IllegalArgumentException("a manifest without labels");
    }
    return labels.stream()
        .map(label -> new Section(label, records.getByte() == 1, ManifestItems.in(records)))
        .iterator();
  }

  /// A path is written as how much of the one before it begins with, and the rest.
  ///
  /// @param entry of the file as it is in the image
  private static byte[] write(
      ByteSink out, Found file, SourceEntry entry, byte[] content, String twin, byte[] before) {
    var path = file.path().bytes();
    int shared = Arrays.mismatch(path, before);
    shared = shared < 0 ? path.length : shared;
    out.putVarint(shared);
    out.putVarint(path.length - (long) shared);
    out.put(path, shared, path.length - shared);
    out.putByte(TYPES.indexOf(entry.type()) | (file.onlyForBelow() ? ONLY_FOR_BELOW : 0));
    out.putShort(entry.mode());
    out.putVarint(entry.uid());
    out.putVarint(entry.gid());
    out.putSized(content);
    out.putVarint(entry.xattrs().size());
    if (!entry.xattrs().isEmpty()) {
      for (var attribute : entry.xattrs().entrySet()) {
        out.putSized(Utf8.encode(attribute.getKey()));
        out.putSized(attribute.getValue());
      }
    }
    out.putSized(twin.isEmpty() ? NO_TWIN : Utf8.encode(twin));
    return path;
  }

  /// What is different in `now`, in the order of its sources and their files.
  ///
  /// A file that several sources bring is told for each.
  public static List<InputChange> diff(InputManifest before, InputManifest now) {
    var changes = new ArrayList<InputChange>();
    diff(before, now, changes::add);
    return changes;
  }

  /// The same, one after the other: there may be a million.
  public static void diff(InputManifest before, InputManifest now, Consumer<InputChange> to) {
    var old = before.sections();
    var current = now.sections();
    while (old.hasNext() || current.hasNext()) {
      InputChange.compare(next(old), next(current), to);
    }
  }

  private static Section next(Iterator<Section> sections) {
    return sections.hasNext()
        ? sections.next()
        : new Section(ArchivePath.ROOT, true, ManifestItems.none());
  }
}
