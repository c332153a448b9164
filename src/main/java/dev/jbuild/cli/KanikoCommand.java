package dev.jbuild.cli;

import dev.jbuild.image.JsonObject;
import dev.jbuild.image.Reference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/// A build as kaniko's executor is told it: `jbuild kaniko …`, or a build with an option that only
/// kaniko has. Its options become those of [BuildCommand], which does the work (docs/from-kaniko.md
/// says what becomes what).
final class KanikoCommand implements Command {

  static final String NAME = "kaniko";

  private static final String DIGEST = "--digest-file";
  private static final String NAMES = "--image-name-with-digest-file";
  private static final String TAGS = "--image-name-tag-with-digest-file";

  /// Options that build and kaniko share: they tell nothing of whose line it is.
  private static final Set<String> SHARED =
      Set.of("--build-arg", "--target", "--label", "--reproducible", "--insecure-registry");

  /// What most builds have and kaniko lacks: they need not read what all it has.
  private static final Set<String> USUAL =
      Set.of(
          "-t",
          "--tag",
          "-f",
          "--file",
          "-q",
          "--quiet",
          "--no-cache",
          "--platform",
          "--progress",
          "--pull",
          "--push");

  private static final String DEFAULT_CONTEXT = "/workspace/";

  /// Whether these words of a build are kaniko's.
  static boolean isMeant(List<String> words) {
    int end = words.indexOf("--");
    var options = end < 0 ? words : words.subList(0, end);
    return options.stream()
        .filter(word -> word.startsWith("-"))
        .map(word -> word.contains("=") ? word.substring(0, word.indexOf('=')) : word)
        .filter(name -> !USUAL.contains(name) && !SHARED.contains(name))
        .anyMatch(name -> name.equals("-d") || KanikoOptions.isKnown(name));
  }

  @Override
  public Syntax syntax() {
    return KanikoOptions.syntax(NAME);
  }

  @Override
  public int run(Options options, Session session) throws IOException, InterruptedException {
    KanikoOptions.check(options);
    var destinations = options.values("--destination").stream().map(Names::tag).toList();
    if (destinations.isEmpty() && !KanikoOptions.isOn(options, "--no-push")) {
      throw Options.usage("kaniko's options need --destination NAME, or --no-push");
    }
    if (destinations.isEmpty()
        && KanikoOptions.value(options, "--tar-path", "--tarPath").isPresent()) {
      throw Options.usage("--tar-path needs --destination NAME, the image's name in the archive");
    }
    var metadata = Files.createTempFile("jbuild-kaniko", ".json");
    try {
      var words = words(options, destinations, session.environment());
      words.addAll(List.of("--metadata-file", metadata.toString()));
      words.add(KanikoContext.of(options, DEFAULT_CONTEXT));
      var build = new BuildCommand();
      var parsed = build.syntax().parse(words);
      int code = build.run(parsed, new Session(session.console(), session.environment(), parsed));
      if (code == 0) {
        files(options, destinations, metadata);
      }
      return code;
    } finally {
      Files.deleteIfExists(metadata);
    }
  }

  private static List<String> words(
      Options options, List<Reference> destinations, Map<String, String> environment) {
    var words = new ArrayList<String>();
    destinations.forEach(name -> add(words, "-t", name.full()));
    KanikoContext.dockerfile(options, DEFAULT_CONTEXT).ifPresent(file -> add(words, "-f", file));
    for (var each : List.of("--build-arg", "--label", "--insecure-registry")) {
      options.values(each).forEach(value -> add(words, each, value));
    }
    KanikoOptions.value(options, "--target").ifPresent(stage -> add(words, "--target", stage));
    options.value("--root").ifPresent(root -> add(words, "--root", root));
    KanikoOptions.value(options, "--custom-platform", "--customPlatform")
        .ifPresent(platform -> add(words, "--platform", platform));
    if (KanikoOptions.isOn(options, "--reproducible")) {
      words.add("--reproducible");
    }
    if (KanikoOptions.isOn(options, "--single-snapshot")) {
      words.add("--squash");
    }
    outputs(options, words);
    registries(options, destinations, environment, words);
    cache(options, destinations, words);
    progress(options, words);
    return words;
  }

  private static void add(List<String> words, String option, String value) {
    words.add(option);
    words.add(value);
  }

  private static void outputs(Options options, List<String> words) {
    var compression =
        KanikoOptions.value(options, "--compression").map(each -> ",compression=" + each).orElse("")
            + KanikoOptions.value(options, "--compression-level")
                .map(each -> ",compression-level=" + each)
                .orElse("");
    KanikoOptions.value(options, "--tar-path", "--tarPath")
        .ifPresent(file -> add(words, "-o", "type=docker,dest=" + file));
    KanikoOptions.value(options, "--oci-layout-path")
        .ifPresent(path -> add(words, "-o", "type=oci,tar=false,dest=" + path + compression));
    if (!KanikoOptions.isOn(options, "--no-push")) {
      add(words, "-o", "type=registry" + compression);
    }
  }

  /// As `HOST=PLACE`. Of kaniko's mirrors those of one registry may be several in one word.
  private static List<String> mirrors(Options options, Map<String, String> environment) {
    var mirrors = new ArrayList<String>();
    for (var place : all(options, "--registry-mirror", environment)) {
      mirrors.add(RegistryAccess.HUB + "=" + place);
    }
    mirrors.addAll(all(options, "--registry-map", environment));
    return mirrors;
  }

  /// What an option says, and the variable of its name.
  private static List<String> all(Options options, String name, Map<String, String> environment) {
    var variable = "KANIKO" + name.substring(1).replace('-', '_').toUpperCase(Locale.ROOT);
    return Stream.concat(
            options.values(name).stream(), Stream.ofNullable(environment.get(variable)))
        .flatMap(text -> Stream.of(text.split(";", -1)))
        .map(String::strip)
        .filter(text -> !text.isEmpty())
        .toList();
  }

  private static void registries(
      Options options,
      List<Reference> destinations,
      Map<String, String> environment,
      List<String> words) {
    options
        .values("--skip-tls-verify-registry")
        .forEach(host -> add(words, "--insecure-registry", host));
    mirrors(options, environment).forEach(mirror -> add(words, "--mirror", mirror));
    if (KanikoOptions.isOn(options, "--skip-default-registry-fallback")) {
      words.add("--mirrors-only");
    }
    if (KanikoOptions.isOn(options, "--insecure")
        || KanikoOptions.isOn(options, "--skip-tls-verify")) {
      destinations.forEach(name -> add(words, "--insecure-registry", name.domain()));
    }
  }

  /// `--cache` alone keeps the cache beside the image, in `<name>/cache`.
  private static void cache(Options options, List<Reference> destinations, List<String> words) {
    if (!KanikoOptions.isOn(options, "--cache")) {
      return;
    }
    var repository = KanikoOptions.value(options, "--cache-repo");
    if (repository.isEmpty() && KanikoOptions.isOn(options, "--no-push")) {
      throw Options.usage("--cache with --no-push needs --cache-repo REF, where the cache is");
    }
    var place =
        repository.orElseGet(
            () ->
                destinations.getFirst().domain() + "/" + destinations.getFirst().path() + "/cache");
    boolean isDirectory = place.startsWith("oci:");
    var at = isDirectory ? place.substring("oci:".length()) : place;
    add(words, "--cache-from", isDirectory ? "type=local,src=" + at : "type=registry,ref=" + at);
    if (!KanikoOptions.isOn(options, "--no-push-cache")) {
      var to = isDirectory ? "type=local,dest=" + at : "type=registry,ref=" + at;
      add(words, "--cache-to", to + ",mode=max");
    }
  }

  private static void progress(Options options, List<String> words) {
    switch (KanikoOptions.value(options, "--verbosity").orElse("info")) {
      case "panic", "fatal", "error", "warn", "warning" -> add(words, "--progress", "quiet");
      case "info" -> {}
      case "debug", "trace" -> add(words, "--progress", "plain");
      default -> throw Options.usage("--verbosity takes error, warn, info, debug or trace");
    }
  }

  /// What kaniko writes about the image that it made.
  private static void files(Options options, List<Reference> destinations, Path metadata)
      throws IOException {
    var digest = digest(metadata);
    var names =
        destinations.stream().map(name -> name.domain() + "/" + name.path()).distinct().toList();
    write(options, DIGEST, List.of(digest));
    write(options, NAMES, names.stream().map(name -> name + "@" + digest).toList());
    write(options, TAGS, destinations.stream().map(name -> name.full() + "@" + digest).toList());
  }

  private static String digest(Path metadata) throws IOException {
    return JsonObject.parse(Files.readAllBytes(metadata), "the metadata file")
        .requiredString("containerimage.digest");
  }

  /// One line each, the last without its end.
  private static void write(Options options, String option, List<String> lines) throws IOException {
    if (KanikoOptions.value(options, option).isPresent()) {
      ResultFile.write(KanikoOptions.value(options, option).get(), String.join("\n", lines));
    }
  }
}
