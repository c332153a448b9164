package dev.jbuild.cli;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// `-p` and `-P`: which ports of this machine a container's ports are. It has the machine's
/// network, so each is itself, and a wish for another number is answered with a warning.
final class PublishedPorts {

  private static final Pattern FORM =
      Pattern.compile(
          "(?:(?:\\[[0-9a-fA-F:.]*]|[0-9.]*):(?=[0-9-]*:))?(?:([0-9]*)(?:-([0-9]+))?:)?"
              + "([0-9]+)(?:-([0-9]+))?(?:/(tcp|udp|sctp))?");
  private static final int MOST = 65535;

  private PublishedPorts() {}

  /// A line for the person, and whether it warns.
  record Notice(String text, boolean warns) {}

  /// What there is to say of `-p` values.
  ///
  /// @throws BuildFailure of kind USAGE if one is none
  static List<Notice> of(List<String> published) {
    var notices = new ArrayList<Notice>();
    for (var text : published) {
      notices.add(notice(text));
    }
    return notices;
  }

  /// The same for `-P`.
  ///
  /// @param exposed by the image, as `80/tcp`
  static List<Notice> ofAll(Iterable<String> exposed) {
    var notices = new ArrayList<Notice>();
    for (var port : exposed) {
      var text = Printable.of(port);
      notices.add(
          new Notice(
              "port " + text + " of the container is port " + text + " of this machine", false));
    }
    return notices;
  }

  private static Notice notice(String text) {
    var matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw wrong(text);
    }
    int first = port(text, matcher.group(3));
    int last = matcher.group(4) == null ? first : port(text, matcher.group(4));
    var range = matcher.group(4) == null ? "" + first : first + "-" + last;
    var protocol = matcher.group(5) == null ? "tcp" : matcher.group(5);
    var host = matcher.group(1);
    if (last < first) {
      throw wrong(text);
    }
    if (host != null && !host.isEmpty()) {
      int wanted = port(text, host);
      int end = matcher.group(2) == null ? wanted : port(text, matcher.group(2));
      if (wanted != first || (end != last && end != wanted)) {
        var hostRange = end == wanted ? "" + wanted : wanted + "-" + end;
        return new Notice(
            "-p %s: a container has the network of this machine, so what listens on %s/%s there is"
                    .formatted(Printable.of(text), range, protocol)
                + " at "
                + range
                + " of this machine, not at "
                + hostRange,
            true);
      }
    }
    return new Notice(
        "port "
            + range
            + "/"
            + protocol
            + " of the container is port "
            + range
            + " of this machine",
        false);
  }

  private static int port(String text, String digits) {
    int port = digits.length() > 5 ? 0 : Integer.parseInt(digits);
    if (port < 1 || port > MOST) {
      throw wrong(text);
    }
    return port;
  }

  private static BuildFailure wrong(String text) {
    return Options.usage("-p cannot be " + Printable.of(text))
        .hint("write it as PORT, HOST-PORT:PORT or ADDRESS:HOST-PORT:PORT, with /udp if need be");
  }
}
