package dev.jbuild.cli;

import dev.jbuild.build.CachePlace;
import dev.jbuild.image.Reference;
import dev.jbuild.registry.Credential;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/// The shared caches of a build: `--cache-from` and `--cache-to`.
record Caches(CacheSources from, CacheTargets to) {

  static Caches parse(Options options) {
    return new Caches(
        CacheSources.parse(options.values("--cache-from")),
        CacheTargets.parse(options.values("--cache-to")));
  }

  /// Registries that are spoken to without asking for certificates.
  List<String> insecure() {
    return domains(Stream.concat(from.insecure().stream(), to.insecure().stream()).toList());
  }

  /// All registries that are asked for a cache, or get one.
  List<String> registries() {
    return domains(Stream.concat(from.places().stream(), to.places().stream()).toList());
  }

  /// The credentials of a command that speaks to one place.
  static Map<String, Credential> logins(Options options, CachePlace place) {
    return RegistryAccess.logins(options, Set.copyOf(domains(List.of(place))));
  }

  /// The registries among places.
  static List<String> domains(List<CachePlace> places) {
    return places.stream()
        .flatMap(
            place ->
                switch (place) {
                  case CachePlace.Registry(Reference name) -> Stream.of(name.domain());
                  case CachePlace.Layout _ -> Stream.of();
                })
        .toList();
  }
}
