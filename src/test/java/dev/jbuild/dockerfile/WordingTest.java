package dev.jbuild.dockerfile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.dockerfile.Part.Statement;
import dev.jbuild.dockerfile.Wording.Argument;
import dev.jbuild.dockerfile.Wording.Document;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Span;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The words of instructions and their places: lines and columns of the file itself.
class WordingTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "FROM --platform=$P a AS b|FROM --platform=$P@2:6-2:19 words a@2:20-2:21 AS@2:22-2:24"
            + " b@2:25-2:26",
        "run  a  'b' |run shell a  'b'@2:6-2:12",
        "RUN|RUN shell",
        "RUN [\"a\", \"\\t\"]|RUN exec a@2:6-2:9 \\t@2:11-2:15",
        "RUN ['a']|RUN shell ['a']@2:5-2:10",
        "CMD []|CMD exec",
        "COPY --link a \\\\  \\\\/x|COPY --link@2:6-2:12 words a@2:13-2:14 /x@4:1-4:3",
        "COPY [\"a b\",\"/x\"]|COPY json a b@2:7-2:12 /x@2:13-2:17",
        "VOLUME /a $b|VOLUME words /a@2:8-2:10 $b@2:11-2:13",
        "WORKDIR  /a b|WORKDIR text /a b@2:10-2:14",
        "ENV a='b c' d=|ENV pairs a='b c'@2:5-2:12(a@2:5-2:6='b c'@2:7-2:12)"
            + " d=@2:13-2:15(d@2:13-2:14=@2:15-2:15)",
        "LABEL a='b\\\\c'|LABEL pairs a='bc'@2:7-3:3(a@2:7-2:8='bc'@2:9-3:3)",
        "LABEL a  b c|LABEL legacy a  b c@2:7-2:13(a@2:7-2:8=b c@2:10-2:13)",
        "ARG a b=c|ARG pairs a@2:5-2:6(a@2:5-2:6) b=c@2:7-2:10(b@2:7-2:8=c@2:9-2:10)",
        "HEALTHCHECK --retries=1 cmd a  b|HEALTHCHECK --retries=1@2:13-2:24 cmd@2:25-2:28 shell"
            + " a  b@2:29-2:33",
        "HEALTHCHECK CMD [\"a\"]|HEALTHCHECK CMD@2:13-2:16 exec a@2:18-2:21",
        "HEALTHCHECK none|HEALTHCHECK none@2:13-2:17 words",
        "ONBUILD COPY --link a b|ONBUILD trigger {COPY --link@2:14-2:20 words a@2:21-2:22"
            + " b@2:23-2:24}",
        "ONBUILD ENV|ONBUILD trigger {ENV pairs}",
        "ONBUILD nonsense -x|ONBUILD trigger {nonsense text -x@2:18-2:20}",
        "STOPSIGNAL --x 9|STOPSIGNAL --x@2:12-2:15 text 9@2:16-2:17",
        "RUN -- --x|RUN shell --x@2:8-2:11",
      })
  void everyWordIsKnownWithItsPlace(String text, String words) {
    assertEquals(words, shown(wording(text.replace("\\\\", "\\\n"))));
  }

  @Test
  void hereDocumentsAreKnownByNameContentAndPlace() {
    var wording = wording("COPY a <<E 3<<-\"F\" /x/\r\n1\r\nE\r\n\t\tF\n");
    assertEquals(
        "COPY words a@2:6-2:7 <<E@2:8-2:11 3<<-\"F\"@2:12-2:19 /x/@2:20-2:23"
            + " <<E@2:8-2:11{3:1-4:1}4:1-4:2 <<F@2:12-2:19{5:1-5:1}5:1-5:4",
        shown(wording));
    var last = wording.heredocs().getLast().heredoc();
    assertEquals(
        "F,,false,true,3",
        last.name()
            + ","
            + last.body()
            + ","
            + last.expand()
            + ","
            + last.chomp()
            + ","
            + last.fileDescriptor());
  }

  @Test
  void hereDocumentsOfATriggerAreItsOwn() {
    assertEquals(
        "ONBUILD trigger {RUN shell <<E@2:13-2:16 <<E@2:13-2:16{3:1-4:1}4:1-4:2}",
        shown(wording("ONBUILD RUN <<E\n1\nE")));
  }

  /// What cannot be cut into words is told at ONBUILD; what is wrong with them, where it is
  /// triggered.
  @ParameterizedTest
  @ValueSource(strings = {"CMD [\"a\", 1]", "COPY [1, 2]", "ENV a", "ENV a=b c", "LABEL x"})
  void aTriggerThatCannotBeCutIsRefused(String trigger) {
    assertThrows(BuildFailure.class, () -> wording("ONBUILD " + trigger));
  }

  private static Wording wording(String text) {
    var file = Dockerfiles.parse("FROM x\n" + text);
    return file.wording((Statement) file.parts().getLast());
  }

  private static String shown(Wording wording) {
    var out = new StringBuilder(wording.keyword().text());
    for (var flag : wording.flags()) {
      out.append(" --").append(flag.name());
      flag.value().ifPresent(value -> out.append('=').append(value.text()));
      out.append(place(flag.span()));
    }
    wording.subcommand().ifPresent(word -> out.append(' ').append(shown(word)));
    out.append(' ').append(wording.form().name().toLowerCase(java.util.Locale.ROOT));
    wording.arguments().forEach(argument -> out.append(' ').append(shown(argument)));
    wording.heredocs().forEach(document -> out.append(' ').append(shown(document)));
    wording.trigger().ifPresent(trigger -> out.append(" {").append(shown(trigger)).append('}'));
    return out.toString().replace("\t", "\\t");
  }

  private static String shown(Argument argument) {
    var parts =
        List.of(argument.name(), argument.value()).stream()
            .flatMap(java.util.Optional::stream)
            .map(WordingTest::shown)
            .collect(Collectors.joining("="));
    return shown(argument.word()) + (parts.isEmpty() ? "" : "(" + parts + ")");
  }

  private static String shown(Document document) {
    var content = place(document.content()).substring(1);
    return "<<"
        + document.heredoc().name()
        + place(document.heredoc().span())
        + "{"
        + content
        + "}"
        + place(document.terminator()).substring(1);
  }

  private static String shown(Word word) {
    return word.text() + place(word.span());
  }

  private static String place(Span span) {
    return "@" + span.line() + ":" + span.column() + "-" + span.endLine() + ":" + span.endColumn();
  }
}
