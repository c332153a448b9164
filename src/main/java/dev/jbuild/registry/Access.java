package dev.jbuild.registry;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// What a person said on the command line about speaking to registries; it comes before all files.
///
/// @param tlsVerify false: certificates are not looked at, and http will do
/// @param insecure hosts of which the same is true
/// @param credentials `user:password`, for the registry of the command
/// @param authfile read instead of all files with credentials
public record Access(
    Optional<Boolean> tlsVerify,
    List<String> insecure,
    Optional<Credential> credentials,
    Optional<Path> authfile) {

  /// Nothing was said.
  public static final Access USUAL =
      new Access(Optional.empty(), List.of(), Optional.empty(), Optional.empty());

  public Access {
    insecure = List.copyOf(insecure);
  }
}
