package dev.jbuild.build;

import java.io.IOException;

/// Somebody who is asked when a RUN fails, while the build waits.
public interface Rescuer {

  /// Nobody: the build stops.
  Rescuer NONE = _ -> false;

  /// Tries to mend the step. One at a time: the caller sees to it.
  ///
  /// @return whether the instruction succeeded in the end, so that the build goes on with the files
  ///     as they are now
  boolean mends(Mending step) throws IOException, InterruptedException;
}
