package dev.jbuild.cli;

import dev.jbuild.failure.Printable;
import dev.jbuild.sandbox.StepMount;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/// `-v`, `--mount` and `--tmpfs` of run.
final class VolumeOptions {

  private static final Path ROOT = Path.of("/");
  private static final Path SELINUX = Path.of("/sys/fs/selinux/enforce");
  private static final Set<String> NOTHING =
      Set.of(
          "rw", "", "rprivate", "private", "consistent", "cached", "delegated", "nosuid", "nodev");

  private final Consumer<String> message;
  private final List<StepMount> mounts = new ArrayList<>();

  private VolumeOptions(Consumer<String> message) {
    this.message = message;
  }

  static Syntax addTo(Syntax syntax) {
    return syntax
        .values("PATH:DIR[:ro]", "Mount a file or directory of this machine.", "-v", "--volume")
        .values(
            "type=bind|tmpfs,…",
            "The same in other words: type=bind,source=PATH,target=DIR,readonly.",
            "--mount")
        .values("DIR[:size=BYTES]", "Mount an empty directory in memory.", "--tmpfs");
  }

  /// All of them, those that lie in others after them.
  ///
  /// @param message takes what is to be told
  static List<StepMount> read(Options options, Consumer<String> message) throws IOException {
    var all = new VolumeOptions(message);
    for (var text : options.values("--volume")) {
      all.volume(text);
    }
    for (var text : options.values("--mount")) {
      all.mount(text);
    }
    for (var text : options.values("--tmpfs")) {
      all.tmpfs(text);
    }
    var seen = new HashSet<String>();
    for (var mount : all.mounts) {
      if (!seen.add(mount.target())) {
        throw Options.usage("two mounts are for " + Printable.of(mount.target()));
      }
    }
    all.mounts.sort((one, other) -> Long.compare(depth(one), depth(other)));
    return List.copyOf(all.mounts);
  }

  private static long depth(StepMount mount) {
    return mount.target().chars().filter(c -> c == '/').count();
  }

  private void volume(String text) throws IOException {
    var parts = text.split(":", -1);
    if (parts.length == 1) {
      throw Options.usage("-v " + Printable.of(text) + ": jbuild keeps no volumes without a name")
          .hint("name a directory of this machine: -v ./DIR:" + Printable.of(text));
    }
    if (parts.length > 3 || parts[0].isEmpty()) {
      throw Options.usage("-v cannot be " + Printable.of(text)).hint("write it as PATH:DIR[:ro]");
    }
    if (!parts[0].contains("/") && !parts[0].startsWith(".")) {
      throw Options.usage(
              "-v " + Printable.of(text) + ": jbuild keeps no volumes, so a name is none")
          .hint("name a directory of this machine: -v ./" + Printable.of(text));
    }
    var source = path(parts[0]);
    if (!Files.exists(source)) {
      makeDirectory(source);
      message.accept("made the directory " + Printable.of(source.toString()));
    }
    boolean isReadOnly = parts.length == 3 && modes("-v", parts[2]);
    mounts.add(bind(source, target("-v", parts[1]), isReadOnly));
  }

  private static void makeDirectory(Path source) {
    try {
      Files.createDirectories(source);
    } catch (IOException e) {
      throw Options.usage(
          "-v: cannot make the directory " + Printable.of(source.toString()) + ": " + reason(e));
    }
  }

  private static String reason(IOException e) {
    return switch (e) {
      case FileAlreadyExistsException _ -> "a file is in its place";
      case AccessDeniedException _ -> "permission denied";
      case NoSuchFileException _ -> "no such file or directory";
      case FileSystemException other when other.getReason() != null ->
          Printable.of(other.getReason());
      default -> Printable.of(String.valueOf(e.getMessage()));
    };
  }

  /// Whether one of the modes is `ro`.
  private static boolean modes(String option, String text) {
    boolean isReadOnly = false;
    for (var mode : text.split(",", -1)) {
      switch (mode) {
        case "ro" -> isReadOnly = true;
        case "z", "Z" -> {
          if (Files.exists(SELINUX)) {
            throw Options.usage(option + " with " + mode + ": jbuild sets no labels of SELinux");
          }
        }
        default -> {
          if (!NOTHING.contains(mode)) {
            throw Options.usage(option + " does not know the mode " + Printable.of(mode))
                .hint("it knows ro and rw");
          }
        }
      }
    }
    return isReadOnly;
  }

  private static StepMount bind(Path source, String target, boolean isReadOnly) {
    return new StepMount.Bind(
        ROOT, source.toString(), target, Files.isDirectory(source), isReadOnly);
  }

  private static Path path(String text) {
    try {
      return Path.of(text).toAbsolutePath();
    } catch (InvalidPathException e) {
      throw Options.usage("not a path: " + Printable.of(text));
    }
  }

  /// In the container; links in it are followed there, when the container is there.
  private static String target(String option, String text) {
    var path =
        text.length() > 1 && text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
    if (!path.startsWith("/") || path.equals("/") || path.contains("\0")) {
      throw Options.usage(
          option + " needs an absolute path in the container, not " + Printable.of(text));
    }
    if (("/" + path + "/").contains("/../")
        || path.contains("//")
        || (path + "/").contains("/./")) {
      return ROOT.resolve(path).normalize().toString();
    }
    return path;
  }

  private void mount(String text) throws IOException {
    var fields = new MountFields(text);
    switch (fields.type()) {
      case "bind" -> {
        var source = path(fields.needed("source"));
        if (!Files.exists(source)) {
          throw Options.usage("--mount: there is no " + Printable.of(source.toString()));
        }
        mounts.add(bind(source, target("--mount", fields.needed("target")), fields.isReadOnly()));
      }
      case "tmpfs" -> {
        var size = fields.optional("tmpfs-size");
        long bytes = size.map(each -> ByteSize.parseMemory("tmpfs-size", each)).orElse(0L);
        checkMode(fields.optional("tmpfs-mode"));
        var target = target("--mount", fields.needed("target"));
        mounts.add(new StepMount.Tmpfs(target, bytes, fields.isReadOnly()));
      }
      default ->
          throw Options.usage(
                  "--mount type=" + Printable.of(fields.type()) + ": jbuild keeps no volumes")
              .hint("bind mounts a path of this machine, tmpfs a directory in memory");
    }
    fields.checkAllRead();
  }

  private static void checkMode(Optional<String> mode) {
    if (mode.isPresent() && !mode.get().matches("0?1777")) {
      throw Options.usage(
          "a directory in memory has the mode 1777, not " + Printable.of(mode.get()));
    }
  }

  private void tmpfs(String text) {
    int colon = text.indexOf(':');
    var target = target("--tmpfs", colon < 0 ? text : text.substring(0, colon));
    long size = 0;
    boolean isReadOnly = false;
    for (var option : (colon < 0 ? "" : text.substring(colon + 1)).split(",", -1)) {
      if (option.startsWith("size=")) {
        size = ByteSize.parseMemory("--tmpfs size", option.substring(5));
      } else if (option.startsWith("mode=")) {
        checkMode(Optional.of(option.substring(5)));
      } else if (!option.equals("exec")) {
        isReadOnly |= modes("--tmpfs", option);
      }
    }
    mounts.add(new StepMount.Tmpfs(target, size, isReadOnly));
  }

  /// The fields of one `--mount`, each read once.
  private static final class MountFields {
    private static final Map<String, String> NAMES =
        Map.of("src", "source", "dst", "target", "destination", "target", "ro", "readonly");
    private static final Set<String> KNOWN =
        Set.of("type", "source", "target", "readonly", "tmpfs-size", "tmpfs-mode");

    private final TreeMap<String, String> values = new TreeMap<>();
    private final String type;

    MountFields(String text) {
      for (var field : Csv.fields(text)) {
        int equals = field.indexOf('=');
        var key = equals < 0 ? field : field.substring(0, equals);
        var value = equals < 0 ? "true" : field.substring(equals + 1);
        var name = NAMES.getOrDefault(key, key);
        switch (name) {
          case "bind-propagation", "consistency", "relabel" -> modes("--mount", value);
          default -> {
            if (!KNOWN.contains(name)) {
              throw Options.usage("--mount does not know " + Printable.of(key));
            }
            values.put(name, value);
          }
        }
      }
      type = optional("type").orElse("volume");
    }

    String type() {
      return type;
    }

    String needed(String name) {
      return optional(name).orElseThrow(() -> Options.usage("--mount needs " + name + "="));
    }

    Optional<String> optional(String name) {
      return Optional.ofNullable(values.remove(name));
    }

    boolean isReadOnly() {
      return switch (optional("readonly").orElse("false")) {
        case "true", "1" -> true;
        case "false", "0" -> false;
        default -> throw Options.usage("--mount: readonly is true or false");
      };
    }

    void checkAllRead() {
      if (!values.isEmpty()) {
        throw Options.usage("--mount: " + values.firstKey() + " is not for this type");
      }
    }
  }
}
