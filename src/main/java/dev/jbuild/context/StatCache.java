package dev.jbuild.context;

import dev.jbuild.image.Digest;
import dev.jbuild.linux.Directory;
import dev.jbuild.linux.LinuxException;
import dev.jbuild.linux.Machine;
import dev.jbuild.linux.SmallFile;
import dev.jbuild.linux.Workers;
import dev.jbuild.tar.ArchivePath;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/// What is known of the files of one context from earlier builds: content digest and extended
/// attributes by path, valid as long as size, times, inode and device are what they were.
///
/// One file, read at once and replaced at once (several builds may; the last wins). A file that is
/// damaged, or of another version, is as good as none. Asking is safe for many threads.
public final class StatCache {

  private static final byte[] MAGIC = "jbstat3\n".getBytes(StandardCharsets.US_ASCII);

  /// At the end: how many records there are, and a checksum over all before it.
  private static final int TAIL = 8;

  private static final int CHECKSUM = 4;
  private static final int HASH = 32;

  // A record is its length, then: hash of the path (int), the file as LocalFile writes it, whether
  // the content digest is known (byte), the digest, the path, attributes.
  private static final int FILE_AT = 4;
  private static final int KNOWN_AT = FILE_AT + LocalFile.SIZE;
  private static final int HASH_AT = KNOWN_AT + 1;
  private static final int PATH_AT = HASH_AT + HASH;

  /// From this size on the file is mapped: of a million files it has more than 100 MB, too much for
  /// the heap. Nobody ever changes it. Below, mapping takes longer than reading.
  private static final long LARGE = 16 << 20;

  /// Up to this size, that of some hundred files, it is read sooner than a thread begins.
  private static final long SHORT = 64 << 10;

  /// How the name begins of a file that is being written.
  private static final String DRAFT = ".stat-";

  private static final int PERMISSIONS = 0600;

  private final Supplier<Records> records;

  /// What a file holds.
  ///
  /// @param file null if nothing is kept
  /// @param table where in `bytes` the records are, by the hash of their path, open addressing;
  ///     0 is free
  private record Records(@Nullable Path file, ByteBuffer bytes, int[] table) {
    static Records none(@Nullable Path file) {
      return new Records(file, ByteBuffer.allocate(0), new int[1]);
    }
  }

  private StatCache(Supplier<Records> records) {
    this.records = records;
  }

  private static StatCache of(Records records) {
    return new StatCache(() -> records);
  }

  /// What an unchanged file was known to have.
  ///
  /// @param hash SHA-256 of the content, if it was ever computed
  record Known(SortedMap<String, byte[]> xattrs, byte @Nullable [] hash) {}

  /// A cache that knows nothing and keeps nothing.
  public static StatCache none() {
    return of(Records.none(null));
  }

  /// The cache of the context `context` among those in `directory`. A different name of the same
  /// directory has a cache of its own.
  ///
  /// A long one is read on a thread of its own while the build begins.
  public static StatCache open(Path directory, Path context) {
    var file = directory.resolve(nameOf(context));
    long length = file.toFile().length();
    if (length <= SHORT) {
      return of(records(file, length));
    }
    var task = new FutureTask<>(() -> records(file, length));
    if (Workers.beside("stat-cache", task) == null) {
      task.run();
    }
    return new StatCache(() -> result(task));
  }

  private static String nameOf(Path context) {
    var name = context.toAbsolutePath().normalize().toString();
    return Digest.of(name.getBytes(StandardCharsets.UTF_8)).hex();
  }

  /// The cache in `file`, which need not exist.
  static StatCache load(Path file) {
    return of(records(file, file.toFile().length()));
  }

  /// It only saves work: what cannot be read is computed again.
  private static Records records(Path file, long length) {
    if (length == 0) {
      return Records.none(file); // most often there is none: the first build of this context
    }
    try {
      var bytes = content(file, length);
      return new Records(file, bytes, tableOf(bytes));
    } catch (IOException | IllegalArgumentException e) {
      return Records.none(file);
    }
  }

  private Records records() {
    return records.get();
  }

  /// Waits for what a task finds, also if this thread is interrupted.
  private static Records result(FutureTask<Records> task) {
    boolean isInterrupted = false;
    try {
      while (true) {
        try {
          return task.get();
        } catch (InterruptedException e) {
          isInterrupted = true;
        }
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException(e); // a bug
    } finally {
      if (isInterrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static ByteBuffer content(Path file, long length) throws IOException {
    if (length <= SHORT) {
      return ByteBuffer.wrap(SmallFile.bytes(file));
    }
    try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return content(channel);
    }
  }

  private static ByteBuffer content(FileChannel file) throws IOException {
    long size = file.size();
    if (size > LARGE) {
      return file.map(FileChannel.MapMode.READ_ONLY, 0, size);
    }
    // Outside of the heap: read without a copy, and not moved when garbage is collected.
    var bytes = ByteBuffer.allocateDirect((int) size);
    while (bytes.hasRemaining()) {
      if (file.read(bytes) < 0) {
        break;
      }
    }
    return bytes.flip();
  }

  private static int[] tableOf(ByteBuffer bytes) {
    int end = bytes.limit() - TAIL;
    if (end < MAGIC.length || !bytes.slice(0, MAGIC.length).equals(ByteBuffer.wrap(MAGIC))) {
      throw new IllegalArgumentException("no stat cache");
    }
    int summed = bytes.limit() - CHECKSUM;
    if (bytes.getInt(summed) != checksum(bytes, summed)) {
      throw new IllegalArgumentException("damaged");
    }
    int count = bytes.getInt(end);
    if (count < 0 || count > bytes.limit() / PATH_AT) {
      throw new IllegalArgumentException("damaged");
    }
    var table = new int[Integer.highestOneBit(Math.max(1, count)) * 4];
    int next = MAGIC.length;
    for (int i = 0; i < count; i++) {
      next = enter(bytes, next, end, table);
    }
    if (next != end) {
      throw new IllegalArgumentException("damaged");
    }
    return table;
  }

  /// Puts the record at `start` into the table.
  ///
  /// @return where the next one begins
  private static int enter(ByteBuffer bytes, int start, int end, int[] table) {
    int at = start + 4;
    int length = bytes.getInt(start);
    if (at + PATH_AT > end || length < PATH_AT || length > end - at) {
      throw new IllegalArgumentException("damaged");
    }
    int slot = slot(bytes.getInt(at), table);
    while (table[slot] != 0) {
      slot = (slot + 1) & (table.length - 1);
    }
    table[slot] = at;
    return at + length;
  }

  /// Where to look first. Names that count up have hashes that count up, and would be neighbours.
  private static int slot(int hash, int[] table) {
    int spread = hash * 0x9E3779B9;
    return (spread ^ spread >>> 15) & (table.length - 1);
  }

  private static int checksum(ByteBuffer bytes, int end) {
    var sum = new CRC32();
    sum.update(bytes.slice(0, end));
    return (int) sum.getValue();
  }

  /// What is known of `path` if it still is `file`; null if nothing is, or it changed.
  @Nullable Known find(ArchivePath path, LocalFile file) {
    var records = records();
    var bytes = records.bytes;
    var table = records.table;
    int hash = path.hashCode();
    for (int slot = slot(hash, table); table[slot] != 0; ) {
      int at = table[slot];
      if (bytes.getInt(at) == hash) {
        var in = new ByteSource(bytes, at + PATH_AT, bytes.limit() - TAIL);
        if (in.takes(path)) {
          var known = copy(bytes, at, PATH_AT);
          return file.isAt(known, FILE_AT) ? readKnown(known, in) : null;
        }
      }
      slot = (slot + 1) & (table.length - 1);
    }
    return null;
  }

  /// @param head a record up to its path
  /// @param in gives what follows the path
  private static Known readKnown(byte[] head, ByteSource in) {
    byte[] hash = head[KNOWN_AT] == 1 ? Arrays.copyOfRange(head, HASH_AT, HASH_AT + HASH) : null;
    long count = in.getVarint();
    if (count == 0) {
      return new Known(Collections.emptySortedMap(), hash);
    }
    var xattrs = new TreeMap<String, byte[]>();
    for (long i = 0; i < count; i++) {
      xattrs.put(new String(in.getSized(), StandardCharsets.UTF_8), in.getSized());
    }
    return new Known(xattrs, hash);
  }

  private static byte[] copy(ByteBuffer bytes, int from, int length) {
    var copy = new byte[length];
    bytes.get(from, copy);
    return copy;
  }

  /// Replaces the file by `entries` and those records of the old one that `keep` wants kept.
  /// `keepsIn` tells of directories whether anything in them is: not if all of it is among the
  /// entries, nor if they are gone. Entries must have a [LocalFile] as origin and be old enough
  /// ([LocalFile#isOlderThan]).
  void save(
      Iterable<SourceEntry> entries, Predicate<ArchivePath> keepsIn, Predicate<ArchivePath> keep)
      throws IOException {
    var file = records().file;
    if (file == null) {
      return;
    }
    var directory = file.toAbsolutePath().getParent();
    if (directory == null) {
      throw new IOException("no place for a stat cache: " + file);
    }
    Files.createDirectories(directory);
    try (var caches = Directory.open(directory)) {
      var draft = bytes(DRAFT + Machine.pid() + "-" + System.nanoTime());
      try (var out = caches.createFile(draft, PERMISSIONS)) {
        write(new Draft(out.outputStream()), entries, keepsIn, keep);
        caches.rename(draft, caches, bytes(String.valueOf(file.getFileName())));
      } catch (IOException | RuntimeException | Error e) {
        caches.removeTree(draft);
        throw e;
      }
      removeOldDrafts(caches);
    } catch (LinuxException e) {
      throw e.about(file);
    }
  }

  private static byte[] bytes(String name) {
    return name.getBytes(StandardCharsets.UTF_8);
  }

  /// A build that was killed while it wrote leaves its draft behind.
  private static void removeOldDrafts(Directory caches) throws IOException {
    long oldest = Instant.now().minus(Duration.ofDays(1)).getEpochSecond();
    for (var entry : caches.list()) {
      if (new String(entry.name(), StandardCharsets.UTF_8).startsWith(DRAFT)) {
        var draft = caches.stat(entry.name());
        if (draft.isPresent() && draft.get().mtime() < oldest) {
          caches.removeTree(entry.name()); // unless another build does so at the same time
        }
      }
    }
  }

  /// A file that is being written, a piece at a time: it may have more than 100 MB.
  private static final class Draft {
    private static final int PIECE = 128 << 10;

    private final OutputStream out;
    private final ByteSink next = new ByteSink();
    private final CRC32 sum = new CRC32();
    private int records;

    Draft(OutputStream out) {
      this.out = out;
      next.put(MAGIC);
    }

    void endRecord() throws IOException {
      records++;
      if (next.length() >= PIECE) {
        next.drainTo(out, sum);
      }
    }

    void finish() throws IOException {
      next.putInt(records);
      next.drainTo(out, sum);
      next.putInt((int) sum.getValue());
      next.writeTo(out);
    }
  }

  private void write(
      Draft out,
      Iterable<SourceEntry> entries,
      Predicate<ArchivePath> keepsIn,
      Predicate<ArchivePath> keep)
      throws IOException {
    for (var entry : entries) {
      write(out.next, entry);
      out.endRecord();
    }
    copyKept(out, keepsIn, keep);
    out.finish();
  }

  private static void write(ByteSink out, SourceEntry entry) {
    var local = (LocalFile) entry.origin();
    int start = out.length();
    out.putInt(0); // the length of the record, set below
    out.putInt(entry.path().hashCode());
    local.writeTo(out);
    var hash = local.hash();
    out.putByte(hash == null ? 0 : 1);
    out.put(hash == null ? new byte[HASH] : hash);
    out.putSized(entry.path().bytes());
    out.putVarint(entry.xattrs().size());
    for (var attribute : entry.xattrs().entrySet()) {
      out.putSized(attribute.getKey().getBytes(StandardCharsets.UTF_8));
      out.putSized(attribute.getValue());
    }
    out.setInt(start, out.length() - start - 4);
  }

  /// The records are walked in the order in which they stand: most of those that follow each other
  /// are in one directory.
  private void copyKept(Draft out, Predicate<ArchivePath> keepsIn, Predicate<ArchivePath> keep)
      throws IOException {
    var bytes = records().bytes;
    int end = bytes.limit() - TAIL;
    var directory = new byte[0];
    boolean keeps = keepsIn.test(ArchivePath.ROOT);
    for (int at = MAGIC.length + 4; at < end; ) {
      int length = bytes.getInt(at - 4);
      var path = new ByteSource(bytes, at + PATH_AT, end).getSized();
      int parent = ArchivePath.parentLength(path, path.length);
      if (!Arrays.equals(path, 0, parent, directory, 0, directory.length)) {
        directory = Arrays.copyOf(path, parent);
        keeps = keepsIn.test(ArchivePath.of(directory));
      }
      if ((keeps || path.length == 0) && keep.test(ArchivePath.of(path))) {
        out.next.putInt(length);
        out.next.put(copy(bytes, at, length));
        out.endRecord();
      }
      at += length + 4;
    }
  }
}
