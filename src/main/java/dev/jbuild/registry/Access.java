package dev.jbuild.registry;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What a person said on the command line about speaking to registries; it comes before all files.
///
/// @param tlsVerify false: certificates are not looked at, and http will do
/// @param insecure hosts of which the same is true
/// @param credentials `user:password`, for whatever registry the command asks
/// @param named the same for one registry, or one repository of it: by `host` or `host/path`
/// @param authfile read instead of all files with credentials
/// @param mirrors asked before the registries of images that are read, and before mirrors of files
/// @param mirrorsOnly whether a registry that has one of these is not asked itself
public record Access(
    Optional<Boolean> tlsVerify,
    List<String> insecure,
    Optional<Credential> credentials,
    Map<String, Credential> named,
    Optional<Path> authfile,
    List<Mirror> mirrors,
    boolean mirrorsOnly) {

  /// A place that has the images of a registry.
  ///
  /// @param host of the registry, in lower case; `docker.io` for Docker Hub
  /// @param place `host` or `host/path`, before the repository's name
  public record Mirror(String host, String place) {

    /// Whether it has the images of `domain`, which an image's name may write otherwise.
    boolean isOf(String domain) {
      var lower = domain.toLowerCase(Locale.ROOT);
      return host.equals(HUB_HOSTS.contains(lower) ? HUB : lower);
    }
  }

  private static final String HUB = "docker.io";
  private static final Set<String> HUB_HOSTS = Set.of("index.docker.io", "registry-1.docker.io");

  /// Nothing was said.
  public static final Access USUAL =
      new Access(Optional.empty(), List.of(), Optional.empty(), Map.of(), Optional.empty());

  /// Without mirrors.
  public Access(
      Optional<Boolean> tlsVerify,
      List<String> insecure,
      Optional<Credential> credentials,
      Map<String, Credential> named,
      Optional<Path> authfile) {
    this(tlsVerify, insecure, credentials, named, authfile, List.of(), false);
  }

  public Access {
    insecure = List.copyOf(insecure);
    named = Map.copyOf(named);
    mirrors = List.copyOf(mirrors);
  }

  /// The same with these mirrors.
  public Access withMirrors(List<Mirror> places, boolean only) {
    return new Access(tlsVerify, insecure, credentials, named, authfile, places, only);
  }

  /// The same with more hosts of which certificates are not looked at.
  public Access withInsecure(List<String> more) {
    var all = new ArrayList<>(insecure);
    all.addAll(more);
    return new Access(tlsVerify, all, credentials, named, authfile, mirrors, mirrorsOnly);
  }

  /// The same with other credentials.
  public Access with(Optional<Credential> any, Map<String, Credential> ofSome) {
    return new Access(tlsVerify, insecure, any, ofSome, authfile, mirrors, mirrorsOnly);
  }
}
