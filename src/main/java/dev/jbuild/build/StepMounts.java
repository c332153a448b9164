package dev.jbuild.build;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.failure.Utf8;
import dev.jbuild.plan.RunMount;
import dev.jbuild.plan.RunStep;
import dev.jbuild.sandbox.StepMount;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// The mounts of one RUN, made ready for the sandbox. Closed when the step is gone, they leave
/// nothing but what caches keep.
final class StepMounts implements AutoCloseable {

  private final StepSettings settings;
  private final List<StepMount> mounts = new ArrayList<>();
  private final SortedMap<String, String> environment = new TreeMap<>();

  private StepMounts(StepSettings settings) {
    this.settings = settings;
  }

  /// Makes all of a step ready, in the order written: the later covers the earlier.
  ///
  /// @throws BuildFailure for what cannot be mounted, where it stands
  static StepMounts open(RunStep step, StepSettings settings) {
    var opened = new StepMounts(settings);
    step.mounts().forEach(opened::add);
    return opened;
  }

  private void add(RunMount mount) {
    switch (mount) {
      case RunMount.Tmpfs tmpfs ->
          mounts.add(
              new StepMount.Tmpfs(tmpfs.target(), tmpfs.size().orElse(0), !tmpfs.writable()));
      case RunMount.Secret secret ->
          settings.secrets().find(secret.id()).ifPresent(value -> add(secret, value));
      case RunMount.Ssh _, RunMount.Bind _, RunMount.Cache _ -> {}
    }
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

  @Override
  public void close() {}
}
