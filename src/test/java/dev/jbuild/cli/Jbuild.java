package dev.jbuild.cli;

import dev.jbuild.console.Console;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.AbstractMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// One run of the program in this process, with its own store.
final class Jbuild {

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private Map<String, String> environment;
  private int code = -1;

  Jbuild(Path store) {
    this.environment = Map.of("JBUILD_ROOT", store.toString());
  }

  /// With an environment that fails when it is asked, which no command expects.
  Jbuild withoutEnvironment() {
    return failing(new IllegalStateException("no environment"));
  }

  /// With an environment that fails so when it is asked.
  Jbuild failing(RuntimeException failure) {
    environment =
        new AbstractMap<>() {
          @Override
          public Set<Entry<String, String>> entrySet() {
            throw failure;
          }
        };
    return this;
  }

  /// With one more variable.
  Jbuild with(String name, String value) {
    var more = new HashMap<>(environment);
    more.put(name, value);
    environment = Map.copyOf(more);
    return this;
  }

  Jbuild run(String... words) {
    var console = new Console(out, err, false, false, () -> 0);
    code = Main.run(List.of(words), environment, console);
    console.flush();
    return this;
  }

  int code() {
    return code;
  }

  String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  byte[] bytes() {
    return out.toByteArray();
  }

  String err() {
    return err.toString(StandardCharsets.UTF_8);
  }
}
