package dev.jbuild.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// An image of 1 GiB, half of it noise and half words, pushed to Docker's registry and pulled from
/// it by jbuild and by skopeo in turn. Each round has an image that nobody has pushed before.
final class Transfer implements Rows {

  private static final String IMAGE = "large:1";
  private static final Scenario.Body NOT_A_BUILD = (_, _, _) -> Optional.empty();

  private final Samples gzip = row("T1", "push of 1 GiB, gzip", 1.00);
  private final Samples zstd = row("T2", "the same, zstd; skopeo: gzip", 0.50);
  private final Samples again = row("T3", "the same again; skopeo: first", 0.05);
  private final Samples pull = row("T4", "pull of it, gzip", 1.00);

  private final Desk desk;
  private final Path jbuild;

  /// @param jbuild its program
  Transfer(Desk desk, Path jbuild) {
    this.desk = desk;
    this.jbuild = jbuild;
  }

  static boolean isPossible() throws InterruptedException {
    return DockersRegistry.isInstalled() && Shell.succeeds("skopeo", "--version");
  }

  private static Samples row(String id, String title, double goal) {
    return new Samples(new Scenario(id, title, true, goal, NOT_A_BUILD));
  }

  @Override
  public List<Samples> samples() {
    return List.of(gzip, zstd, again, pull);
  }

  @Override
  public void run(int round) throws IOException, InterruptedException {
    var place = desk.directory().resolve("transfer");
    var store = new Jbuild(jbuild, place.resolve("store"));
    var layout = Files.createDirectories(place.resolve("layout"));
    var context = desk.inputs().words("words", 1024, round);
    Files.writeString(context.resolve("Dockerfile"), "FROM scratch\nCOPY words.bin /\n");
    Shell.run(store.build(context, IMAGE, true));
    var archive = place.resolve("archive.tar");
    Shell.run(store.archive(IMAGE, archive));
    Shell.run(List.of("tar", "-xf", archive.toString(), "-C", layout.toString()));
    Shell.run(List.of("rm", "-rf", archive.toString(), context.toString()));

    try (var registry = registry()) {
      var first = time(registry, skopeo("oci:" + layout, "docker://" + registry.host() + "/a:1"));
      gzip.add("skopeo", first);
      zstd.add("skopeo", first);
      again.add("skopeo", first);
    }
    try (var registry = registry()) {
      var there = registry.host() + "/a:1";
      gzip.add("jbuild", time(registry, store.push(IMAGE, there, false)));
      again.add("jbuild", time(registry, store.push(IMAGE, there, false)));
      pull(registry, there, store, place);
    }
    try (var registry = registry()) {
      zstd.add("jbuild", time(registry, store.push(IMAGE, registry.host() + "/a:1", true)));
    }
    Shell.run(List.of("rm", "-rf", place.toString()));
    System.err.println("transfer round " + round + " " + samples());
  }

  private void pull(DockersRegistry registry, String there, Jbuild store, Path place)
      throws IOException, InterruptedException {
    var copy = place.resolve("pulled-layout");
    pull.add("skopeo", time(registry, skopeo("docker://" + there, "oci:" + copy + ":1")));
    Shell.run(List.of("rm", "-rf", copy.toString()));
    var empty = new Jbuild(jbuild, place.resolve("pulled"));
    pull.add("jbuild", time(registry, empty.pull(there)));
    var wanted = id(store, IMAGE);
    if (!id(empty, there).equals(wanted)) {
      throw new IllegalStateException("what was pulled is not " + wanted);
    }
  }

  private static String id(Jbuild store, String image) throws IOException, InterruptedException {
    return Shell.run(store.id(image));
  }

  private DockersRegistry registry() throws IOException, InterruptedException {
    return DockersRegistry.start(Files.createTempDirectory(desk.directory(), "docker-registry"));
  }

  private static List<String> skopeo(String from, String to) {
    return List.of(
        "skopeo", "copy", "-q", "--src-tls-verify=false", "--dest-tls-verify=false", from, to);
  }

  private static Measure time(DockersRegistry registry, List<String> command)
      throws IOException, InterruptedException {
    Shell.run(List.of("sync")); // what others wrote is not waited for
    return Measure.of(command, Map.of(), registry.processes());
  }
}
