package dev.jbuild.build;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.failure.Utf8;
import dev.jbuild.plan.RunMount;
import dev.jbuild.plan.RunStep;
import dev.jbuild.sandbox.StepMount;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The mounts of one RUN, made ready for the sandbox. Closed when the step is gone, they leave
/// nothing but what caches keep.
final class StepMounts implements AutoCloseable {

  private final MountSources sources;
  private final StepCaches caches;
  private final boolean isPrivileged;
  private final Deque<Closing> closings = new ArrayDeque<>();
  private final List<StepMount> mounts = new ArrayList<>();
  private final SortedMap<String, String> environment = new TreeMap<>();

  /// What is to be done when the step is gone.
  private interface Closing {
    void close() throws IOException;
  }

  private StepMounts(List<RunMount> mounts, boolean isPrivileged, MountSources sources) {
    this.sources = sources;
    this.isPrivileged = isPrivileged;
    this.caches = new StepCaches(mounts, sources);
    closings.push(caches::close);
  }

  /// Makes all of a step ready, in the order written: the later covers the earlier.
  ///
  /// @throws BuildFailure for what cannot be mounted, where it stands
  static StepMounts open(List<RunMount> mounts, boolean isPrivileged, MountSources sources)
      throws IOException, InterruptedException {
    var opened = new StepMounts(mounts, isPrivileged, sources);
    try {
      opened.caches.open();
      for (var mount : mounts) {
        opened.add(mount);
      }
      return opened;
    } catch (IOException | InterruptedException | RuntimeException e) {
      opened.closeAfter(e);
      throw e;
    }
  }

  private void add(RunMount mount) throws IOException, InterruptedException {
    switch (mount) {
      case RunMount.Tmpfs tmpfs ->
          mounts.add(
              new StepMount.Tmpfs(tmpfs.target(), tmpfs.size().orElse(0), !tmpfs.writable()));
      case RunMount.Secret secret ->
          sources.settings().secrets().find(secret.id()).ifPresent(value -> add(secret, value));
      case RunMount.Bind bind -> add(bind);
      case RunMount.Cache cache -> mounts.add(caches.mount(cache));
      case RunMount.Ssh ssh -> add(ssh);
    }
  }

  /// What can be written to has a place for that above it.
  private void add(RunMount.Bind bind) throws IOException, InterruptedException {
    var shown = sources.shown(bind);
    // A privileged step can make any mount writable, and other steps see the same copy.
    boolean asItIs = sources.areMoved() || (shown.isCopy() && !bind.writable() && !isPrivileged);
    var root =
        asItIs
            ? shown.trees().getFirst()
            : opened(ThrowAwayMount.of(sources.store(), shown.trees())).root();
    mounts.add(
        new StepMount.Bind(
            root, shown.source(), bind.target(), shown.isDirectory(), !bind.writable()));
  }

  /// The first socket is the one that SSH_AUTH_SOCK names.
  private void add(RunMount.Ssh ssh) throws IOException, InterruptedException {
    var agent = sources.agent(ssh.id());
    if (agent.isEmpty()) {
      return;
    }
    var directory = sources.temporary();
    var name = sources.socketName();
    var socket =
        AgentSocket.open(
            directory,
            name,
            agent.get(),
            ssh.mode(),
            Integer.toUnsignedLong(ssh.uid()),
            Integer.toUnsignedLong(ssh.gid()));
    closings.push(socket::close);
    mounts.add(new StepMount.Bind(directory, name, ssh.target(), false, true));
    environment.putIfAbsent("SSH_AUTH_SOCK", ssh.target());
  }

  private ThrowAwayMount opened(ThrowAwayMount mount) {
    closings.push(mount::close);
    return mount;
  }

  /// A secret is a file in memory, a variable, or both.
  private void add(RunMount.Secret secret, byte[] value) {
    if (secret.target().isPresent()) {
      mounts.add(
          new StepMount.Content(
              secret.target().get(),
              value,
              secret.mode(),
              Integer.toUnsignedLong(secret.uid()),
              Integer.toUnsignedLong(secret.gid()),
              true));
    }
    if (secret.variable().isPresent()) {
      var text = Utf8.decode(value);
      if (text.indexOf('\0') >= 0) {
        throw BuildFailure.of(
                BuildFailure.Kind.DOCKERFILE,
                "the secret \""
                    + Printable.of(secret.id())
                    + "\" holds a NUL character, which no variable can")
            .at(secret.span())
            .hint("mount it as a file: leave env away");
      }
      environment.put(secret.variable().get(), text);
    }
  }

  List<StepMount> mounts() {
    return Collections.unmodifiableList(mounts);
  }

  /// What the step's environment gets from its mounts; part of no key, history or config.
  SortedMap<String, String> environment() {
    return Collections.unmodifiableSortedMap(environment);
  }

  /// What the mounts add to the cache key: what the step sees of them, without any content, value
  /// or name of a cache.
  static String key(RunStep step) {
    var text = new StringBuilder();
    for (var mount : step.mounts()) {
      var words =
          switch (mount) {
            case RunMount.Bind bind -> List.of("bind", bind.target(), bind.writable());
            case RunMount.Cache cache -> List.of("cache", cache.target(), cache.writable());
            case RunMount.Tmpfs tmpfs ->
                List.of("tmpfs", tmpfs.target(), tmpfs.size().orElse(0), tmpfs.writable());
            case RunMount.Secret secret ->
                List.of(
                    "secret",
                    secret.id(),
                    secret.target().orElse(""),
                    secret.variable().orElse(""),
                    secret.mode(),
                    secret.uid(),
                    secret.gid());
            case RunMount.Ssh ssh ->
                List.of("ssh", ssh.id(), ssh.target(), ssh.mode(), ssh.uid(), ssh.gid());
          };
      words.forEach(word -> text.append(word).append('\0'));
      text.append('\n');
    }
    return text.toString();
  }

  private void closeAfter(Exception failure) {
    try {
      close();
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  /// Closes all of them, the last one first.
  @Override
  public void close() throws IOException {
    @Nullable IOException failure = null;
    while (!closings.isEmpty()) {
      try {
        closings.pop().close();
      } catch (IOException e) {
        failure = e;
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
