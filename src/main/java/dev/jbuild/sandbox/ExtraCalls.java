package dev.jbuild.sandbox;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/// The calls for the mounts that a step brings along.
///
/// What comes from the machine is opened outside; files in memory are written before any of them
/// gets its place; both are mounted inside, where no link of the image can lead out.
final class ExtraCalls {

  private static final long O_WRONLY_CREAT_EXCL = 0x1 | 0x40 | 0x80;
  private static final int ROUNDING = 0xFFFF; // no page is larger than 64 KiB
  private static final long SPARE_ROOM = 1 << 20;

  private final MountCalls mounts;
  private final StepSpec step;
  private final int[] copies;

  ExtraCalls(MountCalls mounts, StepSpec step) {
    this.mounts = mounts;
    this.step = step;
    this.copies = new int[step.mounts().size()];
    step.mounts().forEach(ExtraCalls::check);
  }

  static void check(StepMount mount) {
    for (var taken : List.of("/proc", "/sys")) {
      if ((mount.target() + "/").startsWith(taken + "/")) {
        throw BuildFailure.of(BuildFailure.Kind.SANDBOX, "nothing can be mounted on " + taken);
      }
    }
  }

  /// Opens what comes from the machine.
  void openSources() {
    for (int i = 0; i < copies.length; i++) {
      if (step.mounts().get(i) instanceof StepMount.Bind bind) {
        copies[i] = openSource(bind);
      }
    }
  }

  private int openSource(StepMount.Bind bind) {
    int directory = mounts.openPath(bind.root().toAbsolutePath().toString());
    var about = "opening the source of a mount";
    int source =
        mounts.resolve(
            about,
            directory,
            bind.source().isEmpty() ? "/" : bind.source(),
            MountCalls.RESOLVE_IN_ROOT | MountCalls.RESOLVE_NO_MAGICLINKS);
    int copy = mounts.copyOpened(about, source);
    restrict(copy, bind.isReadOnly());
    return copy;
  }

  private void restrict(int copy, boolean isReadOnly) {
    long readOnly = isReadOnly ? MountCalls.ATTRIBUTE_READ_ONLY : 0;
    mounts.restrict(copy, MountCalls.ATTRIBUTE_NO_DEVICES | readOnly);
  }

  /// Writes files to memory. Their file system is mounted on `directory`, which is at `path`, only
  /// until the files have been opened.
  void writeContents(int directory, String path) {
    var contents = new ArrayList<Integer>();
    long size = SPARE_ROOM;
    for (int i = 0; i < copies.length; i++) {
      if (step.mounts().get(i) instanceof StepMount.Content content) {
        contents.add(i);
        size += content.bytes().length + ROUNDING & ~ROUNDING;
      }
    }
    if (contents.isEmpty()) {
      return;
    }
    var options = "mode=700,size=" + size;
    // Not noexec: a script that a step is to execute is one of these files.
    long flags = MountCalls.MS_NOSUID | MountCalls.MS_NODEV;
    mounts.mount("making room for files", directory, "tmpfs", flags, options);
    for (int i : contents) {
      copies[i] = write(path + "/" + i, (StepMount.Content) step.mounts().get(i));
    }
    mounts.detach("hiding files", path);
  }

  private int write(String path, StepMount.Content content) {
    var table = mounts.table();
    var about = "providing " + Printable.of(content.target());
    long name = table.text(path);
    int file =
        table.open(
            SystemCall.OPENAT,
            about,
            MountCalls.AT_FDCWD,
            name,
            O_WRONLY_CREAT_EXCL | MountCalls.O_CLOEXEC,
            content.mode());
    var bytes = content.bytes();
    table.call(SystemCall.WRITE, about, file, table.bytes(bytes), bytes.length);
    table.call(
        SystemCall.FCHOWNAT, about, MountCalls.AT_FDCWD, name, content.uid(), content.gid(), 0);
    int copy = mounts.copy(path, 0);
    restrict(copy, content.isReadOnly());
    return copy;
  }

  /// Mounts all of them, in their order. The working directory that one of them covers is made in
  /// it, as container runtimes do: a cache may be empty.
  void attach() {
    for (int i = 0; i < copies.length; i++) {
      var mount = step.mounts().get(i);
      if (step.isMadeInside(i)) {
        mounts.makeMountPoint(mount.target(), mount.isOnDirectory());
      }
      attach(mount, copies[i]);
    }
    if (step.isDirectoryCovered()) {
      mounts.makeMountPoint(step.directory(), true);
    }
  }

  /// Mounts what was opened and written each at its place, which exists, for another to mount it.
  void attachAt(IntFunction<Path> places) {
    for (int i = 0; i < copies.length; i++) {
      switch (step.mounts().get(i)) {
        case StepMount.Bind _, StepMount.Content _ ->
            mounts.attach(copies[i], places.apply(i).toString());
        case StepMount.Tmpfs _ -> {} // whoever mounts it needs nothing of ours
      }
    }
  }

  private void attach(StepMount mount, int copy) {
    int target =
        mounts.resolve(
            "opening the mount point",
            MountCalls.AT_FDCWD,
            mount.target(),
            MountCalls.RESOLVE_NO_MAGICLINKS);
    var about = "mounting " + Printable.of(mount.target());
    switch (mount) {
      case StepMount.Bind _, StepMount.Content _ -> mounts.attach(about, copy, target);
      case StepMount.Tmpfs tmpfs -> {
        var size = tmpfs.size() > 0 ? ",size=" + tmpfs.size() : "";
        long readOnly = tmpfs.isReadOnly() ? MountCalls.MS_RDONLY : 0;
        long flags = MountCalls.MS_NOSUID | MountCalls.MS_NODEV | readOnly;
        mounts.mount(about, target, "tmpfs", flags, "mode=1777" + size);
      }
    }
  }
}
