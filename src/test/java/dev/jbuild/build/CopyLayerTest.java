package dev.jbuild.build;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.context.MemoryTree;
import dev.jbuild.context.Selection;
import dev.jbuild.context.SourceMatch;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Source;
import dev.jbuild.failure.Span;
import dev.jbuild.image.ContainerConfig;
import dev.jbuild.layer.Content;
import dev.jbuild.layer.LayerDraft;
import dev.jbuild.layer.LayerReader;
import dev.jbuild.layer.MergedView;
import dev.jbuild.plan.Chmod;
import dev.jbuild.plan.CopySource;
import dev.jbuild.plan.CopyStep;
import dev.jbuild.plan.Origin;
import dev.jbuild.plan.Step;
import dev.jbuild.store.Store;
import dev.jbuild.tar.ArchivePath;
import dev.jbuild.tar.TarEntry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The layer of a COPY: what is named in it, and as what.
class CopyLayerTest {

  private static final Span SPAN = new Span(new Source("Dockerfile", "COPY\n"), 1, 1, 1, 4);
  private static final MemoryTree CONTEXT =
      new MemoryTree(
          List.of(
              source("app.jar", 0644, 500),
              source("conf/a", 0600, 300),
              source("conf/b/c", 0755, 400)));

  @TempDir Path temp;
  private Store store;
  private MergedView below = new MergedView();
  private LayerReader layers;
  private Optional<Accounts.Owner> owner = Optional.empty();
  private Optional<Chmod> chmod = Optional.empty();

  @BeforeEach
  void open() throws IOException {
    store = Store.open(temp.resolve("store"));
    layers = new LayerReader(store);
    var draft = new LayerDraft(OptionalLong.empty());
    add(draft, TarEntry.directory(ArchivePath.of("usr"), 0755, 0, 0, 100));
    add(draft, TarEntry.directory(ArchivePath.of("usr/lib"), 0711, 7, 8, 100));
    add(draft, TarEntry.symlink(ArchivePath.of("lib"), "/usr/lib".getBytes(UTF_8), 0, 0, 100));
    add(draft, TarEntry.symlink(ArchivePath.of("loop"), "loop".getBytes(UTF_8), 0, 0, 100));
    add(draft, TarEntry.file(ArchivePath.of("file"), 0644, 0, 0, 0, 100));
    var base = draft.write(store);
    below = layers.view(List.of(base.diffId()));
  }

  @AfterEach
  void close() throws IOException {
    store.close();
  }

  private static MemoryTree.File source(String path, int mode, long mtime) {
    return new MemoryTree.File(ArchivePath.of(path), mode, mtime, path.getBytes(UTF_8));
  }

  private static void add(LayerDraft draft, TarEntry entry) {
    draft.add(entry, Content.none(), null);
  }

  private List<TarEntry> copy(String destination, String... sources) throws IOException {
    var step =
        new CopyStep(
            new Step.Head(SPAN, "COPY", Optional.empty(), ContainerConfig.EMPTY),
            false,
            List.of(new CopySource.Files("x", SPAN)),
            destination,
            new Origin.Context(),
            Optional.empty(),
            chmod,
            List.of(),
            false,
            false,
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    var pieces = new ArrayList<Piece>();
    for (var source : sources) {
      for (var match : Selection.of(List.of(source)).in(CONTEXT)) {
        var selected = ((SourceMatch.Matched) match).selected();
        selected.forEach(each -> pieces.add(new Piece.Files(each, pieces.size())));
      }
    }
    var times = new Times(Clock.systemUTC(), OptionalLong.empty());
    var draft = new CopyLayer(step, below, layers, times, owner).draft(pieces);
    return draft.write(store).index().entries().stream().map(each -> each.entry()).toList();
  }

  private static String words(List<TarEntry> entries) {
    var words = new ArrayList<String>();
    for (var each : entries) {
      words.add(
          "%s %o %d:%d @%d"
              .formatted(each.path(), each.mode(), each.uid(), each.gid(), each.mtime()));
    }
    return String.join(", ", words);
  }

  @Test
  void aFileGoesToItsNameUnderMissingParents() throws IOException {
    assertEquals(
        "opt 755 0:0 @500, opt/x 755 0:0 @500, opt/x/y.jar 644 0:0 @500",
        words(copy("/opt/x/y.jar", "app.jar")));
  }

  @Test
  void aFileGoesIntoADirectoryThatExistsAndThatStaysWhatItIs() throws IOException {
    var expected = "usr 755 0:0 @500, usr/lib 711 7:8 @500, usr/lib/app.jar 644 0:0 @500";

    assertEquals(expected, words(copy("/usr/lib", "app.jar")));
    assertEquals(expected, words(copy("/usr/lib/", "app.jar")));
  }

  @Test
  void linksInTheDestinationAreFollowedInsideTheImage() throws IOException {
    assertEquals(
        "usr 755 0:0 @500, usr/lib 711 7:8 @500, usr/lib/app.jar 644 0:0 @500",
        words(copy("/lib/", "app.jar")));
  }

  @Test
  void aDirectoryBringsItsContentsNotItself() throws IOException {
    assertEquals(
        "srv 755 0:0 @500, srv/a 600 0:0 @300, srv/b 755 0:0 @500, srv/b/c 755 0:0 @400",
        words(copy("/srv", "conf")));
  }

  @Test
  void chownAndChmodAreOfAllThatIsCopiedAndOfMadeParents() throws IOException {
    owner = Optional.of(new Accounts.Owner(5, 6));
    chmod = Optional.of(Chmod.parse("700"));

    assertEquals("opt 700 5:6 @500, opt/f 700 5:6 @500", words(copy("/opt/f", "app.jar")));
    assertTrue(words(copy("/usr/lib/f", "app.jar")).contains("usr/lib 711 7:8"));
  }

  @Test
  void severalSourcesNeedADirectory() throws IOException {
    assertThrows(BuildFailure.class, () -> copy("/opt", "app.jar", "conf/a"));
    assertEquals(3, copy("/opt/", "app.jar", "conf/a").size());
  }

  @Test
  void whatCannotBeReachedOrReplacedIsTold() {
    assertThrows(BuildFailure.class, () -> copy("/loop/x", "app.jar")); // 6
    assertThrows(BuildFailure.class, () -> copy("/file/x", "app.jar"));
    assertThrows(BuildFailure.class, () -> copy("/file", "conf"));
    var failure = assertThrows(BuildFailure.class, () -> copy("/file/", "app.jar"));
    assertEquals(SPAN, failure.where().orElseThrow());
  }
}
