package dev.jbuild.sandbox;

import java.io.IOException;

/// Takes what a step writes, standard output and standard error in the order of writing.
public interface StepOutput {

  /// Takes the first `length` bytes of `buffer`, which is used again afterwards.
  ///
  /// Called by one thread at a time. While it does not return the step can write no more than a
  /// pipe holds. When it throws, the step is killed and the exception reaches the caller of
  /// [Sandbox#run].
  void write(byte[] buffer, int length) throws IOException;
}
