package dev.jbuild.sandbox;

import java.util.LinkedHashMap;
import java.util.Map;

/// The calls that make a root file system the process's own: what it sees, and nothing else.
///
/// What comes from the machine is opened as a detached copy of its mount before the roots are
/// changed. Everything is then mounted from inside the new root, where no link of the image can
/// lead out; /proc, /sys and /dev must be real directories (CVE-2019-19921, CVE-2023-27561,
/// CVE-2023-28642, CVE-2025-52565, CVE-2026-41579). What hides parts of /proc is the /dev/null of
/// the step's own /dev, which no image can have touched (CVE-2025-31133). Devices are nodes of the
/// step's own, where nodes can be made: a step that is root would change the mode of the machine's
/// for everybody. In a user namespace they are the machine's, read-only, which lets a device be
/// written to. The old root goes last, since a user namespace may mount /proc only while it sees
/// another one in full.
final class RootCalls {

  private static final long MS_PRIVATE = 1 << 18;
  private static final long MS_STRICTATIME = 1 << 24;

  /// Terminals belong to it by custom, so that write(1) may.
  static final int TTY_GROUP = 5;

  private static final long SHARED_MEMORY = 64 << 20;

  private final CallTable table;
  private final MountCalls mounts;
  private final StepSpec step;
  private final Wiring wiring;
  private final Kernel kernel;

  /// Copies of what every step gets from the machine, by their paths.
  private final Map<String, Integer> copies = new LinkedHashMap<>();

  private int terminals = -1;

  RootCalls(CallTable table, StepSpec step, Wiring wiring, Kernel kernel) {
    this.table = table;
    this.mounts = new MountCalls(table);
    this.step = step;
    this.wiring = wiring;
    this.kernel = kernel;
  }

  void write() {
    var extras = new ExtraCalls(mounts, step);
    table.call(SystemCall.UMASK, "setting the umask", 0);
    table.call(
        SystemCall.MOUNT,
        "parting from the machine's mounts",
        0,
        table.text("/"),
        0,
        MountCalls.MS_REC | MS_PRIVATE,
        0);
    openSources();
    extras.openSources();
    int oldRoot = mounts.openPath("/");
    changeRoot();
    int dev = openDirectory("/dev");
    extras.writeContents(dev, "/dev");
    mountDev(dev);
    extras.attach();
    mountProc();
    mountSys();
    table.call(SystemCall.FCHDIR, "entering the old root", oldRoot);
    mounts.detach("leaving the old root", ".");
    table.call(SystemCall.CHDIR, "entering the root", table.text("/"));
    if (step.allowance().isReadOnly()) {
      mounts.protect("protecting the root", "/");
    }
  }

  private void openSources() {
    if (wiring instanceof Wiring.Terminal terminal) {
      terminals = mounts.copy(terminal.instance().toString(), 0);
    }
    if (!kernel.makesDevices()) {
      for (var device : kernel.devices()) {
        mounts.restrict(openDevice(device), MountCalls.ATTRIBUTE_READ_ONLY);
      }
    }
    if (step.allowance().isPrivileged()) {
      kernel.privilegedDevices().forEach(this::openDevice);
    }
    if (kernel.hasCpuDirectory()) {
      int cpu = mounts.copy(Kernel.CPU_DIRECTORY, 0);
      mounts.restrict(cpu, MountCalls.ATTRIBUTE_READ_ONLY | MountCalls.ATTRIBUTE_NO_DEVICES);
      copies.put(Kernel.CPU_DIRECTORY, cpu);
    }
  }

  private int openDevice(String device) {
    var path = "/dev/" + device;
    int copy = mounts.copy(path, 0);
    copies.put(path, copy);
    return copy;
  }

  /// Makes the root a mount of its own, without devices unless the step is privileged, and the root
  /// of all paths.
  private void changeRoot() {
    var path = step.root().toAbsolutePath().toString();
    int root = mounts.copy(path, MountCalls.AT_RECURSIVE);
    if (step.allowance().isPrivileged()) {
      mounts.allowDevices(root);
    } else {
      mounts.restrict(root, MountCalls.ATTRIBUTE_NO_DEVICES);
    }
    mounts.attach(root, path);
    table.call(SystemCall.FCHDIR, "entering the root", root);
    long here = table.text(".");
    table.call(SystemCall.PIVOT_ROOT, "changing the root", here, here);
  }

  private int openDirectory(String path) {
    long resolve = MountCalls.RESOLVE_NO_SYMLINKS | MountCalls.RESOLVE_NO_MAGICLINKS;
    return mounts.resolve("opening the mount point", MountCalls.AT_FDCWD, path, resolve);
  }

  private void mountDev(int dev) {
    long flags = MountCalls.MS_NOSUID | MS_STRICTATIME;
    mounts.mount("mounting /dev", dev, "tmpfs", flags, "mode=755,size=65536k");
    if (kernel.makesDevices()) {
      for (var device : kernel.devices()) {
        mounts.makeDevice("/dev/" + device, StandardDevice.named(device));
      }
    }
    copies.forEach(
        (path, device) -> {
          if (path.startsWith("/dev/")) {
            mounts.makeFile(path);
            mounts.attach(device, path);
          }
        });
    mounts.makeLink("/proc/self/fd", "/dev/fd");
    mounts.makeLink("/proc/self/fd/0", "/dev/stdin");
    mounts.makeLink("/proc/self/fd/1", "/dev/stdout");
    mounts.makeLink("/proc/self/fd/2", "/dev/stderr");
    mounts.makeLink("pts/ptmx", "/dev/ptmx");
    mountTerminals();
    mounts.mountNew(
        "/dev/shm",
        "tmpfs",
        MountCalls.BARE,
        "mode=1777,size=" + step.allowance().sharedMemory().orElse(SHARED_MEMORY));
    if (kernel.hasMessageQueues()) {
      mounts.mountNew("/dev/mqueue", "mqueue", MountCalls.BARE, "");
    }
  }

  /// Those of jbuild's making, if the step has one: it is the console too, as containers have it.
  /// Both are mounted in the step's own /dev, where no link of an image can be (CVE-2025-52565).
  private void mountTerminals() {
    switch (wiring) {
      case Wiring.Plain _, Wiring.Apart _ -> {
        var owner = kernel.groups().contains(TTY_GROUP) ? ",mode=0620,gid=" + TTY_GROUP : "";
        mounts.mountNew(
            "/dev/pts",
            "devpts",
            MountCalls.MS_NOSUID | MountCalls.MS_NOEXEC,
            "newinstance,ptmxmode=0666" + owner);
      }
      case Wiring.Terminal terminal -> {
        mounts.makeDirectory("/dev/pts");
        mounts.attach(terminals, "/dev/pts");
        mounts.makeFile("/dev/console");
        mounts.bind("mounting /dev/console", terminal.slave(), "/dev/console");
      }
    }
  }

  private void mountProc() {
    mounts.mount("mounting /proc", openDirectory("/proc"), "proc", MountCalls.BARE, "");
    if (step.allowance().isPrivileged()) {
      return;
    }
    for (var name : kernel.hiddenFiles()) {
      mounts.bind("hiding /proc/" + name, "/dev/null", "/proc/" + name);
    }
    for (var name : kernel.hiddenDirectories()) {
      var path = "/proc/" + name;
      long flags = MountCalls.MS_RDONLY | MountCalls.BARE;
      mounts.mountOn("hiding " + path, path, "tmpfs", flags, "size=0");
    }
    for (var name : kernel.readOnly()) {
      var path = "/proc/" + name;
      mounts.bind("protecting " + path, path, path);
      mounts.makeReadOnly(path);
    }
  }

  /// The machine's own sysfs stays outside, unless the step is privileged: it shows the machine's
  /// network and devices.
  private void mountSys() {
    int sys = openDirectory("/sys");
    if (step.allowance().isPrivileged()) {
      mounts.mount("mounting /sys", sys, "sysfs", MountCalls.BARE, "");
      return;
    }
    mounts.mount("mounting /sys", sys, "tmpfs", MountCalls.BARE, "mode=755,size=64k");
    var cpu = copies.get(Kernel.CPU_DIRECTORY);
    if (cpu != null) {
      mounts.makeDirectory("/sys/devices");
      mounts.makeDirectory("/sys/devices/system");
      mounts.makeDirectory(Kernel.CPU_DIRECTORY);
      mounts.attach(cpu, Kernel.CPU_DIRECTORY);
    }
    mounts.makeReadOnly("/sys");
  }
}
