package dev.jbuild.context;

import dev.jbuild.http.LocalHosts;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// Who asks for a git repository, and with what it may be opened.
///
/// What a person names on the command line is fetched with the person's own ssh settings, keys and
/// agent. A Dockerfile is somebody else's: it gets nothing but what the command line gives it.
public final class GitAccess {

  private static final String SSH = "ssh -o BatchMode=yes";

  private final boolean person;
  private final Optional<String> socket;
  private final Function<String, Optional<String>> headers;

  private GitAccess(
      boolean person, Optional<String> socket, Function<String, Optional<String>> headers) {
    this.person = person;
    this.socket = socket;
    this.headers = headers;
  }

  /// For a repository that the command line names.
  ///
  /// @param headers the value of the Authorization header for a host, if there is one
  public static GitAccess ofPerson(Function<String, Optional<String>> headers) {
    return new GitAccess(true, Optional.empty(), headers);
  }

  /// For a repository that a Dockerfile names.
  ///
  /// @param agent the socket of the ssh agent that the build may use
  /// @param headers as above
  public static GitAccess ofDockerfile(
      Optional<String> agent, Function<String, Optional<String>> headers) {
    return new GitAccess(false, agent, headers);
  }

  boolean isPerson() {
    return person;
  }

  /// How git starts ssh, which must never ask anything.
  String sshCommand() {
    return person ? SSH : SSH + " -F /dev/null -o IdentityFile=none" + agentOption();
  }

  private String agentOption() {
    return socket.isPresent() ? "" : " -o IdentityAgent=none";
  }

  /// The socket of the agent.
  Optional<String> agent(Map<String, String> environment) {
    return person ? Optional.ofNullable(environment.get("SSH_AUTH_SOCK")) : socket;
  }

  /// The value of the Authorization header for a repository on a web server. Over http everybody on
  /// the way could read it: only this machine gets it so.
  Optional<String> authorization(GitReference reference) {
    return secret(reference).filter(_ -> !isReadable(reference));
  }

  /// Whether there is a secret for the repository that was kept back.
  boolean isKeptBack(GitReference reference) {
    return isReadable(reference) && secret(reference).isPresent();
  }

  private Optional<String> secret(GitReference reference) {
    return host(reference).flatMap(headers);
  }

  private static boolean isReadable(GitReference reference) {
    if (!reference.remote().startsWith("http://")) {
      return false;
    }
    var host = host(reference).orElse("").replaceFirst(":[0-9]*$", "");
    return !LocalHosts.isLoopback(host);
  }

  /// The host of a web server, with its port if the address has one.
  private static Optional<String> host(GitReference reference) {
    var remote = reference.remote();
    if (!remote.startsWith("https://") && !remote.startsWith("http://")) {
      return Optional.empty();
    }
    var rest = remote.substring(remote.indexOf("//") + 2);
    int slash = rest.indexOf('/');
    return Optional.of(slash < 0 ? rest : rest.substring(0, slash));
  }
}
