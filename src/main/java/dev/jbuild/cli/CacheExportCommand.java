package dev.jbuild.cli;

import dev.jbuild.build.CacheExport;
import dev.jbuild.build.CachePlace;
import dev.jbuild.build.PastBuilds;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.image.Reference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// `jbuild cache export`.
final class CacheExportCommand implements Command {

  @Override
  public Syntax syntax() {
    return RegistryAccess.addTo(
        new Syntax(
                "cache export",
                "[OPTIONS] DIR|type=TYPE,…",
                "Write the cache of the last build, or with --all of everything, to a directory or"
                    + " a registry: what build --cache-to does, with mode=max if no mode is given.",
                "  jbuild cache export ./cache",
                "  jbuild cache export type=registry,ref=registry.example:5000/team/app:cache")
            .flag("All steps that the store knows.", "--all")
            .flag("Print the digest only.", "-q", "--quiet")
            .arguments("DIR", "1"));
  }

  /// A word alone is a directory here, as with the other commands that write files; one that is not
  /// there and looks like a name in a registry is probably meant as one.
  static String fields(String word, String key) {
    if (word.contains("=")) {
      return word;
    }
    boolean there = word.startsWith(".") || word.startsWith("/") || Files.exists(Path.of(word));
    if (!there && Reference.problem(word).isEmpty() && isRegistry(Reference.parse(word))) {
      throw Options.usage(Printable.of(word) + " is not a directory")
          .hint(
              "for a directory write ./%s, for a registry type=registry,ref=%s"
                  .formatted(Printable.of(word), Printable.of(word)));
    }
    return "type=local,\"" + key + "=" + word.replace("\"", "\"\"") + '"';
  }

  private static boolean isRegistry(Reference name) {
    return !name.domain().equals(RegistryAccess.HUB);
  }

  @Override
  public int run(Options options, Session session) throws IOException, InterruptedException {
    var word = options.argument("a directory, as in: jbuild cache export ./cache");
    var target = CacheFields.target(CacheFields.EXPORT, fields(word, "dest"), CacheExport.Mode.MAX);
    var place =
        target
            .place()
            .orElseThrow(
                () ->
                    Options.usage("cache export type=inline: there is no image to put it into")
                        .hint("jbuild build --cache-to type=inline does"));
    CacheTargets.check(target);
    List<CachePlace> insecure = target.insecure() ? List.of(place) : List.of();
    var logins = Caches.logins(options, place);
    return StoreWork.run(
        session,
        store -> {
          var export = new CacheExport(store);
          var builds = PastBuilds.last(store, _ -> true);
          if (builds.isEmpty() && !options.has("--all")) {
            throw BuildFailure.of(BuildFailure.Kind.STORE, "no build is remembered")
                .hint("build something first, or export all that the store knows with --all");
          }
          var cache =
              options.has("--all")
                  ? export.ofAll()
                  : export.of(
                      builds.stream().map(PastBuilds.Past::record).toList(),
                      target.mode(),
                      Map.of());
          try (var registries =
                  RegistryAccess.open(options, session, logins, Caches.domains(insecure));
              var _ = store.remote().connect(blobs -> session.fetch(store, registries, blobs))) {
            var registry =
                new Outputs.Registry(registries, () -> Transferring.progress(options, session));
            var written = CacheTargets.write(store, cache, place, target, registry);
            session
                .console()
                .result(
                    options.has("--quiet")
                        ? written.digest().toString()
                        : place + "  " + written.digest());
          }
          return 0;
        });
  }
}
