package dev.jbuild.build;

import dev.jbuild.context.LocalContext;
import dev.jbuild.context.SourceTree;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.http.WebAddress;
import dev.jbuild.linux.Directory;
import dev.jbuild.store.Store;
import dev.jbuild.tar.ArchivePath;
import dev.jbuild.tar.Compression;
import dev.jbuild.tar.TarFormatException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/// Opens the contexts of builds, wherever they are. What is fetched is in the store; an archive
/// lies there as a plain tar while the build lasts, and is never unpacked.
public final class ContextOpener {

  /// A longer archive is refused (reliability case 144: a stream without end).
  private static final long LONGEST = 64L << 30;

  /// A longer Dockerfile is refused by its reader.
  private static final int LONGEST_DOCKERFILE = (64 << 20) + 1;

  private static final String DOWNLOAD = "context";

  private final Store store;
  private final Remotes remotes;
  private final InputStream input;
  private final Consumer<String> notices;

  /// @param input standard input; read only for a context that is there
  /// @param notices is told what is being waited for
  public ContextOpener(Store store, Remotes remotes, InputStream input, Consumer<String> notices) {
    this.store = store;
    this.remotes = remotes;
    this.input = input;
    this.notices = notices;
  }

  /// Opens the context at `place`; the caller closes it.
  ///
  /// @param dockerfile where it lies, if it is a file of this machine: its ignore file counts
  /// @throws BuildFailure CONTEXT if it is not there or no context
  public BuildContext open(ContextPlace place, Optional<Path> dockerfile)
      throws IOException, InterruptedException {
    return switch (place) {
      case ContextPlace.Directory(var path) -> directory(path, dockerfile);
      case ContextPlace.Archive(var file) -> archive(file);
      case ContextPlace.StandardInput _ -> sniffed(input, "standard input", "-");
      case ContextPlace.Web(var url) -> web(url);
      case ContextPlace.Git(var reference) -> {
        notices.accept("fetching " + reference.printable());
        var fetched = remotes.repositories().fetch(reference);
        yield BuildContext.of(fetched.tree(), reference.printable()).at(fetched.time());
      }
    };
  }

  private BuildContext directory(Path path, Optional<Path> dockerfile) throws IOException {
    try (var root = Directory.open(store.root())) {
      var local =
          LocalContext.open(
              path,
              dockerfile,
              store.root().resolve("cache").resolve("stat"),
              Optional.of(root.stat()));
      return BuildContext.of(local, path.toString());
    }
  }

  private BuildContext archive(Path file) throws IOException {
    var shown = Printable.of(file.toString());
    try (var in = Files.newInputStream(file)) {
      var context = sniffed(in, shown, file.toString());
      if (context.dockerfile().isPresent()) {
        throw BuildFailure.of(BuildFailure.Kind.CONTEXT, "the context " + shown + " is no archive")
            .hint("name a directory or a tar as the context, and the Dockerfile with -f");
      }
      return context;
    } catch (AccessDeniedException e) {
      throw BuildFailure.of(
          BuildFailure.Kind.CONTEXT, "the context " + shown + " cannot be read", e);
    }
  }

  private BuildContext web(String url) throws IOException, InterruptedException {
    notices.accept("fetching " + WebAddress.redacted(WebAddress.parse(url)));
    return opened(remotes.downloads().fetch(url, DOWNLOAD, Optional.empty()), url);
  }

  /// As old as the server says, else as the newest file of the archive.
  private BuildContext opened(SourceTree download, String url) throws IOException {
    var file = download.lookup(ArchivePath.of(DOWNLOAD)).orElseThrow();
    try (var in = download.open(file)) {
      var context = sniffed(in, "the context", url);
      if (file.mtime() != 0) {
        return context.at(file.mtime());
      }
      var newest = ContextTree.newest(context.tree());
      return newest.isPresent() ? context.at(newest.getAsLong()) : context;
    }
  }

  /// The time of a file on a web server: as that says, else of the newest file in it if it is an
  /// archive, else none.
  ///
  /// @param checksum `sha256:…` that it must have
  OptionalLong time(String url, Optional<String> checksum)
      throws IOException, InterruptedException {
    var download = remotes.downloads().fetch(url, DOWNLOAD, checksum);
    long said = download.lookup(ArchivePath.of(DOWNLOAD)).orElseThrow().mtime();
    if (said != 0) {
      return OptionalLong.of(said);
    }
    try (var context = opened(download, url)) {
      return context.time();
    } catch (BuildFailure _) {
      return OptionalLong.empty(); // not an archive
    }
  }

  /// An archive, or a Dockerfile alone.
  private BuildContext sniffed(InputStream stream, String shown, String name) throws IOException {
    var in = new BufferedInputStream(new Bounded(stream, shown), 1 << 16);
    in.mark(PlainTarFile.HEAD);
    var head = in.readNBytes(PlainTarFile.HEAD);
    in.reset();
    var compression = Compression.detect(head);
    if (compression == Compression.NONE && !PlainTarFile.isTar(head)) {
      return BuildContext.ofDockerfile(in.readNBytes(LONGEST_DOCKERFILE), name);
    }
    var file = store.makeTemporaryDirectory().resolve("context.tar");
    try {
      var tar = PlainTarFile.inflate(compression, in, file);
      return BuildContext.of(ContextTree.of(tar, shown), name);
    } catch (TarFormatException e) {
      throw BuildFailure.of(
          BuildFailure.Kind.CONTEXT, shown + " cannot be used as a context: " + e.getMessage(), e);
    } catch (IOException e) {
      throw store.explain(e);
    }
  }

  /// A stream that fails where it becomes longer than any context.
  private static final class Bounded extends InputStream {
    private final InputStream in;
    private final String shown;
    private long left = LONGEST;

    Bounded(InputStream in, String shown) {
      this.in = in;
      this.shown = shown;
    }

    @Override
    public int read() throws IOException {
      var one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      int n = in.read(into, offset, length);
      left -= Math.max(n, 0);
      if (left < 0) {
        throw BuildFailure.of(BuildFailure.Kind.CONTEXT, shown + " is longer than 64 GiB");
      }
      return n;
    }
  }
}
