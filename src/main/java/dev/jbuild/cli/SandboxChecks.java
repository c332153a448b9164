package dev.jbuild.cli;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.failure.Utf8;
import dev.jbuild.image.Platform;
import dev.jbuild.linux.Directory;
import dev.jbuild.linux.Machine;
import dev.jbuild.sandbox.Execution;
import dev.jbuild.sandbox.OciRuntime;
import dev.jbuild.sandbox.Quota;
import dev.jbuild.sandbox.RuntimeVersion;
import dev.jbuild.sandbox.Sandbox;
import dev.jbuild.sandbox.SandboxKind;
import dev.jbuild.sandbox.StepSpec;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What `jbuild doctor` tries: each sandbox runs the smallest step there is.
final class SandboxChecks {

  private static final List<String> FOREIGN =
      List.of("amd64", "386", "arm64", "arm", "riscv64", "ppc64le", "s390x", "loong64");

  private static final long MEMORY = 64 << 20;
  private static final long PROCESSES = 100;

  private final Host host;
  private final StoreChecks store;
  private final Optional<SandboxKind> wanted;
  private final List<Check> checks = new ArrayList<>();
  private @Nullable String works;
  private @Nullable String ifAsked;

  /// @param wanted the kind that steps are to run in; empty: the best that works
  SandboxChecks(Host host, StoreChecks store, Optional<SandboxKind> wanted) {
    this.host = host;
    this.store = store;
    this.wanted = wanted;
  }

  /// The sandbox that steps would run in; null if there is none.
  @Nullable String works() {
    return works;
  }

  /// Another that steps run in if it is asked for by name; null if there is none.
  @Nullable String worksIfAsked() {
    return ifAsked;
  }

  /// Tries, in a directory on the store's file system that is gone afterwards.
  List<Check> checks(Session session) throws IOException, InterruptedException {
    try (var open = session.openExistingStore().orElse(null)) {
      if (open != null) {
        tryIn(open.makeTemporaryDirectory());
        return checks;
      }
    } catch (BuildFailure e) {
      return List.of(); // the store cannot be used, and has been complained about
    }
    var parent = store.place();
    try {
      var owner = PosixFilePermissions.fromString("rwx------");
      var directory =
          Files.createTempDirectory(
              parent, ".jbuild-doctor", PosixFilePermissions.asFileAttribute(owner));
      try {
        tryIn(directory);
      } finally {
        remove(parent, directory);
      }
    } catch (FileSystemException e) {
      checks.add(
          Check.failed(
              "store",
              "nothing can be written to " + Printable.of(parent.toString()),
              "move the store with --root DIR or JBUILD_ROOT"));
    }
    return checks;
  }

  private static void remove(Path parent, Path directory) throws IOException {
    try (var handle = Directory.open(parent)) {
      handle.removeTree(Utf8.encode(String.valueOf(directory.getFileName())));
    }
  }

  private void tryIn(Path directory) throws IOException, InterruptedException {
    boolean mountsWork = Machine.uid() == 0 && host.withoutIds().isEmpty();
    var overlay =
        mountsWork
            ? store.overlay(directory)
            : Check.failed("overlay", "not tried: there is no mount namespace to make it in");
    checks.add(overlay);
    for (var kind : SandboxKind.values()) {
      tryKind(kind, Files.createDirectory(directory.resolve(kind.text())), overlay);
    }
  }

  /// @param overlay whether there are root file systems for it
  private void tryKind(SandboxKind kind, Path directory, Check overlay)
      throws IOException, InterruptedException {
    if (kind != SandboxKind.CHROOT && overlay.state() != Check.State.GOOD) {
      checks.add(failed(kind, "not tried: it needs the overlay"));
      return;
    }
    if (kind.isRuntime() && !OciRuntime.isInstalled(kind)) {
      checks.add(
          isWanted(kind)
              ? Check.failed(kind.text(), "not installed", "install the package " + kind.text())
              : Check.note(kind.text(), "not installed"));
      return;
    }
    try (var sandbox = Sandbox.open(Optional.of(kind), directory, directory)) {
      var root = Files.createDirectory(directory.resolve("own"));
      if (sandbox.tries(Platform.host().architecture(), root) != Execution.RUNS) {
        checks.add(failed(kind, "the smallest program there is did not run"));
        return;
      }
      checks.add(worked(kind));
      if (works == null && (wanted.isEmpty() ? kind.isAutomatic() : isWanted(kind))) {
        works = kind.text();
        foreign(sandbox, directory);
        checks.add(limits(sandbox, root));
      } else {
        ifAsked = ifAsked == null ? kind.text() : ifAsked;
      }
    } catch (BuildFailure e) {
      var said = e.message().replace(directory.toString(), "the store's file system");
      checks.add(failed(kind, said, e.hint().stream().toArray(String[]::new)));
    }
  }

  private boolean isWanted(SandboxKind kind) {
    return wanted.filter(kind::equals).isPresent();
  }

  /// Whoever has a better one, or wants another, misses nothing.
  private Check failed(SandboxKind kind, String said, String... advice) {
    boolean isMissed = wanted.isEmpty() ? works == null : isWanted(kind);
    return isMissed
        ? Check.failed(kind.text(), said, advice)
        : Check.note(
            kind.text(),
            String.join("; ", Stream.concat(Stream.of(said), Stream.of(advice)).toList()));
  }

  private static Check worked(SandboxKind kind) throws IOException, InterruptedException {
    return switch (kind) {
      case NAMESPACES -> Check.good(kind.text(), "a step ran");
      case CHROOT ->
          Check.good(
              kind.text(), "a step ran; it keeps a step from nothing but other files by mistake");
      case RUNC, CRUN -> {
        var version = OciRuntime.version(kind);
        var which = version.map(RuntimeVersion::text).orElse("of an unknown version");
        var warning = version.flatMap(RuntimeVersion::warning);
        yield warning.isEmpty()
            ? Check.good(kind.text(), which + ": a step ran")
            : Check.warning(kind.text(), which + ": a step ran; " + warning.get());
      }
    };
  }

  /// @param root in which a program has run
  private static Check limits(Sandbox sandbox, Path root) throws IOException, InterruptedException {
    var quota =
        new Quota(OptionalLong.of(MEMORY), OptionalLong.empty(), OptionalLong.of(PROCESSES));
    try {
      sandbox.run(StepSpec.of(root, "/exit").within(quota), (_, _) -> {});
      return Check.good("limits", "--memory and --pids-limit can be kept");
    } catch (BuildFailure e) {
      return Check.note("limits", e.message() + e.hint().map(hint -> "; " + hint).orElse(""));
    }
  }

  private void foreign(Sandbox sandbox, Path directory) throws IOException, InterruptedException {
    var run = new ArrayList<String>();
    for (var architecture : FOREIGN) {
      var root = Files.createDirectory(directory.resolve(architecture));
      var execution = sandbox.tries(architecture, root);
      if (execution == Execution.RUNS || execution == Execution.IN_IMAGE_ONLY) {
        run.add(architecture + (execution == Execution.RUNS ? "" : " (registered without flag F)"));
      }
    }
    checks.add(
        Check.note(
            "platforms",
            "RUN works for " + String.join(", ", run) + "; more with qemu-user-static and binfmt"));
  }
}
