package dev.jbuild.dockerfile;

import static dev.jbuild.dockerfile.Dockerfiles.instruction;
import static dev.jbuild.dockerfile.Dockerfiles.parse;
import static dev.jbuild.dockerfile.Dockerfiles.summary;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.dockerfile.Instruction.Run;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Source;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Rules of the language, a row each: the section of the reference (BuildKit's grammar in the order
/// text, flags, words, here-documents), what is written, and what it means.
class ParseTest {

  static Stream<Arguments> lines() {
    return Stream.of(
        row("1.1", "CR before LF goes", "RUN a\r\n", "RUN sh{a}"),
        row("1.1", "and every CR before it", "RUN a\r\r\n", "RUN sh{a}"),
        row("1.1", "a CR in the middle is a blank", "COPY a\rb /c", "COPY [a] [b] -> [/c]"),
        row("1.5", "the keyword in any case", "rUn a", "RUN sh{a}"),
        row("1.3", "blanks before it", " \t RUN a", "RUN sh{a}"),
        row("1.5", "a form feed behind it", "RUN\f\u000ba", "RUN sh{a}"),
        row("1.3", "a hash in a line is text", "RUN a # b", "RUN sh{a # b}"),
        row(
            "1.1",
            "a line may be long",
            "RUN " + "a".repeat(70_000),
            "RUN sh{" + "a".repeat(70_000) + "}"),
        row("1.3", "a comment above", " \t# a\n#b\nRUN c", "RUN sh{c}"),
        row("1.5", "a tab behind the keyword", "RUN\ta", "RUN sh{a}"),
        // continuations
        row("1.4", "nothing stands for the line end", "RUN a\\\nb", "RUN sh{ab}"),
        row("1.4", "blanks of the next line stay", "RUN a\\\n  b", "RUN sh{a  b}"),
        row("1.4", "blanks behind the escape", "RUN a \\ \t\nb", "RUN sh{a b}"),
        row("1.4", "and CRLF", "RUN a \\\r\nb\r\n", "RUN sh{a b}"),
        row("1.4", "an escaped escape ends", "RUN a \\\\\nRUN b", "RUN sh{a \\\\}", "RUN sh{b}"),
        row("1.4", "three do not continue", "RUN a \\\\\\\nRUN b", "RUN sh{a \\\\\\}", "RUN sh{b}"),
        row("1.4", "at the end of the file", "RUN a \\", "RUN sh{a}"),
        row("1.3", "comments in it go", "RUN echo a \\\n# c \\\n  # d\nb", "RUN sh{echo a b}"),
        row("1.3", "an escape behind them is nothing", "RUN a \\\n# c \\\nb", "RUN sh{a b}"),
        row("1.3", "blank lines in it go", "RUN a \\\n\n \t\n\u00a0\nb", "RUN sh{a b}"),
        row("1.3", "a hash behind the start of it", "RUN a \\\nb # c", "RUN sh{a b # c}"),
        row("1.4", "only the escape", "\\\nRUN a", "RUN sh{a}"),
        row("1.4", "an escape after blanks", "RUN a\\\n  \\\nb", "RUN sh{a  b}"),
        row("1.4", "the keyword itself", "RU\\\nN a", "RUN sh{a}"),
        // flags
        row("1.6", "up to a bare --", "COPY --link -- --from=a b", "COPY --link [--from=a] -> [b]"),
        row("1.6", "not behind a word", "COPY a --link", "COPY [a] -> [--link]"),
        row(
            "1.6",
            "no blanks lost in quotes",
            "COPY --chown='a b' a b",
            "COPY --chown=a b [a] -> [b]"),
        row(
            "1.6",
            "quotes and escapes go",
            "COPY --c\"how\"n=a\\'b a b",
            "COPY --chown=a'b [a] -> [b]"),
        row(
            "1.6",
            "escapes in single quotes",
            "COPY --chown='a\\'b' a b",
            "COPY --chown=a'b [a] -> [b]"),
        row("1.6", "an empty value", "COPY --chown= a b", "COPY --chown= [a] -> [b]"),
        row("1.6", "a true one", "COPY --link=TRUE a b", "COPY --link [a] -> [b]"),
        row("1.6", "a false one", "COPY --link=False --parents a b", "COPY --parents [a] -> [b]"),
        row(
            "1.6",
            "a list",
            "COPY --exclude=a --exclude=b c d",
            "COPY --exclude=a --exclude=b [c] -> [d]"),
        row(
            "1.6",
            "all of COPY",
            "COPY --from=s --chown=u:g --chmod=u+x --exclude=*.md --link --parents a b",
            "COPY --from=s --chown=u:g --chmod=u+x --exclude=*.md --link --parents [a] -> [b]"),
        row(
            "1.6",
            "all of ADD",
            "ADD --checksum=sha256:x --keep-git-dir --unpack=false --chown=u --chmod=7 --exclude=x"
                + " --link a b",
            "ADD --checksum=sha256:x --keep-git-dir=true --unpack=false --chown=u --chmod=7"
                + " --exclude=x --link [a] -> [b]"),
        row("1.6", "ARG ignores them", "ARG --x --y=z A", "ARG A"),
        row("1.6", "STOPSIGNAL ignores them", "STOPSIGNAL --x 9", "STOPSIGNAL [9]"),
        row("1.6", "HEALTHCHECK NONE ignores them", "HEALTHCHECK --x NONE", "HEALTHCHECK NONE"),
        row("1.6", "two hyphens alone", "RUN -- --x", "RUN sh{--x}"),
        row("1.6", "one hyphen is no flag", "RUN -x", "RUN sh{-x}"),
        // JSON form
        row("1.7", "behind blanks", "CMD \t [\"a\"]", "CMD exec[a]"),
        row("1.7", "strings", "CMD [\"a\", \"b c\" ]", "CMD exec[a, b c]"),
        row("1.7", "no strings at all", "CMD []", "CMD exec[]"),
        row("1.7", "an empty entrypoint", "ENTRYPOINT [ ]", "ENTRYPOINT exec[]"),
        row("1.7", "RUN []", "RUN []", "RUN exec[]"),
        row("1.7", "single quotes are shell", "CMD ['a','b']", "CMD sh{['a','b']}"),
        row("1.7", "a comma at the end", "CMD [\"a\",]", "CMD sh{[\"a\",]}"),
        row("1.7", "text behind it", "CMD [\"a\"] b", "CMD sh{[\"a\"] b}"),
        row("1.7", "a test command", "RUN [ -f /x ] && y", "RUN sh{[ -f /x ] && y}"),
        row("1.7", "a bad escape", "CMD [\"\\x\"]", "CMD sh{[\"\\x\"]}"),
        row("1.7", "no variables", "CMD [\"$a\"]", "CMD exec[$a]"),
        row("1.7", "escapes", "CMD [\"\\\"\\\\\\/\\t\\u0041\"]", "CMD exec[\"\\/\tA]"),
        row("1.7", "over lines", "CMD [ \"a\", \\\n  \"b\" ]", "CMD exec[a, b]"),
        row("1.7", "of COPY", "COPY [\"a b\", \"/c\"]", "COPY [a b] -> [/c]"),
        row("1.7", "of VOLUME", "VOLUME [\"/a b\"]", "VOLUME [/a b]"),
        // words
        row("1.8", "COPY does not know quotes", "COPY \"a b\" /x", "COPY [\"a] [b\"] -> [/x]"),
        row("1.8", "EXPOSE neither", "EXPOSE \"80 90\"", "EXPOSE [\"80] [90\"]"),
        row("1.8", "VOLUME neither", "VOLUME \"/a b\"", "VOLUME [\"/a] [b\"]"),
        row("1.8", "nor escapes", "COPY a\\ b /x", "COPY [a\\] [b] -> [/x]"),
        row("1.8", "WORKDIR is one", "WORKDIR  /a b ", "WORKDIR [/a b]"),
        row("1.8", "USER is one", "USER a b", "USER [a b]"),
        row("1.8", "MAINTAINER is one", "MAINTAINER A B <$c>", "MAINTAINER [A B <$c>]"),
        row("1.8", "STOPSIGNAL is one", "STOPSIGNAL $SIG", "STOPSIGNAL [$SIG]"),
        row("1.8", "EXPOSE in order", "EXPOSE 9/udp $P 1-2", "EXPOSE [9/udp] [$P] [1-2]"),
        row("1.8", "VOLUME", "VOLUME /a $b", "VOLUME [/a] [$b]"),
        row("1.8", "RUN verbatim", "RUN a  'b'  \"$c\" \\d", "RUN sh{a  'b'  \"$c\" \\d}"),
        row("1.8", "RUN with nothing", "RUN", "RUN sh{}"),
        row("1.8", "CMD with nothing", "CMD  ", "CMD sh{}"),
        // ENV, LABEL, ARG
        row(
            "1.9",
            "pairs",
            "ENV a=1 b=\"2 3\" c='4 5' d=6\\ 7",
            "ENV a=1; b=\"2 3\"; c='4 5'; d=6\\ 7"),
        row("1.9", "at the first =", "ENV a=b=c", "ENV a=b=c"),
        row("1.9", "an empty value of ENV", "ENV a= b=", "ENV a=; b="),
        row("1.9", "an escaped quote", "ENV a=\\\" b=2", "ENV a=\\\"; b=2"),
        row("1.9", "an escaped quote in quotes", "ENV a=\"x\\\" y\" b=2", "ENV a=\"x\\\" y\"; b=2"),
        row("1.9", "no escapes in single quotes", "ENV a='\\' b=2", "ENV a='\\'; b=2"),
        row("1.9", "the old form", "ENV a  b = \"c\" d ", "ENV (old) a=b = \"c\" d"),
        row("1.9", "LABEL", "LABEL \"a b\"=c d=e", "LABEL \"a b\"=c; d=e"),
        row("1.9", "LABEL in the old form", "LABEL a b c", "LABEL (old) a=b c"),
        row("1.9", "an escape at the very end", "ENV a=b\\\\", "ENV a=b\\\\"),
        row("1.9", "ARG", "ARG a b= c=\"d e\" f=$g", "ARG a; b=; c=\"d e\"; f=$g"),
        // FROM
        row("3", "a platform", "FROM --platform=$P a", "FROM --platform=$P [a]"),
        row(
            "3",
            "a name in lower case",
            "FROM a:b@c aS Build.x-1_2",
            "FROM [a:b@c] AS build.x-1_2"),
        // RUN
        row(
            "5",
            "all of RUN",
            "RUN --mount=type=cache,target=/c --mount=target=.,RO --network=none"
                + " --security=insecure --device=a,required --device=b x",
            "RUN --mount=type=cache,target=/c --mount=target=.,ro=true --network=none"
                + " --security=insecure --device=a,required --device=b sh{x}"),
        row(
            "5",
            "a mount in quotes",
            "RUN --mount=\"target=/a b,rw\" x",
            "RUN --mount=target=/a b,rw=true sh{x}"),
        row(
            "5",
            "a mount with CSV quotes",
            "RUN --mount=\\\"target=/a,b\\\",\\\"source=c\\\"\\\"d\\\" x",
            "RUN --mount=target=/a,b,source=c\"d sh{x}"),
        row(
            "5",
            "a mount with variables",
            "RUN --mount=type=$T,id=${I},mode=$M x",
            "RUN --mount=type=$T,id=${I},mode=$M sh{x}"),
        row(
            "5",
            "keys in any case",
            "RUN --mount=TYPE=Tmpfs,Dst=/x,SIZE=1.5GiB x",
            "RUN --mount=type=Tmpfs,dst=/x,size=1.5GiB sh{x}"),
        row(
            "5",
            "a JSON RUN with flags",
            "RUN --network=host [\"a\"]",
            "RUN --network=host exec[a]"),
        // SHELL, HEALTHCHECK
        row("8", "SHELL", "SHELL [\"bash\", \"-c\"]", "SHELL [bash, -c]"),
        row("8", "no check", "HEALTHCHECK none", "HEALTHCHECK NONE"),
        row("8", "a check", "HEALTHCHECK cmd a  b", "HEALTHCHECK sh{a  b}"),
        row("8", "a check in exec form", "HEALTHCHECK CMD [\"a\"]", "HEALTHCHECK exec[a]"),
        row(
            "8",
            "its options",
            "HEALTHCHECK --interval=1m30s --timeout=1.5s --start-period=500ms --start-interval=0"
                + " --retries=3 CMD a",
            "HEALTHCHECK interval=PT1M30S timeout=PT1.5S start-period=PT0.5S retries=3 sh{a}"),
        row("8", "empty options", "HEALTHCHECK --interval= --retries= CMD a", "HEALTHCHECK sh{a}"),
        // ONBUILD
        row("1.5", "a trigger", "ONBUILD  run  a \\\n b ", "ONBUILD [run  a  b ]"),
        row(
            "8",
            "is read where it is triggered",
            "ONBUILD COPY --what x",
            "ONBUILD [COPY --what x]"),
        row("8", "even if nobody knows it", "ONBUILD nonsense", "ONBUILD [nonsense]"),
        row(
            "8",
            "a trigger with a here-document",
            "ONBUILD COPY <<A <<B /x/\n1\nA\n2\nB\n",
            "ONBUILD [COPY <<A <<B /x/\\n1\\nA\\n2\\nB]"));
  }

  static Stream<Arguments> documents() {
    return Stream.of(
        row("1.10", "all of RUN", "RUN <<EOF\na\n b\nEOF", "RUN sh{} <<EOF{a\\n b\\n}"),
        row(
            "1.10",
            "with flags",
            "RUN --network=none <<EOF\na\nEOF",
            "RUN --network=none sh{} <<EOF{a\\n}"),
        row(
            "1.10",
            "part of RUN",
            "RUN cat <<EOF > /x\na\nEOF",
            "RUN sh{cat <<EOF > /x\\na\\nEOF} <<EOF{a\\n}"),
        row(
            "1.10",
            "several",
            "RUN a <<A <<B\n1\nB\nA\n2\nB",
            "RUN sh{a <<A <<B\\n1\\nB\\nA\\n2\\nB} <<A{1\\nB\\n} <<B{2\\n}"),
        row(
            "1.10",
            "two alone are no command",
            "RUN <<A <<B\nA\nB",
            "RUN sh{<<A <<B\\nA\\nB} <<A{} <<B{}"),
        row(
            "1.10",
            "a $ or < at the end",
            "RUN cat <<E $\na\nE\nRUN cat <<E <\na\nE",
            "RUN sh{cat <<E $\\na\\nE} <<E{a\\n}",
            "RUN sh{cat <<E <\\na\\nE} <<E{a\\n}"),
        row("1.10", "a blank behind", "RUN << EOF\nEOF", "RUN sh{} <<EOF{}"),
        row(
            "1.10",
            "tabs",
            "RUN cat <<-EOF\n\ta\n\tEOF",
            "RUN sh{cat <<-EOF\\n\ta\\nEOF} <<-EOF{\ta\\n}"),
        row("1.10", "digits", "RUN 3<<EOF\nEOF", "RUN sh{} <<EOF(3){}"),
        row(
            "1.10",
            "many digits",
            "RUN x 99999999999<<E\nE",
            "RUN sh{x 99999999999<<E\\nE} <<E(2147483647){}"),
        row("1.10", "in double quotes", "RUN <<\"EOF\"\nEOF", "RUN sh{} <<EOF(quoted){}"),
        row("1.10", "in single quotes", "RUN <<'a b'\na b", "RUN sh{} <<a b(quoted){}"),
        row("1.10", "in part", "RUN <<E\"O\"F\nEOF", "RUN sh{} <<EOF(quoted){}"),
        row("1.10", "an escape does not quote", "RUN <<\\EOF\nEOF", "RUN sh{} <<EOF{}"),
        row("1.10", "a dollar is a dollar", "RUN <<$EOF\n$EOF", "RUN sh{} <<$EOF{}"),
        row(
            "1.10",
            "line ends stay",
            "COPY <<EOF /x\r\na\r\n\nEOF\r\n",
            "COPY <<EOF{a\\r\\n\\n} -> [/x]"),
        row(
            "1.10",
            "nothing is a comment in it",
            "RUN <<EOF\n# a \\\nEOF",
            "RUN sh{} <<EOF{# a \\\\n}"),
        row(
            "1.10",
            "behind all continuations",
            "RUN a <<EOF \\\n  && b\nc\nEOF",
            "RUN sh{a <<EOF   && b\\nc\\nEOF} <<EOF{c\\n}"),
        row("1.10", "not inside a word", "RUN a<<EOF", "RUN sh{a<<EOF}"),
        row("1.10", "not three", "RUN a <<<EOF", "RUN sh{a <<<EOF}"),
        row("1.10", "not in quotes", "RUN echo \"a <<EOF\"", "RUN sh{echo \"a <<EOF\"}"),
        row("1.10", "not behind an open quote", "RUN a # don't <<EOF", "RUN sh{a # don't <<EOF}"),
        row(
            "1.10",
            "not inside a variable",
            "RUN echo ${a:-x <<EOF}",
            "RUN sh{echo ${a:-x <<EOF}}"),
        row(
            "1.10",
            "a variable the builder does not know",
            "RUN a ${b:0:1} <<EOF\nEOF",
            "RUN sh{a ${b:0:1} <<EOF\\nEOF} <<EOF{}"),
        row(
            "1.10",
            "not behind a variable that only the shell knows",
            "RUN a ${b^^} $((1 << 2))",
            "RUN sh{a ${b^^} $((1 << 2))}"),
        row(
            "1.10",
            "nor behind an array",
            "RUN a \"${b[@]}\" $((1 << 2))",
            "RUN sh{a \"${b[@]}\" $((1 << 2))}"),
        row(
            "1.10",
            "behind a replacement",
            "RUN a ${b/}/\\}} <<A\nA",
            "RUN sh{a ${b/}/\\}} <<A\\nA} <<A{}"),
        row(
            "1.10",
            "the first line that is the name ends it",
            "RUN <<A\nA \n A\nA\nRUN b",
            "RUN sh{} <<A{A \\n A\\n}",
            "RUN sh{b}"),
        row("1.10", "only tabs may stand before it", "RUN <<-A\n A\n\t\tA", "RUN sh{} <<-A{ A\\n}"),
        row(
            "1.10",
            "not with an alternative in its name",
            "RUN a <<B${c:-d}",
            "RUN sh{a <<B${c:-d}}"),
        row(
            "1.10",
            "but with a variable",
            "RUN a <<B${c}\nB${c}",
            "RUN sh{a <<B${c}\\nB${c}} <<B${c}{}"),
        row("1.10", "not after -", "RUN a <<- EOF", "RUN sh{a <<- EOF}"),
        row("1.10", "not an empty name", "RUN a <<''", "RUN sh{a <<''}"),
        row("1.10", "not in exec form", "RUN [\"a\", \"<<EOF\"]", "RUN exec[a, <<EOF]"),
        row("1.10", "not in others", "CMD a <<EOF", "CMD sh{a <<EOF}"),
        row("1.10", "nor in COPY's list", "COPY [\"<<EOF\", \"/x\"]", "COPY [<<EOF] -> [/x]"),
        row(
            "1.10",
            "punctuation is part of its name",
            "RUN a <<E;\n1\nE\nE;",
            "RUN sh{a <<E;\\n1\\nE\\nE;} <<E;{1\\nE\\n}"),
        row(
            "1.10",
            "of COPY",
            "COPY a <<\"B\" c <<-D e/\n1\nB\n\t2\n\tD",
            "COPY [a] [c] <<B(quoted){1\\n} <<-D{\t2\\n} -> [e/]"),
        row(
            "1.10",
            "a name with blanks for COPY",
            "COPY <<'a b' /x\n1\na b",
            "COPY <<a b(quoted){1\\n} -> [/x]"),
        row(
            "1.10",
            "of one name: the last counts",
            "COPY <<A <<A /x/\n1\nA\n2\nA",
            "COPY <<A{2\\n} <<A{2\\n} -> [/x/]"),
        row("1.10", "of ADD", "ADD <<a /x\n1\na", "ADD <<a{1\\n} -> [/x]"));
  }

  @ParameterizedTest(name = "{0}", quoteTextArguments = false)
  @MethodSource("lines")
  void aLineMeans(String rule, String text, List<String> meaning) {
    assertEquals(meaning, summaries(text), rule);
  }

  @ParameterizedTest(name = "{0}", quoteTextArguments = false)
  @MethodSource("documents")
  void aHereDocumentIs(String rule, String text, List<String> meaning) {
    assertEquals(meaning, summaries(text), rule);
  }

  @Test
  void aByteOrderMarkIsDropped() {
    assertEquals(1, parse("\uFEFFFROM x").instructions().size());
    assertEquals('`', parse("\uFEFF# escape=`\nFROM x").escape());
  }

  @Test
  void theBacktickContinuesAndEscapesIfADirectiveSaysSo() {
    var file = parse("# escape=`\nFROM x\nRUN a `\n b\\\nENV a=x` y\nCOPY --chown=a`\"b c\\ d\\\n");
    assertEquals(
        List.of("RUN sh{a  b\\}", "ENV a=x` y", "COPY --chown=a\"b [c\\] -> [d\\]"),
        file.instructions().stream().skip(1).map(Summary::of).toList());
  }

  @Test
  void theBackslashEscapesTheNamesOfHereDocumentsWhateverTheDirective() {
    var file = parse("# escape=`\nFROM x\nRUN <<\\EOF\n`\nEOF\nRUN <<`A\n`A");
    assertEquals(
        List.of("RUN sh{} <<EOF{`\\n}", "RUN sh{} <<`A{}"),
        file.instructions().stream().skip(1).map(Summary::of).toList());
  }

  @Test
  void aScriptIsWhatTheShellIsGiven() {
    assertEquals("a\n  b\n", ((Run) instruction("RUN <<-EOF\n\ta\n\t  b\n\tEOF")).script());
    assertEquals("cat <<A\n\tx\nA", ((Run) instruction("RUN cat <<A\n\tx\nA")).script());
    assertEquals("", ((Run) instruction("RUN")).script());
    var exec = (Run) instruction("RUN [\"a\"]");
    assertThrows(IllegalStateException.class, exec::script);
  }

  @Test
  void aDocumentWithAnInterpreterIsAFile() {
    var run = (Run) instruction("RUN <<-'x y'\n\t#!/bin/awk -f\nx y");
    assertEquals("x y", run.scriptFile().orElseThrow().name());
    assertEquals(true, ((Run) instruction("RUN <<A\n1\nA")).scriptFile().isEmpty());
    assertEquals(true, ((Run) instruction("RUN sh <<A\n#!x\nA")).scriptFile().isEmpty());
    assertEquals(true, ((Run) instruction("RUN")).scriptFile().isEmpty());
  }

  @Test
  void argumentsMayStandBeforeTheFirstStage() {
    assertEquals(
        List.of("ARG a=1", "FROM [$a]", "FROM [b]"),
        parse("ARG a=1\nFROM $a\nFROM b").instructions().stream().map(Summary::of).toList());
  }

  @Test
  void aTriggerIsOneInstruction() {
    assertEquals("COPY <<A{1\\n} -> [/x]", Summary.of(trigger("COPY <<A /x\n1\nA")));
    for (var text : List.of("", "# x", "RUN a\nRUN b", "FROM x", "onbuild RUN a", "MAINTAINER x")) {
      assertThrows(BuildFailure.class, () -> trigger(text), text);
    }
  }

  @Test
  void bytesThatAreNoTextStayWhatTheyAre() {
    assertEquals("ENV a=\uDCE9\uDCFF", summary("ENV a=\uDCE9\uDCFF"));
  }

  private static Instruction trigger(String text) {
    return Dockerfile.parseTrigger(new Source("trigger", text));
  }

  private static List<String> summaries(String text) {
    return parse("FROM x\n" + text).instructions().stream().skip(1).map(Summary::of).toList();
  }

  private static Arguments row(String section, String rule, String text, String... meaning) {
    return Arguments.of(section + " " + rule, text, List.of(meaning));
  }
}
