package dev.jbuild.plan;

import dev.jbuild.failure.Printable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// EXPOSE's words: `80`, `80/udp`, `7000-7010/tcp`; also `[ip:][host:]container`, of which only the
/// container's ports count.
final class Ports {

  private static final int HIGHEST = 65535;

  private Ports() {}

  /// The single ports that `text` stands for, `80/tcp`.
  ///
  /// @throws IllegalArgumentException if it is none, saying why
  static List<String> parse(String text) {
    var spec = text.substring(text.lastIndexOf(':') + 1);
    int slash = spec.indexOf('/');
    var numbers = slash < 0 ? spec : spec.substring(0, slash);
    var protocol = protocolOf(spec).toLowerCase(Locale.ROOT);
    protocol = protocol.isEmpty() ? "tcp" : protocol;
    if (!protocol.matches("tcp|udp|sctp")) {
      throw new IllegalArgumentException(
          "\"" + Printable.of(protocol) + "\" is not a protocol: tcp, udp or sctp");
    }
    int dash = numbers.indexOf('-');
    int first = number(dash < 0 ? numbers : numbers.substring(0, dash), text);
    int last = dash < 0 ? first : number(numbers.substring(dash + 1), text);
    if (last < first) {
      throw new IllegalArgumentException(
          "the range " + Printable.of(numbers) + " ends before it begins");
    }
    var ports = new ArrayList<String>();
    for (int port = first; port <= last; port++) {
      ports.add(port + "/" + protocol);
    }
    return ports;
  }

  /// What follows the slash; empty if nothing does.
  static String protocolOf(String text) {
    int slash = text.indexOf('/', text.lastIndexOf(':') + 1);
    return slash < 0 ? "" : text.substring(slash + 1);
  }

  private static int number(String digits, String text) {
    if (!digits.matches("[0-9]{1,9}") || Integer.parseInt(digits) > HIGHEST) {
      throw new IllegalArgumentException(
          "\"" + Printable.of(text) + "\" is not a port: a number from 0 to 65535, or a range");
    }
    return Integer.parseInt(digits);
  }
}
