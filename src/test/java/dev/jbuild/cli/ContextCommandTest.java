package dev.jbuild.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.tar.TarForge;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `jbuild context`: what is in, what is out, and because of which line.
class ContextCommandTest {

  @TempDir Path directory;

  @BeforeEach
  void makeContext() throws IOException {
    file(
        "context/.dockerignore",
        "\uFEFF# c\r\nnode_modules\r\n*.log\r\n!keep.log\r\nsrc\r\n!src/a");
    file("context/src/a", "aa");
    file("context/src/b", "b");
    file("context/a.log", "");
    file("context/keep.log", "");
    file("context/node_modules/x/y", "");
    file("context/Dockerfile", "FROM scratch\n");
    Files.createDirectories(context().resolve("empty"));
  }

  private void file(String name, String text) throws IOException {
    var file = directory.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private Path context() {
    return directory.resolve("context");
  }

  private Jbuild jbuild(String... words) {
    return new Jbuild(directory.resolve("store")).run(words);
  }

  @Test
  void lsTellsWhatIsInAndWhatIsOutAndWhichLineDecides() {
    var list = jbuild("context", "ls", context().toString());
    assertEquals(0, list.code(), list.err());
    assertEquals(
        """
        .dockerignore
        Dockerfile
        empty/
        keep.log\t.dockerignore:4: !keep.log
        src/a\t.dockerignore:6: !src/a
        """,
        list.out());
    assertTrue(list.err().contains("4 files in 2 directories"), list.err());
    assertTrue(list.err().contains("4 names left out (.dockerignore)"), list.err());
    assertEquals(
        """
        a.log\t.dockerignore:3: *.log
        node_modules/\t.dockerignore:2: node_modules
        src/\t.dockerignore:5: src
        src/b\t.dockerignore:5: src
        """,
        jbuild("context", "ls", "--ignored", context().toString()).out());
    assertFalse(Files.exists(directory.resolve("store"))); // a listing needs no store
  }

  @Test
  void lsAsJsonHasEveryName() {
    var out = jbuild("context", "ls", "--format", "json", context().toString()).out();
    assertEquals(9, out.lines().count());
    assertTrue(
        out.contains(
            """
            {"Path":"src/a","Type":"file","Size":2,"Included":true,"RuleFile":".dockerignore",\
            "RuleLine":6,"RuleText":"!src/a"}\
            """),
        out);
    assertTrue(
        jbuild("context", "ls", "--sizes", context().toString()).out().contains("2B  src/a"));
  }

  @Test
  void whyNamesTheLineForEachPath() {
    var place = "--context=" + context();
    var run = jbuild("context", "why", place, "src/a", "node_modules/x/y", "empty", "src");
    assertEquals(
        """
        src/a: in the context, let in by .dockerignore:6: !src/a
        node_modules/x/y: left out by .dockerignore:2: node_modules
        empty: in the context, no line matches
        src: left out by .dockerignore:5: src
        """,
        run.out());
    assertEquals(0, run.code());
    var missing = jbuild("context", "why", place, "src/a/b", "nope");
    assertEquals(5, missing.code());
    assertTrue(missing.err().contains("there is nothing called nope"), missing.err());
  }

  @Test
  void theIgnoreFileOfTheDockerfileCountsAlone() throws IOException {
    file("context/app.Dockerfile", "FROM scratch\n");
    file("context/app.Dockerfile.dockerignore", "*\n!src\n");
    var file = context().resolve("app.Dockerfile");
    var list = jbuild("context", "ls", "-f", file.toString(), context().toString());
    assertEquals(
        "src/\t%s.dockerignore:2: !src\nsrc/a\t%1$s.dockerignore:2: !src\nsrc/b\t%1$s.dockerignore:2: !src\n"
            .formatted(file),
        list.out());
  }

  @Test
  void aTarHasNoIgnoreFile() throws IOException {
    var tar = directory.resolve("c.tar");
    Files.write(tar, new TarForge().file(".dockerignore", "a\n").file("d/a", "x").tar());
    var list = jbuild("context", "ls", tar.toString());
    assertEquals(".dockerignore\nd/\nd/a\n", list.out());
    assertTrue(list.err().contains("2 files in 2 directories"), list.err());
  }

  @Test
  void mistakesAreToldAtTheirLine() throws IOException { // case 77
    file("context/.dockerignore", "ok\n[a\n");
    var list = jbuild("context", "ls", context().toString());
    assertEquals(5, list.code());
    assertTrue(list.err().startsWith(".dockerignore:2"), list.err());
    assertEquals(2, jbuild("context", "see").code());
    assertEquals(2, jbuild("context", "why").code());
    assertEquals(2, jbuild("context", "ls", "--format=xml").code());
    assertEquals(5, jbuild("context", "ls", directory.resolve("none").toString()).code());
  }

  /// Case 77: a Dockerfile and ignore file that are left out are read, and cannot be copied.
  @Test
  void anIgnoredDockerfileIsReadAndCannotBeCopied() throws IOException {
    file("context/.dockerignore", "Dockerfile\n.dockerignore\n");
    file("context/Dockerfile", "FROM scratch\nCOPY . /\n");
    assertEquals(0, jbuild(context().toString()).code());
    file("context/Dockerfile", "FROM scratch\nCOPY Dockerfile /\n");
    var build = jbuild(context().toString());
    assertEquals(5, build.code());
    assertTrue(
        build.err().contains(".dockerignore line 1 (Dockerfile) leaves it out"), build.err());
  }

  @Test
  void whatAStageHoldsIsNotLeftOut() throws IOException { // section 4.1
    file("context/.dockerignore", "*\n");
    file(
        "context/Dockerfile",
        "FROM scratch AS a\nCOPY <<x /x\nx\nFROM scratch\nCOPY --from=a x /y\n");
    var build = jbuild(context().toString());
    assertEquals(0, build.code(), build.err());
  }

  @Test
  void aWildcardThatFindsOnlyWhatIsLeftOutSaysWhereToLook() throws IOException {
    file("context/Dockerfile", "FROM scratch\nCOPY a.l* /\n");
    var build = jbuild(context().toString());
    assertEquals(0, build.code(), build.err());
    assertTrue(build.err().contains("no file matches \"a.l*\" in the context; jbuild context ls"));
  }

  /// Cases 138 and 141: what is left out is not looked into, however large it is; the store is
  /// told as what it is.
  @Test
  void whatIsLeftOutIsNotOpened() throws IOException {
    file("context/.dockerignore", "closed\n");
    var closed = Files.createDirectory(context().resolve("closed"));
    Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("---------"));
    var listing = jbuild("context", "ls", context().toString());
    assertEquals(0, listing.code(), listing.err());
    file("context/Dockerfile", "FROM scratch\nCOPY src /\n");
    var store = context().resolve("store").toString();
    assertEquals(0, jbuild("--root", store, context().toString()).code());
    var list = jbuild("--root", store, "context", "ls", "--ignored", context().toString());
    assertEquals("closed/\t.dockerignore:1: closed\nstore/\tthe store of jbuild\n", list.out());
  }

  /// `jbuild context` builds the directory of this name, as before the command was there.
  @Test
  void aDirectoryCalledContextCanBeBuilt() {
    assertTrue(jbuild("context").err().contains("the context "), "it is not there");
    assertTrue(jbuild("context", "-q").err().contains("cannot be opened"));
    assertTrue(jbuild("context", "--help").out().contains("context ls"));
  }

  @Test
  void linesOfATerminalAreNotForged() throws IOException { // case 85
    var name = "a\u001b[2J\n";
    Files.write(context().resolve(name), "x".getBytes(UTF_8));
    var out = jbuild("context", "ls", context().toString()).out();
    assertFalse(out.contains("\u001b"), out);
    assertTrue(out.contains("[2J\\n"), out);
  }
}
