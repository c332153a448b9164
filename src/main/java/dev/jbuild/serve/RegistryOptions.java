package dev.jbuild.serve;

import dev.jbuild.store.Store;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/// How a registry is served.
///
/// @param host an address or a name of this machine
/// @param port 0 for any that is free
/// @param place what is served
/// @param readOnly whether pushes are refused, and deletes
/// @param delete whether tags, manifests and blobs may be deleted
/// @param tls whether, and with what, TLS is spoken
/// @param passwords a file of htpasswd; everybody may do everything without one
/// @param requests gets a line for every request, from any thread
/// @param troubles gets what the one who runs it should know, from any thread
public record RegistryOptions(
    String host,
    int port,
    Place place,
    boolean readOnly,
    boolean delete,
    Tls tls,
    Optional<Path> passwords,
    Consumer<String> requests,
    Consumer<String> troubles) {

  /// What is served.
  public sealed interface Place {

    /// Opens a store; the registry closes it.
    @FunctionalInterface
    interface StoreOpening {
      Store open() throws IOException;
    }

    /// A directory of the registry's own; made where nothing is.
    record Directory(Path path) implements Place {}

    /// jbuild's store.
    ///
    /// @param opening opens it; what images have elsewhere comes as the open store says
    record Images(Path store, StoreOpening opening) implements Place {
      public Images(Path store) {
        this(store, () -> Store.open(store));
      }
    }
  }

  /// How clients are spoken to.
  public sealed interface Tls {

    /// Plain http.
    record None() implements Tls {}

    /// A certificate of our own making, signed by an authority of our own making, both kept in
    /// `directory` and used again.
    record SelfSigned(Path directory) implements Tls {}

    /// Files in PEM.
    record Files(Path certificate, Path key) implements Tls {}
  }

  /// Plain http on a free port of 127.0.0.1, with everything allowed, silent: what tests need.
  public static RegistryOptions of(Place place) {
    return new RegistryOptions(
        "127.0.0.1", 0, place, false, true, new Tls.None(), Optional.empty(), _ -> {}, _ -> {});
  }

  public RegistryOptions withHost(String name) {
    return new RegistryOptions(
        name, port, place, readOnly, delete, tls, passwords, requests, troubles);
  }

  public RegistryOptions withPort(int number) {
    return new RegistryOptions(
        host, number, place, readOnly, delete, tls, passwords, requests, troubles);
  }

  public RegistryOptions withReadOnly(boolean on) {
    return new RegistryOptions(host, port, place, on, delete, tls, passwords, requests, troubles);
  }

  public RegistryOptions withDelete(boolean on) {
    return new RegistryOptions(host, port, place, readOnly, on, tls, passwords, requests, troubles);
  }

  public RegistryOptions withTls(Tls how) {
    return new RegistryOptions(
        host, port, place, readOnly, delete, how, passwords, requests, troubles);
  }

  public RegistryOptions withPasswords(Path file) {
    return new RegistryOptions(
        host, port, place, readOnly, delete, tls, Optional.of(file), requests, troubles);
  }

  public RegistryOptions withLog(Consumer<String> lines, Consumer<String> problems) {
    return new RegistryOptions(
        host, port, place, readOnly, delete, tls, passwords, lines, problems);
  }
}
