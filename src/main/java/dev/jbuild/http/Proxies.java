package dev.jbuild.http;

import dev.jbuild.failure.BuildFailure;
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
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Proxies as the environment names them: HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY, lower case
/// first, as curl and Go read them. Loopback addresses are never proxied.
public final class Proxies extends ProxySelector {

  /// What may be shown of an address: what precedes `://` may as well be a part of a password.
  private static final Pattern SCHEME = Pattern.compile("[a-zA-Z][a-zA-Z0-9+.-]*");

  private final Optional<Setting> plain;
  private final Optional<Setting> secure;
  private final List<String> direct;

  /// @param environment of the process
  public Proxies(Map<String, String> environment) {
    this.plain = setting(environment, "HTTP_PROXY");
    this.secure = setting(environment, "HTTPS_PROXY");
    this.direct =
        Arrays.stream(value(environment, "NO_PROXY").orElse("").split(",", -1))
            .map(entry -> entry.strip().toLowerCase(Locale.ROOT))
            .filter(entry -> !entry.isEmpty())
            .toList();
  }

  private static Optional<Setting> setting(Map<String, String> environment, String name) {
    var any = "ALL_PROXY";
    return value(environment, name)
        .map(text -> new Setting(name, text))
        .or(() -> value(environment, any).map(text -> new Setting(any, text)));
  }

  private static Optional<String> value(Map<String, String> environment, String name) {
    var lower = environment.get(name.toLowerCase(Locale.ROOT));
    var value = lower == null ? environment.get(name) : lower;
    return Optional.ofNullable(value).filter(text -> !text.isBlank());
  }

  /// A variable that names a proxy; understood when the proxy is needed.
  private record Setting(String variable, String value) {

    /// @throws BuildFailure USAGE if it names none that can be used. The text is not shown: it may
    ///     hold a password in any place but a scheme.
    URI address() {
      var text = value.contains("://") ? value : "http://" + value;
      if (!text.toLowerCase(Locale.ROOT).startsWith("http://")) {
        var scheme = text.substring(0, text.indexOf("://"));
        throw SCHEME.matcher(scheme).matches()
            ? failure(variable + " names a proxy of " + scheme + ", which jbuild does not speak")
            : failure(variable + " is no address of a proxy");
      }
      try {
        return WebAddress.parse(text);
      } catch (BuildFailure e) {
        throw failure(variable + " is no address of a proxy");
      }
    }

    Optional<URI> find() {
      try {
        return Optional.of(address());
      } catch (BuildFailure e) {
        return Optional.empty(); // told when it is needed
      }
    }

    private static BuildFailure failure(String message) {
      return BuildFailure.of(BuildFailure.Kind.USAGE, message)
          .hint("write it as http://HOST:PORT; https goes through it as well");
    }
  }

  @Override
  public List<Proxy> select(URI uri) {
    return proxy(uri)
        .map(proxy -> new InetSocketAddress(proxy.getHost(), WebAddress.port(proxy)))
        .map(address -> List.of(new Proxy(Proxy.Type.HTTP, address)))
        .orElse(List.of(Proxy.NO_PROXY));
  }

  /// The proxy for an address.
  ///
  /// @throws BuildFailure USAGE if the environment names one that cannot be used
  public Optional<URI> proxy(URI uri) {
    var setting = WebAddress.isSecure(uri) ? secure : plain;
    return isDirect(uri) ? Optional.empty() : setting.map(Setting::address);
  }

  @Override
  public void connectFailed(URI uri, SocketAddress address, IOException why) {
    // The client tells of it.
  }

  /// Who answers proxies that want a password.
  public Authenticator authenticator() {
    return new Authenticator() {
      @Override
      protected @Nullable PasswordAuthentication getPasswordAuthentication() {
        if (getRequestorType() != RequestorType.PROXY) {
          return null;
        }
        for (var proxy : usable()) {
          if (proxy.getHost().equalsIgnoreCase(getRequestingHost())
              && WebAddress.port(proxy) == getRequestingPort()) {
            return password(proxy).orElse(null);
          }
        }
        return null;
      }
    };
  }

  /// Whether a proxy wants a password.
  public boolean needPassword() {
    return usable().stream().anyMatch(proxy -> password(proxy).isPresent());
  }

  private List<URI> usable() {
    return Stream.of(plain, secure)
        .flatMap(Optional::stream)
        .map(Setting::find)
        .flatMap(Optional::stream)
        .toList();
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
