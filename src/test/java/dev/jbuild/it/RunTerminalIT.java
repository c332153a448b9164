package dev.jbuild.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// `jbuild run -it`, as a person sees it.
class RunTerminalIT {

  @RegisterExtension final Workbench desk = new Workbench();

  private TerminalDriver terminal(String... arguments) throws Exception {
    return new TerminalDriver(desk.directory(), desk.environment(), desk.command(arguments));
  }

  @ParameterizedTest
  @EnumSource(Workbench.Who.class)
  void aShellWithResizeInterruptsAndJobs(Workbench.Who who) throws Exception {
    desk.as(who).base();
    try (var terminal = terminal("run", "-it", "base", "sh")) {
      terminal.until("# ");
      terminal.type("tty; stty size; echo $TERM.\r").until("/dev/pts/0\\s+30 100\\s+xterm\\.");
      terminal.resize(44, 123).type(awaitSize("44 123") + "; echo si${x}zed\r").until("sized");
      terminal.type("sh -c 'echo go$((1+1)); sleep 1000'\r").until("go2");
      terminal.type("\003").until("\\^C");
      terminal.type("echo code=$?\r").until("code=130");
      terminal.type("sh -c 'echo go$((2+1)); exec cat'\r").until("go3");
      terminal.type("\032").until("Stopped");
      // What is typed now waits for whoever reads: not before cat is in front again, that is cat.
      terminal.type("jobs; fg\r").until("Stopped");
      terminal.type("answer\r").until("answer\\s+answer");
      terminal.type("\003").until("\\^C");
      assertTrue(!terminal.isRestored(), "the terminal is raw meanwhile");
      terminal.type("echo bye; exit 7\r").until("\nbye");
      assertEquals(7, terminal.exitCode());
      assertTrue(terminal.isRestored());
    }
  }

  @Test
  void theTerminalIsRestoredAfterFailureAndSignal() throws Exception {
    desk.base();
    try (var terminal = terminal("run", "-it", "base", "/missing")) {
      assertEquals(127, terminal.exitCode());
      assertTrue(terminal.isRestored());
    }
    try (var terminal = terminal("run", "-it", "base", "sh", "-c", "echo ready; sleep 1002")) {
      terminal.until("ready");
      terminal.process().destroy();
      assertEquals(143, terminal.exitCode());
      assertTrue(terminal.isRestored());
    }
    try (var terminal = terminal("run", "-it", "--sandbox=chroot", "base", "sh")) {
      terminal.until("# ");
      terminal.resize(44, 123);
      terminal.type(awaitSize("44 123") + "; sh -c 'echo go$((1+1)); sleep 1003'\r").until("go2");
      terminal.type("\003").until("\\^C");
      terminal.type("exit 7\r");
      assertEquals(7, terminal.exitCode());
      assertTrue(terminal.isRestored());
    }
    desk.jbuild("run", "-it", "base", "true").failsWith(125).saysOnError("no terminal");
  }

  /// A command that ends when the terminal has this size, which comes after what is typed if the
  /// machine is busy.
  static String awaitSize(String size) {
    return "until [ \"$(stty size)\" = '" + size + "' ]; do sleep .1; done";
  }
}
