package dev.jbuild.tar;

/// Names of extended attributes: which of them belong in an image, and how a PAX key spells them.
public final class XattrName {

  private XattrName() {}

  /// Whether an attribute means the same on every machine, and so belongs in a layer.
  ///
  /// These do: `security.capability` and `user.*`. These do not: labels and signatures of one
  /// host (`security.selinux`, `security.ima`, `security.evm`), ACLs (`system.*`: their ids are
  /// not translated), `trusted.*` (only root sees it, so that the same files would give root and
  /// an ordinary user two layers), and what overlayfs keeps for itself: `trusted.overlay.*` and
  /// `user.overlay.*` in a layer would re-point the directories of whoever mounts it.
  public static boolean isPortable(String name) {
    return name.equals("security.capability")
        || (name.startsWith("user.") && !name.startsWith("user.overlay."));
  }

  /// The name in a PAX key, where an equals sign would end it; GNU tar's spelling.
  static String encode(String name) {
    return name.replace("%", "%25").replace("=", "%3D");
  }

  static String decode(String encoded) {
    return encoded.indexOf('%') < 0 ? encoded : encoded.replace("%3D", "=").replace("%25", "%");
  }
}
