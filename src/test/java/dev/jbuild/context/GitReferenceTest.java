package dev.jbuild.context;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.failure.BuildFailure;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Addresses of git repositories (dockerfile-rules.md 6.6).
class GitReferenceTest {

  @ParameterizedTest(name = "6.6 {0}")
  @CsvSource({
    "https://h/o/r.git, https://h/o/r.git, -, -, -",
    "https://h/o/r.git#v1, https://h/o/r.git, v1, -, -",
    "https://h/o/r.git#v1:a/b, https://h/o/r.git, v1, a/b, -",
    "https://h/o/r.git#:a, https://h/o/r.git, -, a, -",
    "https://h/o/r.git?ref=x&subdir=d, https://h/o/r.git, x, d, -",
    "https://h/o/r.git?tag=v1, https://h/o/r.git, refs/tags/v1, -, -",
    "https://h/o/r.git?branch=refs/heads/b, https://h/o/r.git, refs/heads/b, -, -",
    "https://h/o/r.git?branch=a%2Fb&commit=abcd, https://h/o/r.git, refs/heads/a/b, -, abcd",
    "https://h/o/r.git?checksum=abcd#x, https://h/o/r.git, x, -, abcd",
    "https://u:p@h/o/r.git#x, https://h/o/r.git, x, -, -",
    "http://h:80/r.git, http://h:80/r.git, -, -, -",
    "git://h/r#x:d, git://h/r, x, d, -",
    "ssh://git@h:22/r?ref=x, ssh://git@h:22/r, x, -, -",
    "git@h:o/r.git#x, git@h:o/r.git, x, -, -",
    "github.com/o/r#x, https://github.com/o/r, x, -, -",
    "file:///r#x, file:///r, x, -, -",
  })
  void partsAreReadFromFragmentAndQuery(
      String text, String remote, String ref, String directory, String checksum) {
    var reference = GitReference.parse(text);
    assertEquals(remote, reference.remote());
    assertEquals(ref, reference.ref().orElse("-"));
    assertEquals(directory, reference.directory().orElse("-"));
    assertEquals(checksum, reference.checksum().orElse("-"));
  }

  @Test
  void whatIsSaidOfTheCheckoutIsRead() {
    var all =
        GitReference.parse(
            "https://h/r.git?submodules=false&keep-git-dir&mtime=commit&fetch-by-commit=1&commit="
                + "a".repeat(40));
    assertEquals(Optional.of(false), all.submodules());
    assertEquals(Optional.of(true), all.keepGitDirectory());
    assertTrue(all.commitTimes());
    assertEquals(Optional.of("a".repeat(40)), all.commit());
    var flags = all.with(Optional.of("aaaa"), Optional.of(false));
    assertEquals(Optional.of(false), flags.keepGitDirectory());
    assertEquals(all.checksum(), flags.checksum());
    assertThrows(BuildFailure.class, () -> all.with(Optional.of("bbbb"), Optional.empty()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://h/r.git#--upload-pack=x", // option injection, case 83
        "https://h/r.git#a b",
        "https://h/r.git#a..b",
        "https://h/r.git#a*",
        "https://h/r.git#a^{tree}",
        "https://h/r.git?ref=-x",
        "https://h/r.git?ref=a&tag=b",
        "https://h/r.git?ref=a#b",
        "https://h/r.git?ref=",
        "https://h/r.git?mtime=now",
        "https://h/r.git?what=x",
        "https://h/r.git?submodules=maybe",
        "https://h/r.git?checksum=xyz",
        "https://h/r.git?fetch-by-commit=true&checksum=abcd",
        "ssh://-oProxyCommand=x/r", // CVE-2017-1000117
        "ssh://u@-x/r",
        "git://h/a\nb",
      })
  void whatWouldBeAnOptionOrIsMalformedIsRefused(String text) {
    var failure = assertThrows(BuildFailure.class, () -> GitReference.parse(text));
    assertEquals(BuildFailure.Kind.USAGE, failure.kind());
  }

  @Test
  void repositoriesAreToldFromOtherAddresses() {
    for (var text : new String[] {"https://h/r.git#x", "git://h/r", "ssh://h/r", "a@h:r"}) {
      assertTrue(GitReference.isGit(text), text);
    }
    for (var text : new String[] {"https://h/r.tar", "github.com/a/b", "a@h", "file:///r", "a:b"}) {
      assertFalse(GitReference.isGit(text), text);
    }
  }

  @Test
  void aPasswordIsNeverShown() { // case 81
    for (var text :
        new String[] {
          "https://u:s3cr3t@h/r.git#x", "ssh://u:s3cr3t@h/r#x", "ssh://u:p@s3cr3t@h/r"
        }) {
      var reference = GitReference.parse(text);
      assertFalse(reference.toString().contains("s3cr3t"), reference.toString());
    }
    assertEquals(
        Optional.of("u:s3 t"), GitReference.parse("https://u:s3%20t@h/r.git").credentials());
  }
}
