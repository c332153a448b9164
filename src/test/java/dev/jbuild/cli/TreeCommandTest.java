package dev.jbuild.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `jbuild tree`.
class TreeCommandTest {

  @TempDir Path directory;

  private Jbuild run(String... words) {
    return new Jbuild(directory.resolve("store")).run(words);
  }

  private void build(String name, String dockerfile) throws IOException {
    Files.writeString(directory.resolve("Dockerfile"), dockerfile);
    var run = run("-q", "-t", name, directory.toString());
    assertEquals(0, run.code(), run.err());
  }

  @Test
  void whatImagesShareStandsThereOnce() throws IOException {
    var below = "FROM scratch\nCOPY a /a\n";
    for (var name : new String[] {"a", "b", "c"}) {
      Files.writeString(directory.resolve(name), name.repeat(1000));
    }
    build("below:1", below);
    build("one:1", below + "COPY b /b\nCOPY c /c\n");
    build("two:1", below + "COPY c /d\n");
    build("none:1", "FROM scratch\nLABEL a=b\n");

    var lines = run("tree").out().replaceAll("[0-9a-f]{12}", "ID").lines().toList();
    assertEquals(
        """
        (no layers)  = none:1
        ID  SIZE  COPY a /a  = below:1
        ├─ ID  SIZE  COPY b /b
        │  ID  SIZE  COPY c /c  = one:1
        └─ ID  SIZE  COPY c /d  = two:1
        """
            .stripTrailing(),
        String.join("\n", lines.subList(0, 5))
            .replaceAll("[0-9.]+ ?k?B", "SIZE")
            .replaceAll(" # buildkit", ""));
    assertTrue(lines.getLast().startsWith("4 layers, "), lines.getLast());
    assertTrue(lines.getLast().contains("; 1 shared by several images"), lines.getLast());

    var one = run("tree", "two:1").out();
    assertTrue(!one.contains("one:1") && one.contains("= two:1"), one);
    assertTrue(run("tree", "--json", "one:1").out().contains("\"Images\": [\n"), "json");
    assertEquals(7, run("tree", "missing").code());
  }
}
