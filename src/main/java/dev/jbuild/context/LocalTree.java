package dev.jbuild.context;

import dev.jbuild.image.Digest;
import dev.jbuild.linux.Directory;
import dev.jbuild.linux.FileStat;
import dev.jbuild.linux.FileType;
import dev.jbuild.tar.ArchivePath;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntPredicate;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A directory of the host as COPY sees it: without what the ignore rules leave out, everything
/// owned by 0:0 whatever the disk says.
///
/// What was seen once is remembered, so every step of a build sees the same. Nothing that is left
/// out is touched, nothing but directories and regular files is opened, no link is followed. With
/// a warm [StatCache] no file is opened at all.
public final class LocalTree implements SourceTree {

  /// After so many names it is asked whether to go on.
  private static final int SOME = 100;

  private final HostFiles files;
  private final IgnoreRules rules;
  private final StatCache cache;
  private final long openedAt;
  private final LookedAt count = new LookedAt();
  private final FileHashes hashes;
  private final Map<ArchivePath, Listing> listings = new ConcurrentHashMap<>();
  private final Map<ArchivePath, Optional<SourceEntry>> looked = new ConcurrentHashMap<>();
  private final Map<ArchivePath, Boolean> shown = new ConcurrentHashMap<>();
  private final Map<ArchivePath, ReadAhead> readings = new ConcurrentHashMap<>();
  private final TreeSet<ArchivePath> sockets = new TreeSet<>();
  private final LongSupplier clock;

  private volatile boolean isSaved;

  /// What lists all of it before anybody asks.
  private volatile @Nullable ReadAhead ahead;

  /// @param root stays the caller's, and open as long as the tree is used
  /// @param hidden a directory that is not part of the tree wherever it lies: the store
  public LocalTree(Directory root, IgnoreRules rules, StatCache cache, Optional<FileStat> hidden) {
    this(root, rules, cache, hidden, System.currentTimeMillis(), System::nanoTime);
  }

  /// @param openedAt the time now, in milliseconds: what changes after it is not remembered
  /// @param clock in nanoseconds, of how old a listing is
  LocalTree(
      Directory root,
      IgnoreRules rules,
      StatCache cache,
      Optional<FileStat> hidden,
      long openedAt,
      LongSupplier clock) {
    this.files = new HostFiles(root, cache, hidden);
    this.clock = clock;
    this.rules = rules;
    this.cache = cache;
    this.openedAt = openedAt;
    this.hashes = new FileHashes(files, count);
  }

  private void noteIfSocket(SourceEntry entry) {
    if (((LocalFile) entry.origin()).isSocket()) {
      synchronized (sockets) {
        sockets.add(entry.path());
      }
    }
  }

  /// A sentence for each socket that was asked for, in the order of the paths.
  public List<String> warnings() {
    synchronized (sockets) {
      return sockets.stream()
          .map(
              path ->
                  path.printable()
                      + " is a socket, which no image can hold: it becomes an empty file")
          .toList();
    }
  }

  @Override
  public Optional<SourceEntry> lookup(ArchivePath path) throws IOException {
    Verdict decision = decide(path);
    boolean excluded = rules.excludes(decision);
    if (excluded && !rules.mayContainIncluded(decision, path.toString())) {
      return Optional.empty();
    }
    var entry = existing(path);
    boolean visible =
        entry.isPresent() && (!excluded || (entry.get().isDirectory() && shows(path)));
    if (!visible) {
      return Optional.empty();
    }
    noteIfSocket(entry.get());
    return entry;
  }

  /// What the rules say of `path`; what was found out about the directory above is not repeated.
  private Verdict decide(ArchivePath path) {
    if (rules.isEmpty() || path.isRoot()) {
      return Verdict.NONE;
    }
    var above = listings.get(path.parent());
    var begun = ahead;
    if (above == null && begun != null) {
      above = begun.guessed(path.parent()); // what the rules say of it does not age
    }
    return above == null
        ? rules.decide(path)
        : rules.in(path.parent(), above.decision()).decide(path.name());
  }

  @Override
  public List<SourceEntry> list(ArchivePath directory) throws IOException {
    var listing = listings.get(directory);
    boolean visible =
        listing == null
            ? lookup(directory).filter(SourceEntry::isDirectory).isPresent()
            : !rules.excludes(listing.decision()) || shows(directory);
    return visible ? visible(scan(directory)) : List.of();
  }

  private List<SourceEntry> visible(Listing listing) throws IOException {
    if (listing.doubtful().isEmpty()) {
      return listing.entries();
    }
    var dropped = new HashSet<ArchivePath>();
    for (var entry : listing.doubtful()) {
      if (!shows(entry.path())) {
        dropped.add(entry.path());
      }
    }
    return listing.entries().stream().filter(e -> !dropped.contains(e.path())).toList();
  }

  @Override
  public Optional<IgnoreRules.Rule> leftOutBy(ArchivePath path) throws IOException {
    Verdict decision = rules.decide(path);
    return rules.excludes(decision) && existing(path).isPresent()
        ? rules.rule(decision)
        : Optional.empty();
  }

  @Override
  public boolean hasRules() {
    return !rules.isEmpty();
  }

  @Override
  public void watch(Watcher watcher) {
    count.watch(watcher);
  }

  @Override
  public void expect(ArchivePath directory) throws IOException {
    if (lookup(directory).filter(SourceEntry::isDirectory).isPresent()) {
      reading(directory).read();
    }
  }

  private ReadAhead reading(ArchivePath directory) {
    return readings.computeIfAbsent(
        directory,
        each -> {
          var begun = each.isRoot() ? ahead : null;
          if (begun != null && begun.isFresh()) {
            return begun;
          }
          if (begun != null) {
            begun.end();
          }
          return new ReadAhead(this, each, clock);
        });
  }

  /// Begins to list all of it on a thread of its own, for whoever asks soon. Not all of a large
  /// tree; what cannot be read is told when it is asked for. Nothing of it is to be seen
  /// before it is asked for, nor if that is later than [ReadAhead#GOOD_FOR].
  ReadAhead begin() {
    var begun = new ReadAhead(this, ArchivePath.ROOT, clock);
    ahead = begun;
    begun.begin();
    return begun;
  }

  /// Ends what [#begin] began: nothing is read any more when this returns.
  void stop() {
    var begun = ahead;
    if (begun != null) {
      begun.stop();
    }
  }

  @Override
  public Digest digest(SourceEntry file) throws IOException {
    return Digest.ofHash(hashes.of(List.of(file)).getFirst());
  }

  @Override
  public List<Digest> digests(List<SourceEntry> wanted) throws IOException {
    return hashes.of(wanted).stream().map(Digest::ofHash).toList();
  }

  @Override
  public List<byte[]> hashes(List<SourceEntry> wanted) throws IOException {
    return hashes.of(wanted);
  }

  @Override
  public InputStream open(SourceEntry file) throws IOException {
    return ((LocalFile) file.origin()).isSocket()
        ? InputStream.nullInputStream()
        : new CheckedFileStream(file, files.openFile(file));
  }

  /// If nothing new was learned nothing is written.
  @Override
  public void save() throws IOException {
    stop();
    if (isSaved || (!files.hasLearned() && !hashes.hasLearned())) {
      return;
    }
    var asked = new HashMap<ArchivePath, Boolean>();
    Iterable<SourceEntry> worthy = () -> seen().filter(this::isLasting).iterator();
    cache.save(
        worthy,
        directory -> !listings.containsKey(directory) && mayBeThere(directory, asked),
        path -> looked.getOrDefault(path, Optional.empty()).isEmpty());
    isSaved = true;
  }

  /// All that was looked at, and the directory itself. What was looked for in vain would be a new
  /// name in one of these.
  ///
  /// @return empty if it is more than `most` files
  Optional<Evidence> evidence(int most) throws IOException {
    int count = listings.values().stream().mapToInt(listing -> listing.entries().size()).sum();
    if (count > most) {
      return Optional.empty();
    }
    var evidence = new Evidence(openedAt, files.rootEntry());
    for (var listing : listings.values()) {
      listing.entries().forEach(evidence::add);
    }
    for (var entry : looked.values()) {
      if (entry.isPresent() && !entry.get().path().isRoot() && !isListed(entry.get().path())) {
        evidence.add(entry.get());
      }
    }
    return Optional.of(evidence);
  }

  /// Whether `directory` may be one still. The disk is asked for the first name on the way to it
  /// that was not met. What is left out is not touched, and taken to be there.
  ///
  /// @param asked what the disk said before
  private boolean mayBeThere(ArchivePath directory, Map<ArchivePath, Boolean> asked) {
    var text = directory.bytes();
    for (int end = 1; end <= text.length; end++) {
      if (end < text.length && text[end] != '/') {
        continue;
      }
      var path = ArchivePath.of(text, 0, end);
      var listing = listings.get(path.parent());
      var entry = listing == null ? looked.get(path) : listing.find(path);
      if (entry == null || entry.isEmpty()) {
        return rules.excludes(decide(path))
            || (entry == null && asked.computeIfAbsent(path, files::mayBeDirectory));
      }
      if (!entry.get().isDirectory()) {
        return false;
      }
    }
    return true;
  }

  /// Every entry once.
  private Stream<SourceEntry> seen() {
    var listed = listings.values().stream().flatMap(listing -> listing.entries().stream());
    var others =
        looked.values().stream().flatMap(Optional::stream).filter(e -> !isListed(e.path()));
    return Stream.concat(listed, others);
  }

  private boolean isListed(ArchivePath path) {
    return !path.isRoot() && listings.containsKey(path.parent());
  }

  private boolean isLasting(SourceEntry entry) {
    return (entry.isFile() || entry.isDirectory())
        && ((LocalFile) entry.origin()).isOlderThan(openedAt);
  }

  /// What is at `path`, ignore rules or not; nothing below a link.
  private Optional<SourceEntry> existing(ArchivePath path) throws IOException {
    if (looked.containsKey(path) || listings.containsKey(path.parent())) {
      return remembered(path); // then all above it is known to be directories
    }
    var text = path.bytes();
    for (int i = 0; i < text.length; i++) {
      if (text[i] == '/') {
        var parent = ArchivePath.of(Arrays.copyOf(text, i));
        if (remembered(parent).filter(SourceEntry::isDirectory).isEmpty()) {
          return Optional.empty();
        }
      }
    }
    return remembered(path);
  }

  /// The entry at `path`, whose parent is a directory.
  private Optional<SourceEntry> remembered(ArchivePath path) throws IOException {
    var listing = path.isRoot() ? null : listings.get(path.parent());
    var known = listing == null ? Optional.<SourceEntry>empty() : listing.find(path);
    if (known.isPresent()) {
      return known;
    }
    var before = looked.get(path);
    if (before != null) {
      return before;
    }
    var found = path.isRoot() ? Optional.of(files.rootEntry()) : files.entry(path);
    synchronized (looked) { // see adopt
      var meanwhile = path.isRoot() ? null : listings.get(path.parent());
      var listed = meanwhile == null ? Optional.<SourceEntry>empty() : meanwhile.find(path);
      if (listed.isPresent()) {
        return listed;
      }
      var first = looked.putIfAbsent(path, found);
      return first == null ? found : first;
    }
  }

  /// Lists `directory`, which is one, unless that was done before.
  private Listing scan(ArchivePath directory) throws IOException {
    var known = listings.get(directory);
    return known != null
        ? known
        : adopt(directory, Objects.requireNonNull(listed(directory, _ -> false)));
  }

  /// Makes `listing` what `directory` shows from now on, unless it has one. What was looked up
  /// before stays what it was.
  ///
  /// @return what it shows
  Listing adopt(ArchivePath directory, Listing listing) {
    Listing adopted;
    synchronized (looked) { // nothing else is looked up before it counts
      var first = listings.get(directory);
      if (first != null) {
        return first;
      }
      adopted = listing.as(looked);
      listings.put(directory, adopted);
    }
    for (var entry : adopted.entries()) {
      noteIfSocket(entry);
    }
    count.list(adopted.entries().size());
    return adopted;
  }

  /// What `directory`, which is one, shows or would show: nobody sees it before it is adopted.
  ///
  /// @param givesUp asked now and then, with how many names were looked at, whether to end early
  /// @return null if it did
  @Nullable Listing listed(ArchivePath directory, IntPredicate givesUp) throws IOException {
    var known = listings.get(directory);
    var begun = ahead;
    if (known == null && begun != null && begun.isFresh()) {
      known = begun.guessed(directory);
    }
    return known != null ? known : read(directory, givesUp);
  }

  private @Nullable Listing read(ArchivePath directory, IntPredicate givesUp) throws IOException {
    Verdict above = decide(directory);
    var inside = rules.in(directory, above);
    var doubtful = new ArrayList<SourceEntry>();
    List<SourceEntry> entries;
    try (var handle = files.open(directory)) {
      var names = handle.list();
      entries = new ArrayList<>(names.size());
      int seen = 0;
      for (var name : names) {
        if (seen++ % SOME == 0 && givesUp.test(seen)) {
          return null;
        }
        var path = directory.child(name.name());
        Verdict decision = inside.decide(name.name());
        boolean excluded = rules.excludes(decision);
        if (excluded && !mayBeShown(decision, path, name.type())) {
          continue;
        }
        var before = looked.get(path);
        var entry = before == null ? files.entry(handle, path, name.name()) : before;
        if (entry.isEmpty() || (excluded && !entry.get().isDirectory())) {
          continue;
        }
        entries.add(entry.get());
        if (excluded) {
          doubtful.add(entry.get());
        }
      }
    }
    entries.sort((one, other) -> one.path().compareTo(other.path()));
    return new Listing(above, List.copyOf(entries), List.copyOf(doubtful));
  }

  private boolean mayBeShown(Verdict decision, ArchivePath path, FileType type) {
    return (type == FileType.DIRECTORY || type == FileType.UNKNOWN)
        && rules.mayContainIncluded(decision, path.toString());
  }

  /// Whether `directory`, left out itself, has anything below it that is taken back in.
  private boolean shows(ArchivePath directory) throws IOException {
    var known = shown.get(directory);
    if (known != null) {
      return known;
    }
    var above = new ArrayDeque<ArchivePath>(); // the directories looked into, the deepest first
    var rest = new ArrayDeque<Iterator<SourceEntry>>();
    for (var next = directory; ; next = rest.peek().next().path()) {
      var listing = scan(next);
      if (listing.showsSomething() || shown.getOrDefault(next, false)) {
        above.push(next);
        above.forEach(path -> shown.put(path, true));
        return true;
      }
      above.push(next);
      rest.push(listing.doubtful().iterator());
      while (!rest.peek().hasNext()) {
        rest.pop();
        shown.put(above.pop(), false);
        if (rest.isEmpty()) {
          return false;
        }
      }
    }
  }
}
