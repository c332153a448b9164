package dev.jbuild.context;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.tar.ArchivePath;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What the sources of COPY stand for.
class SelectionTest {

  @TempDir Path temp;
  private Workspace work;

  @BeforeEach
  void open() throws IOException {
    work = new Workspace(temp.resolve("context"));
    work.file("a.txt", "")
        .file("b.txt", "")
        .file(".hidden", "")
        .file("[x]", "")
        .file("back\\slash", "")
        .file("d1/one", "")
        .file("d1/sub/deep.txt", "")
        .file("d1/sub/.dot", "")
        .file("d2/two", "")
        .directory("d2/empty")
        .link("tofile", "a.txt")
        .link("todir", "d1")
        .link("d2/inner", "../a.txt")
        .link("nowhere", "missing")
        .link("outside", "/etc/passwd");
  }

  @AfterEach
  void close() throws IOException {
    work.close();
  }

  private List<String> plain(String... sources) throws IOException {
    return Workspace.names(Selection.of(List.of(sources)), work.tree());
  }

  private List<String> parents(String source, String... excludes) throws IOException {
    var selection = new Selection(List.of(source), true, IgnoreRules.ofExcludes(List.of(excludes)));
    return Workspace.names(selection, work.tree());
  }

  private List<String> excluding(String source, String... excludes) throws IOException {
    var selection =
        new Selection(List.of(source), false, IgnoreRules.ofExcludes(List.of(excludes)));
    return Workspace.names(selection, work.tree());
  }

  private SourceMatch.Missing missing(LocalTree tree, String source) throws IOException {
    return assertInstanceOf(
        SourceMatch.Missing.class, Selection.of(List.of(source)).in(tree).getFirst());
  }

  @ParameterizedTest(name = "6.2 {0}")
  @CsvSource({
    "a.txt, a.txt",
    "/a.txt, a.txt",
    "./a.txt, a.txt",
    "a.txt/, a.txt",
    "../../a.txt, a.txt",
    "d1/../a.txt, a.txt",
    "[x], [x]",
    "'back\\slash', 'back\\slash'",
    "'a\\.txt', a.txt",
    "tofile, tofile",
    "todir/one, one",
    "d2/inner, inner",
    "d1/sub, .dot deep.txt",
    "todir/sub, .dot deep.txt",
    "d1, one sub/ sub/.dot sub/deep.txt",
    "d2, empty/ inner two",
    "d2/empty, ''",
  })
  void pathStandsForAFileOrForWhatADirectoryHolds(String source, String names) throws IOException {
    var expected = names.isEmpty() ? List.of() : List.of(names.split(" "));
    if (source.equals("[x]")) {
      source = "[[]x]";
    }
    assertEquals(expected, plain(source));
  }

  @ParameterizedTest(name = "6.2 {0}")
  @CsvSource({
    "*.txt, a.txt b.txt",
    "?.txt, a.txt b.txt",
    "[a]*, a.txt",
    "[^a].txt, b.txt",
    "[!a].txt, a.txt",
    "[a-z].txt, a.txt b.txt",
    "'\\[x]', [x]",
    ".*, .hidden",
    "d*/one, one",
    "d?/t*, two",
    "todir/*, one .dot deep.txt",
    "d1/*, one .dot deep.txt",
    "*/*.txt, Unmatched",
    "**/deep.txt, Unmatched",
    "**/one, one",
    "*/sub, .dot deep.txt",
    "tof*, tofile",
    "none*, Unmatched",
    "missing/*, Missing",
    "d1/missing/x*/y, Missing",
    "d1/one/*, Unmatched",
    "none*/x, Unmatched",
    "../d1/o*, one",
  })
  void wildcardMatchesAsInGo(String pattern, String names) throws IOException {
    assertEquals(List.of(names.split(" ")), plain(pattern));
  }

  @Test
  void wildcardThatIsLeftAgainIsNotLookedAt() throws IOException {
    assertEquals(plain("."), plain("none*/.."));
    assertEquals(plain("d1"), plain("none*/../d1"));
  }

  @Test
  void wildcardOverDirectoriesMergesTheirContents() throws IOException {
    assertEquals(
        List.of("one", "sub/", "sub/.dot", "sub/deep.txt", "empty/", "inner", "two"), plain("d*"));
  }

  @Test
  void linkInADirectoryStaysALinkAndANamedOneIsFollowed() throws IOException { // case 65
    var tree = work.tree();
    var inside = matched(Selection.of(List.of("d2")), tree).getFirst().below();
    assertTrue(inside.get(1).entry().isSymlink());
    var named = matched(Selection.of(List.of("d2/inner")), tree).getFirst();
    assertTrue(named.entry().isFile());
    assertEquals("a.txt", named.entry().path().toString());
    assertEquals("d2/inner", named.source().toString());
    assertEquals("inner", named.target().toString());
  }

  private static List<Selected> matched(Selection selection, SourceTree tree) throws IOException {
    return assertInstanceOf(SourceMatch.Matched.class, selection.in(tree).getFirst()).selected();
  }

  @Test
  void linkOutOfTheContextLeadsNowhere() throws IOException { // cases 64, 65
    Files.createDirectories(temp.resolve("etc"));
    var failure = missing(work.tree(), "outside").failure("COPY", "the context");
    assertEquals("COPY: no file matches \"outside\" in the context", failure.message());
    assertEquals(
        "outside is a link to /etc/passwd, which is not in the context",
        failure.hint().orElseThrow());
    assertTrue(
        missing(work.tree(), "nowhere/x").link().orElseThrow().path().equals(path("nowhere")));
    assertEquals(List.of("Missing"), plain("out*"));
  }

  private static ArchivePath path(String text) {
    return ArchivePath.of(text);
  }

  @Test
  void misspelledNameIsAnsweredWithTheNearestOnes() throws IOException {
    work.file("target/app.jar", "").file("target/apt.jar", "").file("README.md", "");
    var tree = work.tree();
    var failure = missing(tree, "traget/app.jar").failure("COPY", "the context");
    assertEquals("did you mean target/app.jar or target/apt.jar?", failure.hint().orElseThrow());
    assertEquals(List.of(path("README.md")), missing(tree, "readme.md").near());
    assertEquals(List.of(), missing(tree, "quite/another").near());
    assertEquals(BuildFailure.Kind.CONTEXT, failure.kind());
  }

  @Test
  void ignoredNamesAreNotOffered() throws IOException {
    work.file("secret.key", "");
    assertEquals(List.of(), missing(work.tree("*.key"), "secret.kay").near());
  }

  @Test
  void ignoredFileIsToldWithItsLine() throws IOException {
    work.file("config/app.yml", "");
    var tree = work.tree("# rules", "", "config/**");
    var failure = missing(tree, "config/app.yml").failure("COPY", "the context");
    assertEquals(
        ".dockerignore line 3 (config/**) leaves it out; add !config/app.yml",
        failure.hint().orElseThrow());
  }

  @Test
  void climbingSourceIsToldWhatItMeans() throws IOException { // case 64
    Files.writeString(temp.resolve("canary"), "secret");
    var failure = missing(work.tree(), "../canary").failure("COPY", "the context");
    assertEquals(
        "no source can lie outside of the context; there it means canary",
        failure.hint().orElseThrow());
    assertEquals(List.of("Missing"), plain("d1/../../canary"));
  }

  @ParameterizedTest(name = "6.5 --parents {0}")
  @CsvSource({
    "d1/sub/deep.txt, d1/ d1/sub/ d1/sub/deep.txt",
    "d1/./sub/deep.txt, sub/ sub/deep.txt",
    "./d1/one, d1/ d1/one",
    "todir/./one, one",
    "d1/sub, d1/ d1/sub/ d1/sub/.dot d1/sub/deep.txt",
    "**/*.txt, a.txt b.txt d1/ d1/sub/ d1/sub/deep.txt",
    "*/o*, d1/ d1/one",
    "d*/./two, two",
    "**/none, Unmatched",
    "none, Missing",
    "d1/./none, Missing",
    "none/./x, Missing",
    "todir/one, Missing",
    "d2/inner, d2/ d2/inner",
    "d1/./., one sub/ sub/.dot sub/deep.txt",
    "d1/./, one sub/ sub/.dot sub/deep.txt",
  })
  void parentsKeepThePath(String source, String names) throws IOException {
    assertEquals(List.of(names.split(" ")), parents(source));
  }

  @Test
  void parentsTakeAMatchingDirectoryWholeAndOnce() throws IOException {
    work.file("x/y/x/z", "");
    assertEquals(List.of("x/", "x/y/", "x/y/x/", "x/y/x/z"), parents("**/x"));
  }

  @Test
  void parentsHaveTheMetadataOfTheSource() throws IOException {
    work.root.setMode("d1".getBytes(StandardCharsets.UTF_8), 0710);
    var selection = new Selection(List.of("d1/one"), true, IgnoreRules.NONE);
    var selected = matched(selection, work.tree()).getFirst();
    assertEquals(0710, selected.parents().getFirst().entry().mode());
  }

  @Test
  void excludesAreRelativeToTheCopiedDirectory() throws IOException {
    assertEquals(List.of("one", "sub/", "sub/.dot"), excluding("d1", "**/*.txt"));
    assertEquals(List.of("one", "sub/", "sub/.dot", "sub/deep.txt"), excluding("d1", "*.txt"));
    assertEquals(List.of("one"), excluding("d1", "sub"));
    assertEquals(List.of("one", "sub/", "sub/.dot", "sub/deep.txt"), excluding("d1", "d1"));
    assertEquals(List.of("sub/", "sub/deep.txt"), excluding("d1", "*", "!sub/*.txt"));
    assertEquals(List.of(), excluding("d1", "**"));
  }

  @Test
  void excludeTestsTheNameOfAFile() throws IOException {
    assertEquals(List.of("b.txt"), excluding("*.txt", "a*"));
    assertEquals(List.of(), excluding("d1/one", "one"));
    assertEquals(List.of("d1/", "d1/one"), parents("d1/one", "one"));
    assertEquals(List.of(), parents("d1/one", "**/one"));
  }

  @Test
  void excludeDoesNotLookIntoWhatItLeavesOut() throws IOException {
    var tree = new CountingTree(work.tree());
    var selection = new Selection(List.of("."), false, IgnoreRules.ofExcludes(List.of("d1")));
    Workspace.names(selection, tree);
    assertEquals(List.of("", "d2", "d2/empty"), tree.listed);
  }

  @Test
  void everySourceHasItsMatchInOrder() throws IOException {
    var matches = Selection.of(List.of("a.txt", "none*", "none", "d?")).in(work.tree());
    assertEquals(
        List.of("Matched", "Unmatched", "Missing", "Matched"),
        matches.stream().map(match -> match.getClass().getSimpleName()).toList());
    assertEquals("none*", matches.get(1).source());
  }

  @Test
  void malformedSourceIsAnErrorOfTheDockerfile() {
    for (var source : List.of("[a", "x/[b-a]", "a\0b", "*\\")) {
      var failure = assertThrows(BuildFailure.class, () -> plain(source), source);
      assertEquals(BuildFailure.Kind.DOCKERFILE, failure.kind());
    }
  }

  @Test
  void heredocsAreATreeToo() throws IOException {
    var tree =
        new MemoryTree(
            List.of(
                new MemoryTree.File(path("EOF"), 0644, 7, new byte[] {'x'}),
                new MemoryTree.File(path("a/b"), 0600, 9, new byte[0])));
    assertEquals(List.of("EOF"), Workspace.names(Selection.of(List.of("EOF")), tree));
    assertEquals(
        List.of("a/", "a/b", "EOF").stream().sorted().toList(),
        Workspace.names(tree).stream().sorted().toList());
    assertEquals("x", Workspace.content(tree, Workspace.entry(tree, "EOF")));
  }
}
