package dev.jbuild.linux;

import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import org.jspecify.annotations.Nullable;

/// Signals to this process, and from it to others.
public final class Signals {

  private Signals() {}

  /// Runs `action`, in a thread of its own, whenever this process gets the signal, instead of what
  /// the JVM would do.
  ///
  /// The JDK has one door to signals, which is not part of Java: without reflection the compiler
  /// would warn of it.
  ///
  /// @param name without SIG: `TERM`
  /// @return false if the JVM keeps it for itself, or the process was started with it ignored
  public static boolean handle(String name, Runnable action) {
    try {
      var signal = Class.forName("sun.misc.Signal");
      var handler = Class.forName("sun.misc.SignalHandler");
      var proxy =
          Proxy.newProxyInstance(
              Signals.class.getClassLoader(),
              new Class<?>[] {handler},
              (_, method, arguments) -> answer(method, arguments, action));
      signal
          .getMethod("handle", signal, handler)
          .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
      return true;
    } catch (ReflectiveOperationException e) {
      return false;
    }
  }

  /// Whatever else a proxy is asked (to compare itself, to show itself) the action answers.
  private static @Nullable Object answer(Method method, Object[] arguments, Runnable action)
      throws ReflectiveOperationException {
    if (!method.getName().equals("handle")) {
      return method.invoke(action, arguments);
    }
    action.run();
    return null;
  }

  /// Sends a signal to a child of another process, if it is one still: a number that was given to
  /// somebody else meanwhile is not mistaken for it.
  ///
  /// @return whether it was sent
  public static boolean send(ProcessHandle parent, ProcessHandle child, int number)
      throws IOException {
    long fd = Kernel.call(SystemCall.PIDFD_OPEN, child.pid(), 0);
    if (fd < 0) {
      return false;
    }
    try {
      return parent.children().anyMatch(child::equals)
          && Kernel.call(SystemCall.PIDFD_SEND_SIGNAL, fd, number, 0, 0) >= 0;
    } finally {
      Kernel.close(fd);
    }
  }
}
