package dev.jbuild.plan;

import dev.jbuild.image.Platform;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/// The build arguments that are there without an ARG.
final class PredefinedArgs {

  static final String SOURCE_DATE_EPOCH = "SOURCE_DATE_EPOCH";
  static final String CACHE_NAMESPACE = "BUILDKIT_CACHE_MOUNT_NS";
  static final String HOSTNAME = "BUILDKIT_SANDBOX_HOSTNAME";
  static final String DEFAULT_HOSTNAME = "buildkitsandbox";

  /// Declared or not, these never become environment variables.
  static final Set<String> NEVER_ENVIRONMENT =
      Set.of("BUILDKIT_SBOM_SCAN_CONTEXT", "BUILDKIT_SBOM_SCAN_STAGE");

  private static final List<String> PROXIES =
      List.of("HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY");

  private PredefinedArgs() {}

  /// The automatic global arguments, those about platforms and TARGETSTAGE.
  static Map<String, String> automatic(Platform build, Platform target, String targetStage) {
    var args = new LinkedHashMap<String, String>();
    addPlatform(args, "BUILD", build);
    addPlatform(args, "TARGET", target);
    args.put("TARGETSTAGE", targetStage);
    return args;
  }

  private static void addPlatform(Map<String, String> args, String prefix, Platform platform) {
    args.put(prefix + "PLATFORM", platform.toString());
    args.put(prefix + "OS", platform.os());
    args.put(prefix + "OSVERSION", "");
    args.put(prefix + "ARCH", platform.architecture());
    args.put(prefix + "VARIANT", platform.variant());
  }

  /// Whether an argument means something although no ARG declares it.
  static boolean isConsumed(String name) {
    return isProxy(name)
        || name.startsWith("BUILDKIT_")
        || name.equals(SOURCE_DATE_EPOCH)
        || automatic(new Platform("", ""), new Platform("", ""), "").containsKey(name);
  }

  private static boolean isProxy(String name) {
    return PROXIES.contains(name) || PROXIES.contains(name.toUpperCase(Locale.ROOT));
  }

  /// The proxy variables among the build arguments, each in upper and in lower case. Given in both,
  /// the lower case counts, and an empty one sets nothing.
  static SortedMap<String, String> proxies(Map<String, String> buildArgs) {
    var proxies = new TreeMap<String, String>();
    for (var arg : buildArgs.entrySet()) {
      var lower = arg.getKey().toLowerCase(Locale.ROOT);
      if (isProxy(arg.getKey())) {
        var value = buildArgs.getOrDefault(lower, arg.getValue());
        proxies.put(arg.getKey().toUpperCase(Locale.ROOT), value);
        proxies.put(lower, value);
      }
    }
    proxies.values().removeIf(String::isEmpty);
    return proxies;
  }

  /// All names that a person may have meant by a misspelt one.
  static List<String> names() {
    var names = new ArrayList<>(PROXIES);
    names.addAll(automatic(new Platform("", ""), new Platform("", ""), "").keySet());
    names.add(SOURCE_DATE_EPOCH);
    return names;
  }
}
