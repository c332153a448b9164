package dev.jbuild.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// COPY and ADD as far as a file need not be looked at (dockerfile-rules.md 6).
class CopyTest {

  private static CopyStep step(String instruction) {
    return PlanBench.of("FROM scratch\nWORKDIR /w\nENV A=x\n" + instruction + "\n")
        .last(CopyStep.class);
  }

  @ParameterizedTest(name = "6.3 destination {0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\u0001',
      value = {
        "/x | /x",
        "/x/ | /x/",
        "/x/. | /x/",
        "x | /w/x",
        ". | /w/",
        "./ | /w/",
        "\"\" | /w/",
        "../.. | /",
        "/ | /",
        "/a//b/../c | /a/c",
        "$A/y | /w/x/y",
      })
  void theDestinationIsAbsoluteAndSaysWhetherItIsADirectory(String written, String expected) {
    assertEquals(expected, step("COPY s " + written).destination());
  }

  @Test
  void sourcesAreExpandedAndLeftAsTheyAre() {
    var sources = step("COPY ../$A/ *.c /$NOTHING/ /d/").sources();
    assertEquals(
        List.of("../x/", "*.c", "//"),
        sources.stream().map(source -> ((CopySource.Files) source).pattern()).toList());
  }

  @ParameterizedTest(name = "6.6 source {0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "https://h/a/f.txt?q=1#x     | Url f.txt",
        "http://h/                   | Url __unnamed__",
        "https://h                   | Url __unnamed__",
        "https://h/a/                | Url a",
        "https://h/%66%20g           | Url f g",
        "https://h/a%2Fb             | Url b",
        "https://h/..                | Url __unnamed__",
        "https://h/%2e%2e            | Url __unnamed__",
        "https://h/%zz               | Url __unnamed__",
        "https://h/f.git/x           | Url x",
        "https://h/r.git             | Git",
        "https://h/r.git#main:dir    | Git",
        "https://h/r.git?tag=1       | Git",
        "git://h/r                   | Git",
        "ssh://git@h/r               | Git",
        "git@github.com:o/r.git      | Git",
        "github.com/o/r              | Files",
        "HTTP://h/f                  | Files",
        "a.tar.gz                    | Files",
      })
  void addTellsPathsUrlsAndRepositoriesApart(String source, String expected) {
    var found =
        switch (step("ADD " + source + " /d/").sources().getFirst()) {
          case CopySource.Url(_, var name, _) -> "Url " + name;
          case CopySource.Git _ -> "Git";
          case CopySource.Files _ -> "Files";
          case CopySource.Inline _ -> "Inline";
        };
    assertEquals(expected, found);
  }

  @Test
  void aVariableMayHoldAUrl() {
    var text = "FROM scratch\nARG U\nADD $U /d/\n";
    var step = PlanBench.of(text).args("U=https://h/f").last(CopyStep.class);
    assertEquals("f", ((CopySource.Url) step.sources().getFirst()).fileName());
  }

  @Test
  void archivesAreUnpackedByAddFromTheContextOnlyUnlessToldOtherwise() {
    for (var row :
        List.of(
            List.of("COPY a /d/", "false"),
            List.of("ADD a /d/", "true"),
            List.of("ADD --unpack=false a /d/", "false"),
            List.of("ADD https://h/a /d/", "false"),
            List.of("ADD --unpack https://h/a /d/", "true"))) {
      var step = step(row.getFirst());
      assertEquals(row.getLast(), "" + step.unpacks(step.sources().getFirst()), row.getFirst());
    }
  }

  @Test
  void heredocsBecomeFilesAfterTheOtherSources() {
    var step = step("COPY <<one b <<'two' /d/\n$A \\$A '$A'\none\n$A\ntwo");
    assertEquals(3, step.sources().size());
    assertEquals("b", ((CopySource.Files) step.sources().getFirst()).pattern());
    var one = (CopySource.Inline) step.sources().get(1);
    assertEquals("one: x $A 'x'\n", one.name() + ": " + one.content());
    var two = (CopySource.Inline) step.sources().get(2);
    assertEquals("two: $A\n", two.name() + ": " + two.content());
  }

  @Test
  void ofTwoHeredocsOfOneNameTheLastCounts() { // checklist 22
    var sources = step("COPY <<f <<f /d/\n1\nf\n2\nf").sources();
    assertEquals(1, sources.size());
    assertEquals("2\n", ((CopySource.Inline) sources.getFirst()).content());
  }

  @Test
  void crInHeredocsOfAWindowsFileIsKept() { // checklist 2
    var text = "FROM scratch\r\nCOPY <<f /d/\r\na\r\nf\r\n";
    var step = PlanBench.of(text).last(CopyStep.class);
    assertEquals("a\r\n", ((CopySource.Inline) step.sources().getFirst()).content());
    assertEquals("/d/", step.destination());
  }

  @Test
  void flagsAreResolved() {
    var step = step("COPY --chown=$A:g --chmod=75$NOTHING --exclude=*.$A --link s /d");
    assertEquals(Optional.of("x:g"), step.chown());
    assertEquals(075, step.chmod().orElseThrow().applyTo(0644, false));
    assertEquals(List.of("*.$A"), step.excludes());
    assertFalse(step.link(), "--chmod switches --link off");
    assertTrue(step("COPY --link --chown=1:root s /d").link());
    assertTrue(step("COPY --chown=$NOTHING --chmod=$NOTHING s /d").chown().isEmpty());
    assertTrue(step("COPY --parents a b /d").parents());
  }

  @Test
  void aChecksumIsThatOfTheOneRemoteSource() {
    var sum = "sha256:" + "0".repeat(64);
    assertEquals(Optional.of(sum), step("ADD --checksum=" + sum + " https://h/f /d").checksum());
    assertEquals(
        Optional.of("abcdef1"), step("ADD --checksum=abcdef1 https://h/r.git /d").checksum());
  }

  @Test
  void originsAreResolved() {
    assertEquals(new Origin.Context(), step("COPY a /").origin());
    assertEquals(new Origin.Context(), step("COPY --from= a /").origin());
    assertEquals(new Origin.Scratch(), step("COPY --from=scratch a /").origin());
    assertTrue(step("COPY --from=alpine:3 a /").origin() instanceof Origin.Image);
  }

  @ParameterizedTest(name = "6.1 --chmod={0} on {1}")
  @CsvSource({
    "755,        0644, 0755, 0755",
    "0,          0644, 0000, 0000",
    "07777,      0644, 7777, 7777",
    "u=rwX;go=rX, 0600, 0644, 0755",
    "+x,         0644, 0755, 0755",
    "g=u,        0640, 0660, 0660",
    "go-w,       0666, 0644, 0644",
    "a+X,        0644, 0644, 0755",
    "a+X,        0744, 0755, 0755",
    "u+s;g+s,    0755, 6755, 6755",
    "+t,         0755, 1755, 1755",
    "o=,         0755, 0750, 0750",
    "u=rw+x,     0000, 0700, 0700",
    "ug=o,       0004, 0444, 0444",
    "a=r,        7777, 1444, 1444",
    "a=rt,       0777, 1444, 1444",
    "g=u,        2750, 2770, 2770",
    "g-u,        0570, 0520, 0520",
    "u=rw;u+X,   0700, 0700, 0700",
    "u+x;g+X,    0644, 0744, 0754",
    "a-X,        0755, 0644, 0644",
    "u+t,        0644, 1644, 1644",
    "o+t,        0644, 0644, 0644",
    "ug-s;o=u-w, 6741, 0745, 0745",
    "u=rwx;go=,  4755, 0700, 0700",
  })
  void modesAreThoseOfChmod(String text, String mode, String file, String directory) {
    var chmod = Chmod.parse(text.replace(';', ','));
    int before = Integer.parseInt(mode, 8);
    assertEquals(Integer.parseInt(file, 8), chmod.applyTo(before, false));
    assertEquals(Integer.parseInt(directory, 8), chmod.applyTo(before, true));
  }
}
