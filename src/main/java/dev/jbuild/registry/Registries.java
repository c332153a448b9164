package dev.jbuild.registry;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.http.Retry;
import dev.jbuild.image.Digest;
import dev.jbuild.image.Reference;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// All registries, each spoken to as its files and the command line say. Files are read when the
/// first registry is asked for. Safe for use by many threads.
public final class Registries implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Access access;
  private final Surroundings around;
  private final Map<Place, RegistryHost> hosts = new HashMap<>();
  private @Nullable Rules rules;

  /// Where a host is asked, and how.
  ///
  /// @param known whether it may see the credentials of the command line
  private record Place(String host, boolean insecure, boolean known) {}

  /// @param environment of the process
  /// @param warnings takes what a person should know and that stops nothing
  public Registries(Map<String, String> environment, Access access, Consumer<String> warnings) {
    this(environment, access, warnings, new Retry(), PATIENCE);
  }

  /// @param patience how long nothing may move on a connection
  Registries(
      Map<String, String> environment,
      Access access,
      Consumer<String> warnings,
      Retry retry,
      Duration patience) {
    this.access = access;
    var credentials = new Credentials(environment, access, warnings);
    this.around = new Surroundings(environment, credentials, retry, patience, warnings);
  }

  private synchronized Rules rules() {
    var known = rules;
    if (known == null) {
      known = Rules.read(around.environment());
      rules = known;
    }
    return known;
  }

  /// Reads what configures registries, which else happens when the first one is asked.
  ///
  /// @throws dev.jbuild.failure.BuildFailure that names the file which cannot be understood
  public void readConfiguration() {
    rules();
  }

  /// Whether any was asked for anything, or was about to be.
  public synchronized boolean wereAsked() {
    return !hosts.isEmpty();
  }

  /// Where the images of a repository may be read, mirrors first.
  List<Repository> sources(Reference reference) {
    var sources = new ArrayList<Repository>();
    for (var mirror : access.mirrors()) {
      if (mirror.isOf(reference.domain())) {
        var place = Rules.Place.of(mirror.place() + "/" + reference.path(), false, List.of());
        sources.add(new Repository(host(place, false), place.path()));
      }
    }
    if (access.mirrorsOnly() && !sources.isEmpty()) {
      return sources;
    }
    var places = rules().places(reference, true);
    var own = places.getLast().host();
    for (var place : places) {
      // A mirror is another's: it is told who we are only if a file has a login for it.
      sources.add(new Repository(host(place, place.host().equals(own)), place.path()));
    }
    return sources;
  }

  /// Asks the places of a repository, mirrors first, for the manifest or index of a name.
  ///
  /// @throws BuildFailure REGISTRY if none has it
  Sourced find(Reference reference) throws IOException, InterruptedException {
    var sources = sources(reference);
    var asked = reference.digest().map(Digest::toString).or(reference::tag).orElseThrow();
    BuildFailure last = null;
    for (int i = 0; i < sources.size(); i++) {
      try {
        var found = sources.get(i).manifest(asked, reference.digest());
        if (found.isPresent()) {
          return new Sourced(sources.subList(i, sources.size()), found.get());
        }
      } catch (BuildFailure e) {
        last = e; // a mirror may be out of order; the place itself comes last
      }
    }
    if (last != null) {
      throw last;
    }
    throw Failures.of(
            "there is no image " + reference.familiar() + " on " + sources.getLast().host().name())
        .hint("check the name and the tag; jbuild registry tags lists what there is");
  }

  /// Looks whether an image could be pushed to `target`, before it is made: whether the registry
  /// answers and takes the login. Nothing is sent.
  ///
  /// @throws BuildFailure REGISTRY if not
  public void checkPush(Reference target) throws IOException, InterruptedException {
    repository(target).checkPush();
  }

  /// The repository itself, where it is written to.
  Repository repository(Reference reference) {
    var place = rules().places(reference, false).getLast();
    return new Repository(host(place), place.path());
  }

  /// A registry as a whole.
  RegistryHost host(String host) {
    return host(rules().place(host));
  }

  private RegistryHost host(Rules.Place place) {
    return host(place, true);
  }

  private synchronized RegistryHost host(Rules.Place place, boolean known) {
    return hosts.computeIfAbsent(
        new Place(place.host(), isInsecure(place), known || isOfFiles()),
        key ->
            new RegistryHost(
                key.host(),
                key.insecure(),
                key.known() ? around : around.withFilesOnly(),
                new Certificates(around.environment(), key.host(), place.authorities())));
  }

  private boolean isOfFiles() {
    return access.credentials().isEmpty() && access.named().isEmpty();
  }

  private boolean isInsecure(Rules.Place place) {
    if (access.tlsVerify().isPresent()) {
      return !access.tlsVerify().get();
    }
    return place.insecure() || access.insecure().contains(place.host());
  }

  /// Tells a person something that stops nothing.
  void warn(String warning) {
    around.warnings().accept(warning);
  }

  /// Drops all connections.
  @Override
  public synchronized void close() {
    hosts.values().forEach(RegistryHost::close);
  }
}
