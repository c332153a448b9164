package dev.jbuild.build;

import dev.jbuild.store.Store;
import java.util.Map;

/// Where a build fetches from, image registries aside.
public record Remotes(Downloads downloads, GitSources repositories) implements AutoCloseable {

  /// @param environment of the person: how the network is reached, where git is
  public static Remotes open(Store store, Map<String, String> environment, Secrets secrets) {
    var servers = new ServerSecrets(secrets);
    return new Remotes(
        new Downloads(store, environment, servers), new GitSources(store, environment, servers));
  }

  /// The same for a Dockerfile that may use an SSH agent.
  Remotes with(GitSources.Agent agent) {
    return new Remotes(downloads, repositories.with(agent));
  }

  /// Whether anything outside of this machine was asked.
  public boolean wereAsked() {
    return downloads.wereAsked() || repositories.wereAsked();
  }

  @Override
  public void close() {
    downloads.close();
  }
}
