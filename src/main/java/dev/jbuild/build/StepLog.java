package dev.jbuild.build;

import dev.jbuild.failure.Printable;
import dev.jbuild.sandbox.StepOutput;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The whole output of a step in a file, byte for byte, however much it is. A log that cannot be
/// written any further ends there, with a warning: no step fails for it.
final class StepLog implements StepOutput, AutoCloseable {

  private final Consumer<String> warnings;
  private @Nullable OutputStream file;

  private StepLog(@Nullable OutputStream file, Consumer<String> warnings) {
    this.file = file;
    this.warnings = warnings;
  }

  /// Where the log goes.
  @FunctionalInterface
  interface Place {
    Path find() throws IOException;
  }

  /// Begins a log; an earlier one at this place is gone.
  static StepLog open(Place place, Consumer<String> warnings) {
    try {
      return new StepLog(Files.newOutputStream(place.find()), warnings);
    } catch (IOException e) {
      warnings.accept("the log of a step cannot be kept: " + Printable.of(e.getMessage() + ""));
      return new StepLog(null, warnings);
    }
  }

  @Override
  public void write(byte[] buffer, int length) {
    var open = file;
    if (open == null) {
      return;
    }
    try {
      open.write(buffer, 0, length);
    } catch (IOException e) {
      warnings.accept("the log of a step ends early: " + Printable.of(e.getMessage() + ""));
      close();
    }
  }

  @Override
  public void close() {
    var open = file;
    file = null;
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        warnings.accept("the log of a step ends early: " + Printable.of(e.getMessage() + ""));
      }
    }
  }
}
