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

  private final Place place;
  private final Consumer<String> warnings;
  private @Nullable OutputStream file;
  private boolean isBegun;

  private StepLog(Place place, Consumer<String> warnings) {
    this.place = place;
    this.warnings = warnings;
  }

  /// Where the log goes.
  @FunctionalInterface
  interface Place {
    Path find() throws IOException;
  }

  /// Begins a log; an earlier one at this place is gone once this is written or closed. A step that
  /// prints nothing needs no file.
  static StepLog open(Place place, Consumer<String> warnings) {
    return new StepLog(place, warnings);
  }

  private void begin() {
    isBegun = true;
    try {
      file = Files.newOutputStream(place.find());
    } catch (IOException e) {
      warnings.accept("the log of a step cannot be kept: " + Printable.of(e.getMessage() + ""));
    }
  }

  @Override
  public synchronized void write(byte[] buffer, int length) {
    if (!isBegun) {
      begin();
    }
    var open = file;
    if (open == null) {
      return;
    }
    try {
      open.write(buffer, 0, length);
    } catch (IOException e) {
      warnings.accept("the log of a step ends early: " + Printable.of(e.getMessage() + ""));
      end();
    }
  }

  private void end() {
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

  @Override
  public synchronized void close() {
    if (!isBegun) {
      begin();
    }
    end();
  }
}
