package dev.jbuild.http;

import java.net.InetAddress;
import java.util.Locale;
import java.util.Optional;

/// Hosts that mean this machine or its own link, told from the text alone: no name is looked up.
public final class LocalHosts {

  private LocalHosts() {}

  /// The address that `host` is, if it is written as one.
  static Optional<InetAddress> literal(String host) {
    var bare = host.startsWith("[") && host.endsWith("]") ? unbracketed(host) : host;
    try {
      return Optional.of(InetAddress.ofLiteral(bare));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static String unbracketed(String host) {
    return host.substring(1, host.length() - 1);
  }

  /// Whether `host` is this machine.
  public static boolean isLoopback(String host) {
    var name = host.toLowerCase(Locale.ROOT);
    return name.equals("localhost")
        || name.endsWith(".localhost")
        || literal(host).filter(InetAddress::isLoopbackAddress).isPresent();
  }

  /// Whether `host` is this machine, or one that only this machine reaches: where cloud machines
  /// keep their credentials (169.254.169.254), and services that trust whoever is here.
  public static boolean isPrivateToMachine(String host) {
    return isLoopback(host)
        || literal(host)
            .filter(address -> address.isLinkLocalAddress() || address.isAnyLocalAddress())
            .isPresent();
  }

  /// Whether `host` is such a host, or is written as an address of a private network.
  public static boolean isPrivate(String host) {
    return isPrivateToMachine(host)
        || literal(host)
            .filter(address -> address.isSiteLocalAddress() || isUniqueLocal(address))
            .isPresent();
  }

  /// fc00::/7.
  private static boolean isUniqueLocal(InetAddress address) {
    var bytes = address.getAddress();
    return bytes.length == 16 && (bytes[0] & 0xFE) == 0xFC;
  }
}
