package dev.jbuild.serve;

import java.io.IOException;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// The uploads that are open, of which there may be so many at once. When there are, the one that
/// nobody has gone on with for longest makes room for another, if that was long enough.
///
/// Safe for use by many threads.
final class OpenUploads<U extends Upload> {

  private final Limits.Uploads limits;
  private final RequestLog log;
  private final Map<String, U> byId = new ConcurrentHashMap<>();
  private int taken;

  /// @param log is told which could not be removed
  OpenUploads(Limits.Uploads limits, RequestLog log) {
    this.limits = limits;
    this.log = log;
  }

  /// Takes a place, which is to be filled by [#fill] or given back.
  ///
  /// @throws Refusal if there is none, and none can be had
  void takePlace() {
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

  /// The upload is entered, so that it stays until its client was told of it, or has sent it whole.
  void fill(U upload) {
    upload.enter();
    byId.put(upload.id(), upload);
  }

  /// Keeps one that was begun before, place or not.
  synchronized void keep(U upload) {
    if (byId.putIfAbsent(upload.id(), upload) == null) {
      taken++;
    }
  }

  /// @return whether an upload is over that was open
  private boolean makeRoom() {
    var passedOver = new HashSet<U>();
    var next = longestIdle(passedOver);
    while (next.isPresent()) {
      if (end(next.get(), limits.room())) {
        return true;
      }
      passedOver.add(next.get());
      next = longestIdle(passedOver);
    }
    return false;
  }

  private Optional<U> longestIdle(Set<U> passedOver) {
    return byId.values().stream()
        .filter(upload -> !passedOver.contains(upload))
        .max(Comparator.comparing(Upload::idle))
        .filter(upload -> upload.idle().compareTo(limits.room()) >= 0);
  }

  /// Ends all that nobody has gone on with for so long.
  void endIdle(Duration patience) {
    byId.values().forEach(upload -> end(upload, patience));
  }

  /// What cannot be removed of one is nobody's failure who wants another.
  ///
  /// @return whether it is over
  private boolean end(U upload, Duration patience) {
    try {
      return upload.cancelIfIdle(patience);
    } catch (IOException e) {
      log.trouble("the upload " + upload.id() + " cannot be removed", e);
      return !upload.isOpen();
    }
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
