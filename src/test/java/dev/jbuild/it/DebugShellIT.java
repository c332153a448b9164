package dev.jbuild.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The scripts of `jbuild debug` in the shells that people have: what is noted is what was typed
/// and succeeded, and nothing else.
class DebugShellIT {

  private static final String PROMPT = "debug\\S*[$#] ";

  @TempDir Path place;

  private List<String> command(String shell) throws Exception {
    for (var name : List.of("session.sh", "session.bash")) {
      try (var script = DebugShellIT.class.getResourceAsStream("/dev/jbuild/build/" + name)) {
        var text = new String(script.readAllBytes(), UTF_8);
        Files.writeString(place.resolve(name), text.replace("/.jbuild", place.toString()));
      }
    }
    Files.createDirectory(place.resolve("out"));
    Files.writeString(place.resolve("calls"), "the instruction\n");
    Files.writeString(place.resolve("step"), "#!/bin/sh\ncat\ntest -e ok\n");
    place.resolve("step").toFile().setExecutable(true);
    var script = place.resolve("session.sh").toString();
    return switch (shell) {
      case "bash" ->
          List.of("bash", "--noprofile", "--rcfile", place.resolve("session.bash") + "", "-i");
      case "dash" -> List.of("dash", script, "dash", "debug$ ");
      default -> List.of("busybox", "ash", script, "busybox ash", "debug$ ");
    };
  }

  @ParameterizedTest
  @ValueSource(strings = {"bash", "dash", "ash"})
  void whatSucceededIsNotedInItsOrder(String shell) throws Exception {
    Tools.need(shell.equals("ash") ? "busybox" : shell);
    var typed =
        List.of(
            "echo one",
            "false",
            "echo st=$?",
            "for i in 1 2", // one prompt for each line
            "do echo $i; done",
            "cat <<E",
            "text",
            "E",
            "echo )",
            "X=5; mkdir d && cd d",
            "echo $X; cd ..",
            "echo \"a",
            "b\"",
            "retry",
            "touch ok",
            "retry",
            ". /missing",
            "echo ${missing?no}",
            "echo still");
    try (var terminal = new TerminalDriver(place, Map.of(), command(shell))) {
      for (var each : typed) {
        terminal.until("debug\\S*[$#] |> ");
        terminal.type(each + "\r");
      }
      terminal.until("echo still");
      terminal.until("still");
      interrupt(terminal);
      terminal.until(PROMPT);
      terminal.type("exit\r");
      terminal.exitCode();
    }
    assertEquals(
        List.of(
            "echo one",
            "echo st=$?",
            "for i in 1 2\ndo echo $i; done",
            "cat <<E\ntext\nE",
            "X=5; mkdir d && cd d",
            "echo $X; cd ..",
            "echo \"a\nb\"",
            "touch ok",
            "retry",
            "echo still"),
        noted("typed").map(String::stripTrailing).toList());
    assertEquals(List.of("1", "0"), noted("retries").toList());
  }

  /// A person who thinks better of it: of a line, of a command of several lines, of a program that
  /// runs.
  private static void interrupt(TerminalDriver terminal) throws Exception {
    terminal.until(PROMPT);
    terminal.awaitReader();
    terminal.type("echo never").until("echo never");
    terminal.type("\003").until("\\^C");
    terminal.until(PROMPT);
    terminal.awaitReader();
    terminal.type("echo never; {\r").until("> ");
    terminal.awaitReader();
    terminal.type("\003").until("\\^C");
    terminal.until(PROMPT);
    // Told by the one that is to be interrupted, when it is in front.
    terminal.type("sh -c 'echo on-$((1+1)); exec sleep 1007'\r").until("on-2");
    terminal.type("\003").until("\\^C");
  }

  /// Ctrl-C between the prompt and the reading: no shell reads less for it, so that what is typed
  /// then counts.
  @ParameterizedTest
  @ValueSource(strings = {"dash", "ash"})
  void whatIsTypedAfterAnEarlyInterruptIsRun(String shell) throws Exception {
    Tools.need(shell.equals("ash") ? "busybox" : shell);
    try (var terminal = new TerminalDriver(place, Map.of(), command(shell))) {
      terminal.until(PROMPT);
      terminal.type(
          "printf() { command printf \"$@\"; case $2$1 in debug*|'> ') kill -INT $$; esac; }\r");
      for (var line : List.of("echo one", "echo two; {", "echo three", "exit")) {
        terminal.until("debug\\S*[$#] |> ");
        terminal.type(line + "\r");
      }
      terminal.exitCode();
    }
    assertEquals(List.of("echo one", "echo three"), noted("typed").skip(1).toList());
  }

  private Stream<String> noted(String name) throws Exception {
    return Stream.of(Files.readString(place.resolve("out").resolve(name)).split("\0"));
  }
}
