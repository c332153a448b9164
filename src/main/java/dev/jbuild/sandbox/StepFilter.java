package dev.jbuild.sandbox;

import dev.jbuild.failure.ThrownElsewhere;
import dev.jbuild.linux.Workers;
import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/// The filter of a sandbox's steps as the kernel takes it. It is made on a thread of its own while
/// the sandbox is opened and the first step gets its root. Safe for use by many threads.
final class StepFilter {

  private final FutureTask<byte[]> bytes;

  /// Begins at once.
  StepFilter(Processor processor) {
    bytes = new FutureTask<>(() -> BpfInstruction.encode(SeccompFilter.forProcessor(processor)));
    if (Workers.beside("filter", bytes) == null) {
      bytes.run();
    }
  }

  byte[] bytes() throws IOException, InterruptedException {
    try {
      return bytes.get();
    } catch (ExecutionException e) {
      ThrownElsewhere.rethrow(e.getCause());
      throw new IllegalStateException(e);
    }
  }
}
