package dev.jbuild.layer;

import static dev.jbuild.layer.MergedViewTest.apply;
import static dev.jbuild.layer.MergedViewTest.at;
import static dev.jbuild.layer.MergedViewTest.view;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.tar.ArchivePath;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Directories of a merged view with more names than one block of [ViewNames] has.
class LargeDirectoryTest {

  /// As many names as an ordinary directory does not have, in no order, and what a simple list of
  /// them says.
  @Test
  void aThousandNamesInAnyOrderStandInTheOrderOfTheirBytes() throws IOException {
    for (int seed = 0; seed < 5; seed++) {
      var random = new Random(seed);
      var expected = new TreeMap<ArchivePath, Long>();
      var view = new MergedView();
      for (int layer = 0; layer < 4; layer++) {
        var tar = new Tars();
        var hidden = new HashSet<ArchivePath>();
        var added = new HashMap<ArchivePath, Long>();
        for (int i = 0; i < 700; i++) {
          var name = Integer.toString(random.nextInt(3_000), 3 + random.nextInt(2));
          var path = ArchivePath.of("d/" + name);
          if (layer > 0 && random.nextInt(3) == 0) {
            tar.file("d/.wh." + name, "");
            hidden.add(path);
          } else {
            var content = "x".repeat(random.nextInt(9));
            tar.file("d/" + name, content);
            added.put(path, (long) content.length());
          }
        }
        expected.keySet().removeAll(hidden);
        expected.putAll(added);
        apply(view, tar);
      }

      var listed = view.list(ArchivePath.of("d"));
      assertEquals(
          List.copyOf(expected.keySet()), listed.stream().map(e -> e.entry().path()).toList());
      for (var each : listed) {
        assertEquals(expected.get(each.entry().path()), each.entry().size());
        assertEquals(each, view.find(each.entry().path()).orElseThrow());
      }
      assertEquals(Optional.empty(), view.find(ArchivePath.of("d/none")));
    }
  }

  private static String name(int number) {
    return "n" + (1_000 + number);
  }

  /// A thousand files in `d`, in several blocks; a layer over them.
  private static MergedView thousand(Tars... above) throws IOException {
    var below = new Tars();
    for (int i = 0; i < 1_000; i++) {
      below.file("d/" + name(i), "x".repeat(i % 9));
    }
    var view = view(below);
    for (var layer : above) {
      apply(view, layer);
    }
    return view;
  }

  private static List<String> listed(MergedView view, String directory) {
    return view.list(ArchivePath.of(directory)).stream()
        .map(each -> ArchivePath.of(each.entry().path().name()).toString())
        .toList();
  }

  private static List<String> numbered(IntPredicate kept) {
    return IntStream.range(0, 1_000).filter(kept).mapToObj(LargeDirectoryTest::name).toList();
  }

  @Test
  void hardLinksLeadFromBlockToBlock() throws IOException {
    var links = new Tars();
    for (int i = 0; i < 1_000; i += 100) {
      links.hardlink("d/" + name(i) + "a", "d/" + name(999 - i));
    }
    var view = thousand(links, new Tars().file("d/" + name(999), "new"));

    assertEquals(1_010, listed(view, "d").size());
    assertEquals(listed(view, "d").stream().sorted().toList(), listed(view, "d"));
    for (int i = 100; i < 1_000; i += 100) {
      assertEquals(at(view, "d/" + name(999 - i)).file(), at(view, "d/" + name(i) + "a").file());
      assertTrue(view.isLinked(ArchivePath.of("d/" + name(999 - i))));
      assertFalse(view.isLinked(ArchivePath.of("d/" + name(998 - i))));
    }
    assertEquals(0, at(view, "d/" + name(0) + "a").entry().size());
    assertEquals(3, at(view, "d/" + name(999)).entry().size());
  }

  @Test
  void oneOfThousandNamesChangesItsType() throws IOException {
    var there = new Tars();
    for (int i : List.of(0, 255, 256, 600, 999)) {
      there.directory("d/" + name(i)).file("d/" + name(i) + "/f", "inside");
    }
    var replaced =
        new Tars()
            .file("d/" + name(255), "file")
            .symlink("d/" + name(256), name(600))
            .file("d/" + name(256) + "/g", "through the link");
    var view = thousand(there, replaced);

    assertEquals(numbered(_ -> true), listed(view, "d"));
    assertEquals(4, at(view, "d/" + name(255)).entry().size());
    assertTrue(at(view, "d/" + name(256)).isSymlink());
    assertEquals(List.of("f", "g"), listed(view, "d/" + name(600)));
    assertEquals(List.of("f"), listed(view, "d/" + name(999)));
    assertEquals(Optional.empty(), view.find(ArchivePath.of("d/" + name(255) + "/f")));
  }

  @Test
  void aSubtreeOfAThousandNamesIsACopy() throws IOException {
    var view = thousand(new Tars().hardlink("d/link", "d/" + name(700)));
    var copy = view.subtree(ArchivePath.of("d"));
    var expected = listed(view, "d");

    apply(copy, new Tars().file(".wh." + name(300), "").file(name(300) + "a", "1"));
    apply(view, new Tars().file("d/" + name(301), "changed below"));

    assertEquals(expected, listed(view, "d"));
    assertEquals(
        expected.stream().map(each -> each.equals(name(300)) ? each + "a" : each).toList(),
        listed(copy, ""));
    assertEquals(301 % 9, at(copy, name(301)).entry().size());
    assertTrue(copy.isLinked(ArchivePath.of(name(700))));
    assertEquals(at(copy, "link").file(), at(copy, name(700)).file());
  }

  @Test
  void anOpaqueDirectoryHidesAllOfAThousandNames() throws IOException {
    var layer = new Tars().file("d/.wh..wh..opq", "").file("d/" + name(500), "own");

    var view = thousand(layer, new Tars().file("d/" + name(1), "").file("d/" + name(900), ""));

    assertEquals(List.of(name(1), name(500), name(900)), listed(view, "d"));
    assertEquals(3, at(view, "d/" + name(500)).entry().size());
  }

  /// Whatever their blocks are, all names of some are among those that go.
  @Test
  void blocksOfNamesGoAndComeAgain() throws IOException {
    for (int[] range : new int[][] {{0, 600}, {200, 800}, {400, 1_000}, {0, 1_000}}) {
      var gone = new Tars();
      var again = new Tars();
      for (int i = range[0]; i < range[1]; i++) {
        gone.file("d/.wh." + name(i), "");
        again.file("d/" + name(i), "again".repeat(2));
      }
      var view = thousand(gone);
      assertEquals(numbered(i -> i < range[0] || i >= range[1]), listed(view, "d"));
      assertEquals(Optional.empty(), view.find(ArchivePath.of("d/" + name(range[0]))));

      apply(view, again);
      assertEquals(numbered(_ -> true), listed(view, "d"));
      assertEquals(10, at(view, "d/" + name(range[0])).entry().size());
    }
  }
}
