package dev.jbuild.dockerfile;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Section 1.2 of the language: the lines at the top of a file.
class DirectivesTest {

  static Stream<Arguments> files() {
    return Stream.of(
        row("one", "# syntax=docker/dockerfile:1\n", "syntax=docker/dockerfile:1"),
        row(
            "all of them",
            "#syntax=a\n#escape=`\n#check=skip=all\n",
            "syntax=a;escape=`;check=skip=all"),
        row("any case, blanks anywhere", "#  SynTax \t=  a b  \r\n", "syntax=a b"),
        row("with a byte order mark", "\uFEFF# syntax=a\n", "syntax=a"),
        row("an escape character at its end is part of it", "# syntax=a\\\n", "syntax=a\\"),
        row("an indented escape", "  # escape=`\n", "escape=`"),
        row("but nothing else indented", " # syntax=a\n", ""),
        row("nor behind something indented", " # escape=`\n# syntax=a\n", "escape=`"),
        row("none behind a blank line", "\n# syntax=a\n", ""),
        row("none behind a comment", "# x\n# syntax=a\n", ""),
        row("none behind an unknown one", "# x=y\n# syntax=a\n", ""),
        row("none without a value", "# syntax=\n# escape=`\n", ""),
        row("none without =", "# syntax a\n# escape=`\n", ""),
        row(
            "an interpreter line ends escape only",
            "#!/x\n# syntax=a\n# escape=`\n# check=b\n",
            "syntax=a;check=b"),
        row(
            "an interpreter line behind a byte order mark too",
            "\uFEFF#!/x\n# syntax=a\n# escape=`\n",
            "syntax=a"),
        row("a special blank is part of a value", "# syntax=a\u00a0\n", "syntax=a\u00a0"),
        row("and no blank behind a name", "# syntax\u00a0=a\n", ""),
        row(
            "an unknown frontend is only noted",
            "# syntax=example.com/x:1\n",
            "syntax=example.com/x:1"));
  }

  @ParameterizedTest(name = "1.2 {0}")
  @MethodSource("files")
  void directivesAre(String rule, String text, String directives) {
    var file = Dockerfiles.parse(text + "FROM x\n");
    assertEquals(
        directives,
        file.directives().stream()
            .map(directive -> directive.name() + "=" + directive.value())
            .collect(Collectors.joining(";")),
        rule);
    assertEquals(directives.contains("escape") ? '`' : '\\', file.escape(), rule);
    assertEquals(text + "FROM x\n", file.print(), rule);
  }

  @Test
  void aDirectiveKnowsItsPlace() {
    var directive = Dockerfiles.parse("#syntax=a\n # escape = ` \nFROM x").directives().getLast();
    assertEquals(2, directive.span().line());
    assertEquals(List.of(2, 14, 13, 14), columns(directive));
  }

  private static List<Integer> columns(Directive directive) {
    return List.of(
        directive.span().column(),
        directive.span().endColumn(),
        directive.valueSpan().column(),
        directive.valueSpan().endColumn());
  }

  private static Arguments row(String rule, String text, String directives) {
    return Arguments.of(rule, text, directives);
  }
}
