package dev.jbuild.cli;

import dev.jbuild.store.Store;
import java.io.IOException;
import java.io.InterruptedIOException;

/// What a command does with the open store.
interface StoreWork {

  /// @return the exit code
  int with(Store store) throws IOException, InterruptedException;

  /// Opens the session's store for `work` and closes it again.
  ///
  /// @throws dev.jbuild.failure.BuildFailure for whatever the store could not do
  static int run(Session session, StoreWork work) throws IOException, InterruptedException {
    try (var store = session.openStore()) {
      try {
        return work.with(store);
      } catch (InterruptedIOException e) {
        throw new InterruptedException(e.getMessage());
      } catch (IOException e) {
        throw store.explain(e);
      }
    }
  }
}
