package dev.jbuild.registry;

import java.time.Duration;

/// What happens to the bytes of images on their way, as data.
public sealed interface TransferEvent {

  /// The way of one blob.
  ///
  /// @param kind `layer`, `config`
  /// @param id the first digits of its digest
  /// @param size its bytes; -1 as long as that is not known
  record Transfer(String kind, String id, long size) {
    @Override
    public String toString() {
      return kind + " " + id;
    }
  }

  /// Bytes begin to move.
  record Started(Transfer transfer) implements TransferEvent {}

  /// So many of them have moved.
  record Moved(Transfer transfer, long bytes) implements TransferEvent {}

  /// A blob is where it should be.
  ///
  /// @param bytes that it has
  record Finished(Transfer transfer, Ending ending, long bytes, Duration took)
      implements TransferEvent {}

  /// How a blob came to be where it should be.
  enum Ending {
    MOVED,
    /// It was there.
    THERE,
    /// The registry took it from another of its repositories.
    MOUNTED
  }
}
