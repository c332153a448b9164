package dev.jbuild.serve;

import java.io.IOException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// The uploads that are open, of which there may be so many at once. When there are, the one that
/// nobody has gone on with for longest makes room for another, if that was long enough.
///
/// Safe for use by many threads.
final class OpenUploads<U extends Upload> {

  private final Limits.Uploads limits;
  private final Map<String, U> byId = new ConcurrentHashMap<>();
  private int taken;

  OpenUploads(Limits.Uploads limits) {
    this.limits = limits;
  }

  /// Takes a place, which is to be filled by [#fill] or given back.
  ///
  /// @throws Refusal if there is none, and none can be had
  void takePlace() throws IOException {
    while (!tryTake()) {
      if (!makeRoom()) {
        throw Refusal.of(
                429,
                ErrorCode.TOOMANYREQUESTS,
                limits.most()
                    + " uploads are open, and no more are taken until some are finished or"
                    + " cancelled")
            .with("Retry-After", "60");
      }
    }
  }

  private synchronized boolean tryTake() {
    if (taken >= limits.most()) {
      return false;
    }
    taken++;
    return true;
  }

  /// Gives a place back that was taken for nothing.
  synchronized void giveBack() {
    taken--;
  }

  void fill(U upload) {
    byId.put(upload.id(), upload);
  }

  /// Adds one that was begun before, place or not.
  synchronized void readd(U upload) {
    if (byId.putIfAbsent(upload.id(), upload) == null) {
      taken++;
    }
  }

  private record Left(Upload upload, Duration idle) {}

  /// @return whether an upload is over that was open
  private boolean makeRoom() throws IOException {
    var left =
        byId.values().stream()
            .map(upload -> new Left(upload, upload.idle()))
            .filter(each -> each.idle().compareTo(limits.room()) >= 0)
            .sorted(Comparator.comparing(Left::idle).reversed())
            .toList();
    for (var each : left) {
      if (each.upload().cancelIfIdle(limits.room())) {
        return true;
      }
    }
    return false;
  }

  /// The one with this id, if it is open.
  Optional<U> find(String id) {
    return Optional.ofNullable(byId.get(id));
  }

  List<U> all() {
    return List.copyOf(byId.values());
  }

  /// Takes away one that is over; again does nothing.
  void remove(U upload) {
    if (byId.remove(upload.id(), upload)) {
      giveBack();
    }
  }
}
