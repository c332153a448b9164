package dev.jbuild.store;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.failure.Utf8;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.JsonObject;
import dev.jbuild.linux.Directory;
import dev.jbuild.linux.LinuxException;
import dev.jbuild.linux.Machine;
import dev.jbuild.linux.SmallFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeSet;

/// The directory that is a store: found to be one, or made one.
final class StoreRoot {

  private static final String ADVICE = "choose another store with --root DIR or JBUILD_ROOT";
  private static final String OWNER_ONLY = "rwx------";
  private static final int OTHERS_MAY_WRITE = 022;
  private static final int STICKY = 01000;

  /// How the kernel shows an owner who has no ID in this user namespace (user_namespaces(7)).
  private static final int UNMAPPED = 65534;

  private static final byte[] OCI_LAYOUT = ascii("{\"imageLayoutVersion\":\"1.0.0\"}");
  private static final byte[] EMPTY_INDEX =
      ascii(
          "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.index.v1+json\","
              + "\"manifests\":[]}");

  private StoreRoot() {}

  /// Opens the store at `given`, or makes one there if nothing or an empty directory is. Two
  /// processes may do so at once.
  static Layout open(Path given) throws IOException {
    var path = given.toAbsolutePath();
    if (!Files.exists(path)) {
      makeRoot(path);
    }
    if (!Files.isDirectory(path)) {
      throw StoreFailures.of("the store " + StoreFailures.printable(path) + " is not a directory")
          .hint(ADVICE);
    }
    var layout = new Layout(path.toRealPath());
    int mode = checkOwner(layout);
    if (!Files.exists(layout.version())) {
      found(layout, mode);
    } else if ((mode & OTHERS_MAY_WRITE) != 0) {
      throw StoreFailures.of(
              "others can write to the store "
                  + StoreFailures.printable(layout.root())
                  + " (mode "
                  + Integer.toOctalString(mode & 07777)
                  + ")")
          .hint("run: chmod go-w on it, after a look at what is in it");
    }
    checkVersion(layout);
    checkOciLayout(layout);
    return layout;
  }

  private static void makeRoot(Path path) throws IOException {
    var parent = path.getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    try {
      Files.createDirectory(path, ownerOnly());
    } catch (FileAlreadyExistsException e) {
      return; // by another jbuild, a moment ago; else it is found to be no directory
    }
  }

  private static FileAttribute<?> ownerOnly() {
    return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(OWNER_ONLY));
  }

  /// A store has one owner: what two users write into one would be readable to neither.
  ///
  /// @return the mode of the root
  private static int checkOwner(Layout layout) throws IOException {
    Map<String, Object> attributes = Files.readAttributes(layout.root(), "unix:uid,mode");
    int owner = (Integer) attributes.getOrDefault("uid", -1);
    if (owner != Machine.uid()) {
      throw StoreFailures.of(
              "the store "
                  + StoreFailures.printable(layout.root())
                  + " belongs to another user"
                  + (owner == UNMAPPED ? "" : ", ID " + Integer.toUnsignedString(owner)))
          .hint(ADVICE);
    }
    return (Integer) attributes.getOrDefault("mode", 0);
  }

  /// Makes a store in a directory that is empty or was being made one. `locks` comes first, by
  /// which the latter is known, and `version` last.
  private static void found(Layout layout, int mode) throws IOException {
    checkNothingElse(layout);
    if ((mode & STICKY) != 0) {
      throw StoreFailures.of(
              StoreFailures.printable(layout.root())
                  + " is shared with others and cannot be a store")
          .hint(ADVICE);
    }
    Files.setPosixFilePermissions(layout.root(), PosixFilePermissions.fromString(OWNER_ONLY));
    make(layout.locks());
    try (var _ = Locks.exclusive(layout.locks().resolve("init"))) {
      if (Files.exists(layout.version())) {
        return;
      }
      makeDirectories(layout);
      var lease = new Lease(layout);
      try {
        var temps = lease.temps();
        temps.replace(layout.ociLayout(), OCI_LAYOUT, TempArea.Durability.DURABLE);
        if (!Files.exists(layout.index())) {
          temps.replace(layout.index(), EMPTY_INDEX, TempArea.Durability.DURABLE);
        }
        temps.replace(layout.version(), ascii(Layout.VERSION + "\n"), TempArea.Durability.DURABLE);
      } finally {
        lease.close();
      }
    }
  }

  private static void checkNothingElse(Layout layout) throws IOException {
    var foreign = new TreeSet<String>();
    boolean begun = false;
    try (var root = Directory.open(layout.root())) {
      for (var entry : root.list()) {
        var name = Utf8.decode(entry.name());
        begun |= name.equals("locks");
        if (!name.equals("lost+found")) {
          foreign.add(name);
        }
      }
    } catch (LinuxException e) {
      throw e.about(layout.root());
    }
    if (begun) {
      foreign.removeAll(Layout.NAMES);
    }
    if (!foreign.isEmpty()) {
      throw StoreFailures.of(
              StoreFailures.printable(layout.root())
                  + " is no jbuild store and not empty: it has "
                  + Printable.of(foreign.first()))
          .hint("choose a new or an empty directory for the store");
    }
  }

  /// Makes the directories that are missing.
  static void makeDirectories(Layout layout) throws IOException {
    for (var directory : layout.directories()) {
      if (!Files.isDirectory(directory)) {
        make(directory);
      }
    }
  }

  private static void make(Path directory) throws IOException {
    try {
      Files.createDirectory(directory, ownerOnly());
    } catch (FileAlreadyExistsException e) {
      if (!Files.isDirectory(directory)) {
        throw new NotDirectoryException(directory.toString());
      }
    } catch (IOException e) {
      throw StoreFailures.unlessFull(e, directory.resolveSibling("."));
    }
  }

  private static void checkVersion(Layout layout) throws IOException {
    var text = SmallFile.text(layout.version()).strip();
    if (text.equals(String.valueOf(Layout.VERSION))) {
      return;
    }
    if (!text.matches("[1-9][0-9]{0,8}")) {
      throw broken(layout.version(), "it should hold a number");
    }
    int version = Integer.parseInt(text);
    if (version > Layout.VERSION) {
      throw StoreFailures.of(
              "the store "
                  + StoreFailures.printable(layout.root())
                  + " has format "
                  + version
                  + ", this jbuild knows formats up to "
                  + Layout.VERSION)
          .hint("use a newer jbuild, or another store with --root DIR");
    }
  }

  private static void checkOciLayout(Layout layout) throws IOException {
    byte[] bytes;
    try {
      bytes = SmallFile.bytes(layout.ociLayout());
    } catch (NoSuchFileException e) {
      throw broken(layout.ociLayout(), "it is missing");
    }
    if (Arrays.equals(bytes, OCI_LAYOUT)) {
      return; // without loading a JSON parser
    }
    try {
      var what = StoreFailures.printable(layout.ociLayout());
      var version = JsonObject.parse(bytes, what).requiredString("imageLayoutVersion");
      if (!version.equals("1.0.0")) {
        throw broken(layout.ociLayout(), "its imageLayoutVersion is " + Printable.of(version));
      }
    } catch (ImageFormatException e) {
      throw broken(layout.ociLayout(), String.valueOf(e.getMessage()));
    }
  }

  private static BuildFailure broken(Path file, String why) {
    return StoreFailures.of(
        "the store's file " + StoreFailures.printable(file) + " is not as it must be: " + why);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
