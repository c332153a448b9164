package dev.jbuild.linux;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.jbuild.failure.Printable;
import dev.jbuild.failure.Utf8;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// One overlay that is being put together. Closing it does not unmount.
final class Overlay implements AutoCloseable {

  private static final int FSOPEN_CLOEXEC = 1;
  private static final int FSMOUNT_CLOEXEC = 1;
  private static final int SET_FLAG = 0;
  private static final int SET_STRING = 1;
  private static final int CREATE = 6;
  private static final int MS_NODEV = 4;

  /// fsconfig(2) takes no longer strings, the NUL at the end included.
  private static final int LONGEST_VALUE = 255;

  /// An option that there is not.
  private static final String UNKNOWN = "jbuild-asks";

  private static final byte[] OFF = "off".getBytes(US_ASCII);

  private static final Map<String, String> OPTIONS =
      Map.of("index", "off", "metacopy", "off", "redirect_dir", "nofollow", "xino", "off");

  private final List<byte[]> lowers = new ArrayList<>();
  private final SortedMap<String, byte[]> values = new TreeMap<>();
  private final List<String> flags = new ArrayList<>();
  private final List<Long> places = new ArrayList<>();

  Overlay(List<Path> lowers) {
    for (var lower : lowers) {
      this.lowers.add(Where.bytes(lower));
    }
    OPTIONS.forEach((key, value) -> values.put(key, value.getBytes(US_ASCII)));
  }

  void upper(Path upper, Path work) {
    values.put("upperdir", Where.bytes(upper));
    values.put("workdir", Where.bytes(work));
  }

  void flag(String name) {
    flags.add(name);
  }

  void mount(Path path) throws LinuxException {
    var target = Where.bytes(path);
    var where = Where.of(target);
    long context =
        Kernel.call(SystemCall.FSOPEN, Scratch.get().first(Utf8.encode("overlay")), FSOPEN_CLOEXEC);
    if (Kernel.is(context, Errno.ENODEV)) {
      throw new LinuxException(
          "fsopen", where.text(), Errno.ENODEV, "this kernel has no overlay file system");
    }
    Kernel.check(context, SystemCall.FSOPEN, where);
    try {
      if (knowsLowersOneByOne(context)) {
        configure(context);
        check(context, Kernel.call(SystemCall.FSCONFIG, context, CREATE), "create", where);
        attach(context, target, where);
      } else {
        mountByOldCall(target, where);
      }
    } finally {
      Kernel.close(context);
    }
  }

  /// Adds the topmost lower.
  ///
  /// @return false if the kernel has no `lowerdir+`. Before 6.5 overlay takes whatever it is told
  ///     for a good option, and only refuses to be made in the end
  private boolean knowsLowersOneByOne(long context) throws LinuxException {
    if (set(context, UNKNOWN, OFF) >= 0) {
      return false;
    }
    var _ = messages(context); // that it does not know it
    long result = set(context, "lowerdir+", lowers.getFirst());
    if (Kernel.is(result, Errno.EINVAL)) {
      var messages = messages(context);
      if (messages.contains("Unknown parameter")) {
        return false;
      }
      throw failure(result, "lowerdir+", messages, Where.of(lowers.getFirst()));
    }
    check(context, result, "lowerdir+", Where.of(lowers.getFirst()));
    return true;
  }

  private void configure(long context) throws LinuxException {
    for (var lower : lowers.subList(1, lowers.size())) {
      check(context, set(context, "lowerdir+", lower), "lowerdir+", Where.of(lower));
    }
    for (var option : values.entrySet()) {
      long result = set(context, option.getKey(), option.getValue());
      check(context, result, option.getKey(), Where.of(option.getValue()));
    }
    for (var flag : flags) {
      long name = Scratch.get().first(Utf8.encode(flag));
      long result = Kernel.call(SystemCall.FSCONFIG, context, SET_FLAG, name);
      check(context, result, flag, Where.of(Utf8.encode("overlay")));
    }
  }

  private long set(long context, String key, byte[] value) throws LinuxException {
    var passed = isPath(value) && !isPlain(value) ? place(value) : value;
    long name = Scratch.get().first(Utf8.encode(key));
    long text = Scratch.get().second(passed);
    return Kernel.call(SystemCall.FSCONFIG, context, SET_STRING, name, text);
  }

  private static boolean isPath(byte[] value) {
    return value[0] == '/';
  }

  /// Whether the path can be given as it is: short, and free of what overlay takes for escapes and
  /// separators, in which its versions differ.
  private static boolean isPlain(byte[] path) {
    boolean plain = path.length <= LONGEST_VALUE;
    for (byte b : path) {
      plain &= b != '\\' && b != ':' && b != ',';
    }
    return plain;
  }

  /// A short path of a descriptor that stands for `path`; it stays open until this is closed.
  private byte[] place(byte[] path) throws LinuxException {
    int flags = Opening.PATH_ONLY | Opening.DIRECTORY;
    long place = Opening.at(Opening.AT_FDCWD, path, flags, 0, Where.of(path));
    places.add(place);
    return Opening.magicLink(place);
  }

  private static void attach(long context, byte[] target, Where where) throws LinuxException {
    long mount = Kernel.call(SystemCall.FSMOUNT, context, FSMOUNT_CLOEXEC, Mounts.MOUNT_ATTR_NODEV);
    check(context, mount, "mount", where);
    try {
      Mounts.move(mount, target, where);
    } finally {
      Kernel.close(mount);
    }
  }

  /// mount(2), whose options are one page of text: short descriptor paths, some 230 lowers.
  void mountByOldCall(byte[] target, Where where) throws LinuxException {
    var options = new ByteArrayOutputStream();
    for (var lower : lowers) {
      options.writeBytes(Utf8.encode(options.size() == 0 ? "lowerdir=" : ":"));
      options.writeBytes(place(lower));
    }
    for (var option : values.entrySet()) {
      options.writeBytes(Utf8.encode("," + option.getKey() + "="));
      var value = option.getValue();
      options.writeBytes(isPath(value) ? place(value) : value);
    }
    for (var flag : flags) {
      options.writeBytes(Utf8.encode("," + flag));
    }
    var text = options.toByteArray();
    if (text.length >= Scratch.LONGEST_PATH) {
      throw new LinuxException(
          "mount", where.text(), Errno.E2BIG, "too many layers for a kernel before 6.5");
    }
    var scratch = Scratch.get();
    long at = scratch.first(target);
    long data = scratch.second(text);
    long overlay = scratch.buffer(Utf8.encode("overlay\0"));
    long result = Kernel.call(SystemCall.MOUNT, overlay, at, overlay, MS_NODEV, data);
    Kernel.check(result, SystemCall.MOUNT, where);
  }

  private static void check(long context, long result, String step, Where where)
      throws LinuxException {
    if (result < 0) {
      throw failure(result, step, messages(context), where);
    }
  }

  private static LinuxException failure(long result, String step, String messages, Where where) {
    var errno = Errno.of((int) -result);
    var number = errno == Errno.OTHER ? " " + -result : "";
    var more = messages.isEmpty() ? "dmesg may say more" : messages;
    var reason = errno.text() + number + ": " + more;
    return new LinuxException("overlay, " + step, where.text(), errno, reason);
  }

  /// What the kernel wrote about the mount so far: each read gives one line, `e overlay: …`.
  private static String messages(long context) {
    var all = new ArrayList<String>();
    var buffer = Scratch.get().buffer();
    while (true) {
      long size = Kernel.call(SystemCall.READ, context, buffer, Scratch.BUFFER_SIZE);
      if (size <= 0) {
        return String.join("; ", all);
      }
      all.add(Printable.of(Utf8.decode(Scratch.get().fromBuffer((int) size)).strip()));
    }
  }

  @Override
  public void close() {
    places.forEach(Kernel::close);
    places.clear();
  }
}
