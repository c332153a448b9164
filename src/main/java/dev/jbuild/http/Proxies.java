package dev.jbuild.http;

import java.io.IOException;
import java.net.Authenticator;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PasswordAuthentication;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Proxies as the environment names them: HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY, lower case
/// first, as curl and Go read them. Loopback addresses are never proxied.
final class Proxies extends ProxySelector {

  private final Optional<URI> plain;
  private final Optional<URI> secure;
  private final List<String> direct;

  Proxies(Map<String, String> environment) {
    var any = value(environment, "ALL_PROXY");
    this.plain = address(value(environment, "HTTP_PROXY").or(() -> any));
    this.secure = address(value(environment, "HTTPS_PROXY").or(() -> any));
    this.direct =
        Arrays.stream(value(environment, "NO_PROXY").orElse("").split(",", -1))
            .map(entry -> entry.strip().toLowerCase(Locale.ROOT))
            .filter(entry -> !entry.isEmpty())
            .toList();
  }

  private static Optional<String> value(Map<String, String> environment, String name) {
    var lower = environment.get(name.toLowerCase(Locale.ROOT));
    var value = lower == null ? environment.get(name) : lower;
    return Optional.ofNullable(value).filter(text -> !text.isBlank());
  }

  private static Optional<URI> address(Optional<String> text) {
    return text.map(value -> value.contains("://") ? value : "http://" + value)
        .map(WebAddress::parse);
  }

  @Override
  public List<Proxy> select(URI uri) {
    return proxy(uri)
        .map(proxy -> new InetSocketAddress(proxy.getHost(), WebAddress.port(proxy)))
        .map(address -> List.of(new Proxy(Proxy.Type.HTTP, address)))
        .orElse(List.of(Proxy.NO_PROXY));
  }

  Optional<URI> proxy(URI uri) {
    var proxy = WebAddress.isSecure(uri) ? secure : plain;
    return isDirect(uri) ? Optional.empty() : proxy;
  }

  @Override
  public void connectFailed(URI uri, SocketAddress address, IOException why) {
    // The client tells of it.
  }

  /// Who answers proxies that want a password.
  Authenticator authenticator() {
    return new Authenticator() {
      @Override
      protected @Nullable PasswordAuthentication getPasswordAuthentication() {
        if (getRequestorType() != RequestorType.PROXY) {
          return null;
        }
        for (var proxy : List.of(plain, secure)) {
          if (proxy.isPresent()
              && proxy.get().getHost().equalsIgnoreCase(getRequestingHost())
              && WebAddress.port(proxy.get()) == getRequestingPort()) {
            return password(proxy.get()).orElse(null);
          }
        }
        return null;
      }
    };
  }

  /// Whether a proxy wants a password.
  boolean needPassword() {
    return plain.flatMap(Proxies::password).isPresent()
        || secure.flatMap(Proxies::password).isPresent();
  }

  private static Optional<PasswordAuthentication> password(URI proxy) {
    var user = proxy.getUserInfo();
    if (user == null) {
      return Optional.empty();
    }
    int colon = user.indexOf(':');
    return Optional.of(
        colon < 0
            ? new PasswordAuthentication(user, new char[0])
            : new PasswordAuthentication(
                user.substring(0, colon), user.substring(colon + 1).toCharArray()));
  }

  private boolean isDirect(URI uri) {
    var host = uri.getHost().toLowerCase(Locale.ROOT);
    if (LocalHosts.isLoopback(host)) {
      return true;
    }
    return direct.stream().anyMatch(entry -> matches(entry, host, WebAddress.port(uri)));
  }

  /// An entry is `*`, an address, a range `10.0.0.0/8`, or a domain with all below it, with `.` in
  /// front only those below it; each may end with a port.
  private static boolean matches(String entry, String host, int port) {
    if (entry.equals("*")) {
      return true;
    }
    var name = entry;
    int colon = entry.lastIndexOf(':');
    if (colon > 0 && entry.indexOf(':') == colon) {
      if (!entry.substring(colon + 1).equals(Integer.toString(port))) {
        return false;
      }
      name = entry.substring(0, colon);
    }
    var address = LocalHosts.literal(host);
    if (address.isPresent()) {
      return inRange(name, address.get());
    }
    name = name.startsWith("*.") ? name.substring(1) : name;
    return name.startsWith(".")
        ? host.endsWith(name)
        : host.equals(name) || host.endsWith("." + name);
  }

  private static boolean inRange(String entry, InetAddress address) {
    int slash = entry.indexOf('/');
    var network = LocalHosts.literal(slash < 0 ? entry : entry.substring(0, slash));
    if (network.isEmpty()) {
      return false;
    }
    var wanted = network.get().getAddress();
    var given = address.getAddress();
    int bits = 8 * wanted.length;
    if (slash >= 0) {
      var text = entry.substring(slash + 1);
      if (!text.matches("[0-9]{1,3}")) {
        return false;
      }
      bits = Math.min(bits, Integer.parseInt(text));
    }
    boolean same = wanted.length == given.length;
    for (int i = 0; i < bits && same; i++) {
      same = ((wanted[i / 8] ^ given[i / 8]) >> (7 - i % 8) & 1) == 0;
    }
    return same;
  }
}
