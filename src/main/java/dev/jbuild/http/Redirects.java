package dev.jbuild.http;

import dev.jbuild.failure.BuildFailure;
import java.net.URI;
import java.util.Optional;
import java.util.Set;

/// Which redirects may be followed: https never leads to http, nothing leads to another scheme, or
/// from another machine to this one, and ten in a row are enough.
public final class Redirects {

  public static final int MOST = 10;

  private static final Set<Integer> STATUSES = Set.of(301, 302, 303, 307, 308);

  private final BuildFailure.Kind kind;

  /// @param kind of the failures
  public Redirects(BuildFailure.Kind kind) {
    this.kind = kind;
  }

  public static boolean isRedirect(int status) {
    return STATUSES.contains(status);
  }

  /// Where a redirect leads, if it may be followed. What it says of users is dropped.
  ///
  /// @param first the address that was asked for
  /// @param from the one that redirects
  /// @param hops how many redirects were followed before
  public URI target(URI first, URI from, int hops, Optional<String> location) {
    if (hops == MOST) {
      throw failure(
          first, "redirects more than " + MOST + " times, at last from " + from.getAuthority());
    }
    if (location.isEmpty()) {
      throw failure(from, "redirects without saying where to");
    }
    URI to;
    try {
      to = from.resolve(URI.create(location.get()));
    } catch (IllegalArgumentException e) {
      throw failure(from, "redirects to a malformed address");
    }
    check(first, from, to);
    return WebAddress.withoutUser(to);
  }

  private void check(URI first, URI from, URI to) {
    if (!WebAddress.isWeb(to)) {
      throw failure(from, "redirects to " + WebAddress.redacted(to) + ", which is not allowed");
    }
    if (WebAddress.isSecure(from) && !WebAddress.isSecure(to)) {
      throw failure(from, "redirects from https to http, which is not allowed");
    }
    if (LocalHosts.isPrivateToMachine(to.getHost())
        && !LocalHosts.isPrivateToMachine(first.getHost())) {
      throw failure(from, "redirects to this machine itself, which is not allowed");
    }
  }

  private BuildFailure failure(URI uri, String what) {
    return BuildFailure.of(kind, WebAddress.redacted(uri) + " " + what);
  }
}
