package dev.jbuild.registry;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.http.LocalHosts;
import dev.jbuild.http.PassingException;
import dev.jbuild.http.Retry;
import dev.jbuild.http.WebAnswer;
import dev.jbuild.http.WebClient;
import dev.jbuild.http.WebRequest;
import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.URI;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// Where one registry answers, by https or by http. It is asked when somebody first wants to know.
///
/// http is spoken to loopback addresses and where a person allowed it, never because https failed
/// in some way (reliability case 50). Safe for use by many threads.
final class RegistryAddress {

  private static final String HUB = "docker.io";

  /// What servers of https answer to plain http.
  private static final int TLS_WANTED = 400;

  private final String name;
  private final String authority;
  private final boolean insecure;
  private final WebClient client;
  private final Certificates certificates;
  private final Retry retry;
  private final Consumer<WebAnswer> answers;
  private @Nullable URI known;

  /// @param insecure whether http and certificates that nobody trusts will do
  /// @param answers is shown what the registry answers to who has not said who it is
  RegistryAddress(
      String name,
      boolean insecure,
      WebClient client,
      Certificates certificates,
      Retry retry,
      Consumer<WebAnswer> answers) {
    this.name = name;
    this.authority = name.equals(HUB) ? "registry-1.docker.io" : name;
    this.insecure = insecure;
    this.client = client;
    this.certificates = certificates;
    this.retry = retry;
    this.answers = answers;
  }

  /// The host alone; none if the name of the registry is no host's.
  @Nullable String host() {
    return URI.create("//" + authority).getHost();
  }

  /// The address under which the registry answers, `https://localhost:5000/`.
  ///
  /// @throws BuildFailure REGISTRY if nothing answers, or something that is no registry
  synchronized URI get() throws IOException, InterruptedException {
    var found = known;
    if (found == null) {
      found = find();
      known = found;
    }
    return found;
  }

  private URI find() throws IOException, InterruptedException {
    PassingException plain = null;
    var host = host();
    boolean local = host != null && LocalHosts.isLoopback(host);
    for (var scheme : schemes(local)) {
      var base = URI.create(scheme + "://" + authority + "/");
      try {
        // A server on this machine that does not answer will not do so in a moment.
        int status = local ? probe(base) : retry.run(() -> probe(base));
        if (isRegistry(status)) {
          return base;
        }
        if (status != TLS_WANTED || scheme.equals("https")) {
          throw Failures.of(name + " does not speak the registry protocol: /v2/ answers " + status);
        }
      } catch (PassingException e) {
        if (!isOtherScheme(e, scheme)) {
          throw unreachable(e);
        }
        plain = e;
      }
    }
    throw plain == null
        ? Failures.of(name + " does not speak the registry protocol")
        : unreachable(plain);
  }

  /// Where both are allowed, the one that is the more likely comes first.
  private List<String> schemes(boolean local) {
    var schemes = new ArrayList<String>();
    if (local) {
      schemes.add("http");
    }
    schemes.add("https");
    if (insecure && !local) {
      schemes.add("http");
    }
    return schemes;
  }

  /// Whether the failure says that the server speaks http where https was tried, or the reverse, or
  /// that nobody is at the usual port of the one scheme.
  private boolean isOtherScheme(PassingException e, String scheme) {
    if (scheme.equals("https")) {
      return isPlainServer(e) || (insecure && authority.indexOf(':') < 0 && isRefused(e));
    }
    return !isRefused(e) || authority.indexOf(':') < 0;
  }

  private static boolean isPlainServer(Throwable e) {
    return has(e, SSLException.class, "Unsupported or unrecognized SSL message")
        || has(e, SSLException.class, "plaintext connection");
  }

  private static boolean isRefused(Throwable e) {
    return has(e, ConnectException.class, "");
  }

  /// Whether the server ended the connection, as one does that does not take a certificate. One
  /// that gives an answer, or none in time, is not displeased with who we are.
  private static boolean isCut(Throwable e) {
    return !isRefused(e)
        && (has(e, SSLException.class, "")
            || has(e, SocketException.class, "")
            || has(e, EOFException.class, "")
            || has(e, ClosedChannelException.class, "")
            || has(e, IOException.class, "Connection reset")
            || has(e, IOException.class, "Broken pipe"));
  }

  private static boolean has(Throwable e, Class<? extends Throwable> type, String text) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      var message = String.valueOf(cause.getMessage());
      if (type.isInstance(cause) && message.contains(text)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isRegistry(int status) {
    return status < 400 || status == 401 || status == 403;
  }

  /// Asks whether the registry is there, without credentials.
  ///
  /// @return the status of its answer
  private int probe(URI base) throws IOException, InterruptedException {
    var request = WebRequest.get(base.resolve("v2/"), Map.of());
    try (var answer = client.send(request)) {
      if (answer.isPassing()) {
        throw new PassingException("the registry answers " + answer.status(), answer.retryAfter());
      }
      answers.accept(answer);
      return answer.status();
    } catch (PassingException e) {
      if (isFinal(e)) {
        throw unreachable(e);
      }
      throw e;
    }
  }

  /// Whether another attempt is of no use.
  private boolean isFinal(PassingException e) {
    boolean tls = has(e, SSLException.class, "") && !(insecure && isPlainServer(e));
    return tls || has(e, UnresolvedAddressException.class, "");
  }

  private BuildFailure unreachable(PassingException e) {
    if (isPlainServer(e)) {
      return Failures.of(name + " speaks plain http, not https", e)
          .hint(
              "if that is meant, give --insecure-registry "
                  + name
                  + ", or set insecure = true for it in registries.conf");
    }
    if (Failures.isUntrusted(e)) {
      return Failures.of("the certificate of " + name + " is not trusted: " + e.getMessage(), e)
          .hint(
              "put the certificate of its authority into /etc/containers/certs.d/"
                  + name
                  + "/ca.crt, or give --tls-verify=false");
    }
    if (certificates.areWanted() && isCut(e)) {
      return Failures.of(
              name
                  + " wants a certificate of its clients, and takes none of ours: "
                  + e.getMessage(),
              e)
          .hint(
              "put it and its key into /etc/containers/certs.d/"
                  + name
                  + "/, as client.cert and client.key");
    }
    if (has(e, UnresolvedAddressException.class, "")) {
      return Failures.of("there is no host called " + name, e)
          .hint("check the name and the network");
    }
    return Failures.of(name + " cannot be reached: " + e.getMessage(), e);
  }
}
