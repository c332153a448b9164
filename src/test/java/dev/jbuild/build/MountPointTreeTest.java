package dev.jbuild.build;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.layer.Content;
import dev.jbuild.layer.LayerDraft;
import dev.jbuild.layer.LayerReader;
import dev.jbuild.layer.MergedView;
import dev.jbuild.linux.Directory;
import dev.jbuild.linux.FileStat;
import dev.jbuild.linux.FileType;
import dev.jbuild.linux.Machine;
import dev.jbuild.sandbox.MountPoint;
import dev.jbuild.store.Store;
import dev.jbuild.tar.ArchivePath;
import dev.jbuild.tar.TarEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a step's mounts need and the image lacks.
class MountPointTreeTest {

  @TempDir Path temp;

  private MergedView image() throws IOException {
    try (var store = Store.open(temp.resolve("store"))) {
      var draft = new LayerDraft(OptionalLong.empty());
      var etc = TarEntry.directory(ArchivePath.of("etc"), 0750, 3, 4, 100);
      draft.add(TarEntry.directory(ArchivePath.ROOT, 0711, 1, 2, 99), Content.none(), null);
      draft.add(etc, Content.none(), null);
      draft.add(etc.withPath(ArchivePath.of("proc")), Content.none(), null);
      draft.add(TarEntry.file(ArchivePath.of("file"), 0644, 0, 0, 0, 1), Content.none(), null);
      var link = TarEntry.symlink(ArchivePath.of("l"), "../../etc".getBytes(UTF_8), 0, 0, 1);
      draft.add(link, Content.none(), null);
      return new LayerReader(store).view(List.of(draft.write(store).diffId()));
    }
  }

  private Path made(MountPoint... points) throws IOException {
    var top = Files.createDirectory(temp.resolve("top"));
    try (var directory = Directory.open(top)) {
      MountPointTree.of(image(), List.of(points)).make(directory);
    }
    return top;
  }

  private static FileStat stat(Path top, String path) throws IOException {
    try (var directory = Directory.open(top)) {
      return directory.resolveStat(path.getBytes(UTF_8)).orElseThrow();
    }
  }

  @Test
  void onlyWhatIsMissingIsMadeAndItsParentsAreWhatTheyAreInTheImage() throws IOException {
    assumeTrue(Machine.uid() == 0, "owners are root's to set");

    var top =
        made(
            new MountPoint("/proc", true),
            new MountPoint("/etc/resolv.conf", false),
            new MountPoint("/l/hosts", false),
            new MountPoint("/run/secrets/x", false),
            new MountPoint("/run", true));

    assertTrue(Files.notExists(top.resolve("proc")));
    assertEquals(FileType.FILE, stat(top, "etc/resolv.conf").type());
    assertEquals(FileType.FILE, stat(top, "etc/hosts").type());
    assertEquals(FileType.FILE, stat(top, "run/secrets/x").type());
    assertEquals(0750, stat(top, "etc").permissions());
    assertEquals(3, stat(top, "etc").uid());
    assertEquals(100, stat(top, "etc").mtime());
    assertEquals(0711, stat(top, "").permissions());
    assertEquals(2, stat(top, "").gid());
    assertEquals(99, stat(top, "").mtime());
  }

  @Test
  void aFileWhereADirectoryIsMountedIsToldAndTheOtherWayRound() {
    assertThrows(BuildFailure.class, () -> made(new MountPoint("/file", true)));
    assertThrows(
        BuildFailure.class,
        () -> MountPointTree.of(image(), List.of(new MountPoint("/etc", false))));
  }

  @Test
  void whatMountsAloneNeededIsTakenOutOfAChangeIfItIsEmpty() throws IOException {
    var upper = temp.resolve("upper");
    for (var each : List.of("etc/alone", "a/b", "used/c/own", "other/d")) {
      Files.createDirectories(upper.resolve(each));
    }
    Files.createSymbolicLink(upper.resolve("link"), Path.of("other"));
    Files.setLastModifiedTime(upper.resolve("etc"), FileTime.fromMillis(1_500));
    var points =
        Stream.of("/etc/alone", "/a/b", "/used/c", "/link/d", "/missing/e")
            .map(each -> new MountPoint(each, true))
            .toList();

    try (var directory = Directory.open(upper)) {
      MountPointTree.of(image(), points).removeEmpty(directory);
    }

    try (var left = Files.walk(upper)) {
      assertEquals(
          "etc link other other/d used used/c used/c/own",
          left.skip(1)
              .map(each -> upper.relativize(each).toString())
              .sorted()
              .collect(Collectors.joining(" ")));
    }
    assertEquals(1_500, Files.getLastModifiedTime(upper.resolve("etc")).toMillis());
  }
}
