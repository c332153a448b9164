package dev.jbuild.image;

import dev.jbuild.failure.Printable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// What an image runs on: `linux/amd64`, `linux/arm/v7`.
///
/// Always in normal form: lower case, `x86_64` is `amd64`, `aarch64` is `arm64`, arm64's `v8` and
/// amd64's `v1` dropped, arm without a variant is `v7` (as containerd's platforms package has it).
///
/// @param variant empty if there is none
public record Platform(String os, String architecture, String variant) {

  /// What a word alone may be; any other is an architecture or nothing (containerd's lists).
  private static final Set<String> SYSTEMS =
      Set.of(
          ("aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd"
                  + " plan9 solaris windows zos")
              .split(" "));

  private static final Set<String> ARCHITECTURES =
      Set.of(
          ("386 amd64 amd64p32 arm armbe arm64 arm64be ppc64 ppc64le loong64 mips mipsle mips64"
                  + " mips64le mips64p32 mips64p32le ppc riscv riscv64 s390 s390x sparc sparc64"
                  + " wasm")
              .split(" "));

  private static final int LOWEST_ARM = 5;
  private static final int HIGHEST_ARM = 8;

  public Platform {
    os = os.toLowerCase(Locale.ROOT);
    os = os.equals("macos") ? "darwin" : os;
    variant = variant.toLowerCase(Locale.ROOT);
    switch (architecture.toLowerCase(Locale.ROOT)) {
      case "x86_64", "x86-64", "amd64" -> {
        architecture = "amd64";
        variant = variant.equals("v1") ? "" : variant;
      }
      case "aarch64", "arm64" -> {
        architecture = "arm64";
        variant =
            switch (variant) {
              case "8", "v8", "v8.0" -> "";
              case "9", "9.0", "v9.0" -> "v9";
              default -> variant;
            };
      }
      case "armhf" -> {
        architecture = "arm";
        variant = "v7";
      }
      case "armel" -> {
        architecture = "arm";
        variant = "v6";
      }
      case "arm" -> {
        architecture = "arm";
        variant = variant.isEmpty() ? "v7" : variant.startsWith("v") ? variant : "v" + variant;
      }
      case "i386", "i486", "i586", "i686", "386" -> {
        architecture = "386";
        variant = "";
      }
      default -> architecture = architecture.toLowerCase(Locale.ROOT);
    }
  }

  public Platform(String os, String architecture) {
    this(os, architecture, "");
  }

  /// The platform of this machine.
  public static Platform host() {
    return new Platform("linux", System.getProperty("os.arch", "amd64"));
  }

  /// Reads `os/arch`, `os/arch/variant`, or one of the two alone: a system means this machine's
  /// architecture, an architecture Linux.
  ///
  /// @throws IllegalArgumentException for any other text
  public static Platform parse(String text) {
    if (text.matches("[A-Za-z0-9_.-]+\\([^()]*\\).*")) {
      throw new IllegalArgumentException(
          "a version of the system is no part of a platform here: \"" + Printable.of(text) + "\"");
    }
    if (!text.matches("[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+){0,2}")) {
      throw new IllegalArgumentException("not a platform: \"" + Printable.of(text) + "\"");
    }
    var parts = text.split("/", -1);
    if (parts.length == 1) {
      var system = new Platform(parts[0], host().architecture());
      if (SYSTEMS.contains(system.os)) {
        return system;
      }
      var platform = new Platform("linux", parts[0]);
      if (!ARCHITECTURES.contains(platform.architecture)) {
        throw new IllegalArgumentException(
            "neither a system nor an architecture: \"" + Printable.of(text) + "\"");
      }
      return platform;
    }
    return new Platform(parts[0], parts[1], parts.length == 3 ? parts[2] : "");
  }

  /// What programs may be made for to run here, the best first: this very platform, lower variants
  /// of it, then what its processors run beside it (386 on amd64, arm on arm64). The order is that
  /// of containerd's platforms package.
  public List<Platform> runs() {
    var runs = new ArrayList<Platform>();
    runs.add(this);
    switch (architecture) {
      case "amd64" -> {
        for (int v = version() - 1; v >= 1; v--) {
          runs.add(new Platform(os, architecture, "v" + v));
        }
        runs.add(new Platform(os, "386"));
      }
      case "arm" -> addArm(runs, version() - 1);
      case "arm64" -> {
        runs.add(new Platform(os, architecture));
        addArm(runs, HIGHEST_ARM);
      }
      default -> {
        // nothing but itself
      }
    }
    return runs.stream().distinct().toList();
  }

  private void addArm(List<Platform> runs, int highest) {
    for (int v = highest; v >= LOWEST_ARM; v--) {
      runs.add(new Platform(os, "arm", "v" + v));
    }
  }

  /// The number in the variant; 0 if there is none.
  private int version() {
    return variant.matches("v[0-9]{1,2}") ? Integer.parseInt(variant.substring(1)) : 0;
  }

  @Override
  public String toString() {
    return os + "/" + architecture + (variant.isEmpty() ? "" : "/" + variant);
  }
}
