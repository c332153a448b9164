package dev.jbuild.build;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.image.ImageConfig;
import dev.jbuild.layer.LayerReader;
import dev.jbuild.sandbox.ExitStatus;
import dev.jbuild.sandbox.Sandbox;
import dev.jbuild.sandbox.StepControl;
import dev.jbuild.sandbox.StepMount;
import dev.jbuild.sandbox.StepSpec;
import dev.jbuild.sandbox.StepStreams;
import dev.jbuild.sandbox.StepUser;
import dev.jbuild.store.Store;
import dev.jbuild.tar.ArchivePath;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A throw-away container: an image's file system with a process in it. What the process changes is
/// gone when it ends.
public final class Container {

  /// What makes programs of other processors run.
  public static final String EMULATORS =
      "programs of another processor need an emulator: apt install qemu-user-static binfmt-support";

  private static final String HOSTNAME = "jbuild";

  private final Store store;

  public Container(Store store) {
    this.store = store;
  }

  /// Runs the image's program, or what the request says, to its end.
  ///
  /// @throws BuildFailure if there is nothing to run, or no sandbox to run it in
  public ExitStatus run(
      ImageConfig image,
      RunRequest request,
      @Nullable InputStream input,
      StepStreams streams,
      StepControl control)
      throws IOException, InterruptedException {
    var argv = request.argv(image.config());
    if (argv.isEmpty()) {
      throw BuildFailure.of(
              BuildFailure.Kind.USAGE, "the image has neither CMD nor ENTRYPOINT to run")
          .hint("say what to run, as in: jbuild run IMAGE ls /");
    }
    var layers = new LayerReader(store);
    try (var sandbox =
            Sandbox.open(request.sandbox(), store.makeTemporaryDirectory(), store.root());
        var roots = StepRoots.of(sandbox, store, layers);
        var root = roots.prepare(image.diffIds())) {
      var spec = spec(image, request, argv, root, layers, input);
      try (var open = root.open(spec.mountPoints())) {
        open.makeDirectory(ArchivePath.clamped(spec.directory()));
        var status = sandbox.run(spec, streams, control);
        store.trees().seal();
        return status;
      }
    }
  }

  private static StepSpec spec(
      ImageConfig image,
      RunRequest request,
      List<String> argv,
      StepRoot root,
      LayerReader layers,
      @Nullable InputStream input)
      throws IOException {
    var config = image.config();
    var accounts = AccountFiles.read(root.view(), layers);
    var identity =
        accounts.withGroups(
            accounts.forProcess(request.user().orElse(config.user())), request.groups());
    var directory = request.directory().orElse(config.workingDir());
    var hostname = request.hostname().orElse(HOSTNAME);
    var mounts = new ArrayList<>(NetworkFiles.forStep(hostname, request.hosts()));
    var own = request.mounts().stream().map(StepMount::target).collect(Collectors.toSet());
    mounts.removeIf(mount -> own.contains(mount.target()));
    mounts.addAll(request.mounts());
    return new StepSpec(
        root.path(),
        argv,
        environment(image, request, identity.home()),
        directory.startsWith("/") ? directory : "/" + directory,
        new StepUser(identity.uid(), identity.gid(), identity.groups()),
        request.network(),
        hostname,
        new MountTargets(root.view()).place(mounts),
        request.allowance(),
        input);
  }

  private static List<String> environment(ImageConfig image, RunRequest request, String home) {
    var variables = new LinkedHashMap<String, String>();
    for (var each : image.config().env()) {
      int equals = each.indexOf('=');
      variables.put(
          equals < 0 ? each : each.substring(0, equals),
          equals < 0 ? "" : each.substring(equals + 1));
    }
    variables.putAll(request.environment());
    variables.putIfAbsent("HOME", home);
    variables.putIfAbsent("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    return variables.entrySet().stream()
        .map(each -> each.getKey() + "=" + each.getValue())
        .toList();
  }
}
