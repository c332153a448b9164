package dev.jbuild.build;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jbuild.context.IgnoreRules;
import dev.jbuild.context.LocalTree;
import dev.jbuild.context.SourceTree;
import dev.jbuild.context.StatCache;
import dev.jbuild.dockerfile.Dockerfile;
import dev.jbuild.failure.Source;
import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageConfig;
import dev.jbuild.image.Platform;
import dev.jbuild.layer.Content;
import dev.jbuild.layer.LayerDraft;
import dev.jbuild.layer.LayerReader;
import dev.jbuild.layer.MergedView;
import dev.jbuild.layer.ViewEntry;
import dev.jbuild.linux.Directory;
import dev.jbuild.plan.ConfigStep;
import dev.jbuild.plan.CopyStep;
import dev.jbuild.plan.ImageRequest;
import dev.jbuild.plan.Origin;
import dev.jbuild.plan.Plan;
import dev.jbuild.plan.PlanRequest;
import dev.jbuild.plan.Planner;
import dev.jbuild.plan.Planning;
import dev.jbuild.plan.RunStep;
import dev.jbuild.plan.Step;
import dev.jbuild.plan.WorkdirStep;
import dev.jbuild.store.Store;
import dev.jbuild.tar.ArchivePath;
import dev.jbuild.tar.TarEntry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// A COPY, ADD or WORKDIR from its text to the files that are there afterwards: planned, its
/// sources found in a real context, its layer written and put on the image below. Nothing is run.
final class CopyBench implements AutoCloseable {

  private static final Platform PLATFORM = new Platform("linux", "amd64");

  private final Path directory;
  private final Store store;
  private final LayerReader layers;
  private final Times times = new Times(Clock.systemUTC(), OptionalLong.empty());
  private final List<Digest> base = new ArrayList<>();

  CopyBench(Path directory) throws IOException {
    this.directory = directory;
    this.store = Store.open(directory.resolve("store"));
    this.layers = new LayerReader(store);
  }

  /// Makes the context with a shell script.
  CopyBench context(String script) throws IOException, InterruptedException {
    var context = Files.createDirectories(directory.resolve("context"));
    var shell = new ProcessBuilder("sh", "-euc", script).directory(context.toFile()).inheritIO();
    assertEquals(0, shell.start().waitFor(), "the context's script");
    return this;
  }

  /// The image below: `name mode owner content`, directories with a slash, links with `->`.
  CopyBench below(String entries) throws IOException {
    var draft = new LayerDraft(OptionalLong.empty());
    for (var text : entries.split(", *", -1)) {
      var word = text.split(" ", 4);
      var path = ArchivePath.of(word[0].replaceFirst("/$", ""));
      if (word[1].equals("->")) {
        draft.add(TarEntry.symlink(path, word[2].getBytes(UTF_8), 0, 0, 1), Content.none(), null);
        continue;
      }
      int mode = Integer.parseInt(word[1], 8);
      var owner = word[2].split(":", -1);
      long uid = Long.parseLong(owner[0]);
      long gid = Long.parseLong(owner[1]);
      if (word[0].endsWith("/")) {
        draft.add(TarEntry.directory(path, mode, uid, gid, 1), Content.none(), null);
      } else {
        var bytes = word[3].replace("\\n", "\n").getBytes(UTF_8);
        var file = TarEntry.file(path, mode, uid, gid, bytes.length, 1);
        draft.add(file, () -> new ByteArrayInputStream(bytes), null);
      }
    }
    base.add(draft.write(store).diffId());
    return this;
  }

  /// Builds `instruction` (a line feed as `\n`) in the directory /dir and says what is new.
  String build(String instruction) throws IOException, InterruptedException {
    var step = plan("FROM base\nWORKDIR /dir\nENV W=w\n" + instruction.replace("\\n", "\n") + "\n");
    return switch (step) {
      case CopyStep copy -> copy(copy);
      case WorkdirStep workdir ->
          difference(WorkdirLayer.draft(workdir, view(), layers, times, _ -> {}));
      case RunStep _, ConfigStep _ -> throw new IllegalArgumentException(instruction);
    };
  }

  private MergedView view() throws IOException {
    return layers.view(base);
  }

  private String copy(CopyStep step) throws IOException, InterruptedException {
    var view = step.link() ? new MergedView() : view();
    try (var root = Directory.open(directory.resolve("context"));
        var archives = new Archives(() -> directory)) {
      SourceTree tree =
          step.origin() instanceof Origin.Context
              ? new LocalTree(root, IgnoreRules.NONE, StatCache.none(), Optional.empty())
              : new ViewTree(view(), layers::content);
      var remotes = Remotes.open(store, Map.of(), Secrets.NONE);
      var pieces = new CopyInputs(step, "here", archives, remotes, times, _ -> {}).gather(tree);
      var owner =
          step.chown().isPresent()
              ? Optional.of(AccountFiles.read(view, layers).forFiles(step.chown().get()))
              : Optional.<Accounts.Owner>empty();
      return difference(new CopyLayer(step, view, layers, times, owner).draft(pieces));
    }
  }

  /// What of the key of a COPY from the context says how it copies, and what.
  String key(String instruction) throws IOException, InterruptedException {
    var step = (CopyStep) plan("FROM base\n" + instruction + "\n");
    try (var root = Directory.open(directory.resolve("context"));
        var archives = new Archives(() -> directory)) {
      var tree = new LocalTree(root, IgnoreRules.NONE, StatCache.none(), Optional.empty());
      var remotes = Remotes.open(store, Map.of(), Secrets.NONE);
      var pieces = new CopyInputs(step, "here", archives, remotes, times, _ -> {}).gather(tree);
      return CopyText.canonical(step) + CopyInputs.manifest(pieces).contentKey();
    }
  }

  private String difference(LayerDraft draft) throws IOException {
    var all = new ArrayList<>(base);
    if (!draft.isEmpty()) {
      all.add(draft.write(store).diffId());
    }
    return difference(view(), layers.view(all));
  }

  /// The last step of a Dockerfile; every image in it is empty.
  static Step plan(String dockerfile) {
    return planned(dockerfile).target().steps().getLast();
  }

  static Plan planned(String dockerfile) {
    var parsed = Dockerfile.parse(new Source("Dockerfile", dockerfile + "\n"));
    var planner = new Planner(PlanRequest.of(parsed, PLATFORM));
    var known = new HashMap<ImageRequest, ImageConfig>();
    while (true) {
      switch (planner.plan(known)) {
        case Planning.Done(Plan plan) -> {
          return plan;
        }
        case Planning.NeedsImages(var needs) ->
            needs.forEach(need -> known.put(need.image(), ImageConfig.scratch(PLATFORM)));
      }
    }
  }

  private String difference(MergedView before, MergedView after) throws IOException {
    var words = new ArrayList<String>();
    var first = new HashMap<Object, ArchivePath>();
    list(ArchivePath.ROOT, before, after, first, words);
    return words.isEmpty() ? "{}" : String.join(", ", words);
  }

  private void list(
      ArchivePath directory,
      MergedView before,
      MergedView after,
      Map<Object, ArchivePath> first,
      List<String> words)
      throws IOException {
    for (var each : after.list(directory)) {
      var path = each.entry().path();
      var same = first.putIfAbsent(each.file(), path);
      var text = same == null ? text(each) : path + " = " + same;
      var known = before.find(path);
      if (known.isEmpty() || !text(known.get()).equals(text)) {
        words.add(text);
      }
      list(path, before, after, first, words);
    }
  }

  private String text(ViewEntry found) throws IOException {
    var entry = found.entry();
    var owner = entry.uid() + ":" + entry.gid();
    if (found.isSymlink()) {
      var link = entry.path() + " -> " + new String(entry.link(), UTF_8);
      return owner.equals("0:0") ? link : link + " " + owner;
    }
    var mark = entry.isDirectory() ? "/" : entry.type() == TarEntry.Type.FIFO ? "%" : "";
    var text = "%s%s %o %s".formatted(entry.path(), mark, entry.mode(), owner);
    return entry.isFile() && entry.size() > 0 ? text + " " + content(found) : text;
  }

  private String content(ViewEntry file) throws IOException {
    try (var in = layers.content(file)) {
      var bytes = in.readAllBytes();
      return bytes[0] == 0x1f ? "(gzip)" : new String(bytes, UTF_8).replace("\n", "\\n");
    }
  }

  @Override
  public void close() throws IOException {
    store.close();
  }
}
