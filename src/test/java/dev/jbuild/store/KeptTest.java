package dev.jbuild.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.failure.BuildFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Containers and failed steps that outlive their process.
class KeptTest {

  private static final byte[] SPEC = "{\"blobs\":[]}".getBytes(UTF_8);

  @TempDir Path temp;
  private Path root;

  @BeforeEach
  void name() {
    root = temp.resolve("store");
  }

  private static KeptEntry keep(Store store, String file) throws IOException {
    var draft = store.trees().draft();
    Files.writeString(draft.fs().resolve(file), file);
    Files.createDirectory(draft.freshWork().resolve("incompat"));
    return store.kept().keep(draft, SPEC);
  }

  @Test
  void whatIsKeptIsThereForTheNextProcess() throws IOException {
    String id;
    try (var store = Store.open(root)) {
      id = keep(store, "a").id();
    }
    try (var store = Store.open(root)) {
      var entry = store.kept().list().getFirst();
      assertEquals(id, entry.id());
      assertArrayEquals(SPEC, entry.spec());
      assertEquals("a", Files.readString(entry.fs().resolve("a")));
      var kept =
          store.diskUse().shares().stream()
              .filter(share -> share.kind() == DiskUse.Kind.KEPT)
              .findFirst()
              .orElseThrow();
      assertEquals(1, kept.count());
    }
  }

  @Test
  void whatIsHalfMadeIsNeverThere() throws IOException {
    try (var store = Store.open(root)) {
      var _ = store.trees().draft(); // as after a crash: neither kept nor closed
      Files.createDirectory(root.resolve("kept").resolve("0123456789ab"));
      assertEquals(List.of(), store.kept().list());
    }
    try (var left = Files.list(root.resolve("tmp"))) {
      assertEquals(List.of(), left.toList());
    }
  }

  @Test
  void oneProcessHoldsItAtATime() throws IOException {
    try (var store = Store.open(root);
        var other = Store.open(root)) {
      var entry = keep(store, "a");
      try (var hold = store.kept().tryHold(entry).orElseThrow()) {
        assertTrue(other.kept().tryHold(entry).isEmpty());
        var work = hold.freshWork();
        Files.createDirectory(work.resolve("incompat"));
        try (var fresh = Files.list(hold.freshWork())) {
          assertEquals(List.of(), fresh.toList());
        }
        var changed = "{\"blobs\":[],\"x\":1}".getBytes(UTF_8);
        hold.replaceSpec(changed);
        assertArrayEquals(changed, other.kept().list().getFirst().spec());
      }
      try (var hold = other.kept().tryHold(entry).orElseThrow()) {
        hold.remove();
      }
      assertTrue(store.kept().tryHold(entry).isEmpty());
      assertFalse(Files.exists(entry.directory()));
    }
  }

  @Test
  void filesOfOtherUserIdsAreNotTakenForOurs() throws IOException {
    try (var store = Store.open(root)) {
      var entry = keep(store, "a");
      Files.writeString(entry.directory().resolve("ids"), "0 300000 65536\n");
      var failure = assertThrows(BuildFailure.class, () -> store.kept().tryHold(entry));
      assertTrue(failure.message().contains(entry.id()), failure.message());
    }
  }
}
