package dev.jbuild.plan;

import java.util.ArrayDeque;

/// Paths inside an image, as text: they are only joined and cleaned here, never looked up.
public final class ImagePath {

  private ImagePath() {}

  /// Where a process starts for which `directory` is asked. An image's config may have it in any
  /// form (`/a/../b/.`); a relative one, or none, is taken from the root, as everywhere.
  public static String workingDirectory(String directory) {
    return resolve("/", directory);
  }

  /// `path` from the directory `base`, absolute, without `.`, `..`, double slashes and a slash at
  /// the end; `..` stops at the root.
  static String resolve(String base, String path) {
    var components = new ArrayDeque<String>();
    var whole = path.startsWith("/") ? path : base + "/" + path;
    for (var component : whole.split("/", -1)) {
      if (component.equals("..")) {
        components.pollLast();
      } else if (!component.isEmpty() && !component.equals(".")) {
        components.addLast(component);
      }
    }
    return "/" + String.join("/", components);
  }

  /// The same for a destination: what is written as a directory (`x/`, `x/.`, `.` or nothing) keeps
  /// a slash at its end.
  static String destination(String base, String path) {
    boolean directory =
        path.isEmpty() || path.equals(".") || path.endsWith("/") || path.endsWith("/.");
    var resolved = resolve(base, path);
    return directory && !resolved.endsWith("/") ? resolved + "/" : resolved;
  }

  /// The last component; `/` or `.` if there is none.
  static String baseName(String path) {
    int end = path.length();
    while (end > 1 && path.charAt(end - 1) == '/') {
      end--;
    }
    if (end == 0) {
      return ".";
    }
    var trimmed = path.substring(0, end);
    return trimmed.equals("/") ? trimmed : trimmed.substring(trimmed.lastIndexOf('/') + 1);
  }

  /// Whether `name` can be the name of one file in a directory.
  static boolean isFileName(String name) {
    return !name.isEmpty()
        && !name.equals(".")
        && !name.equals("..")
        && name.indexOf('/') < 0
        && name.indexOf('\0') < 0;
  }
}
