package dev.jbuild.cli;

import dev.jbuild.build.CacheImport;
import dev.jbuild.build.CachePlace;
import dev.jbuild.build.TransferSteps;
import dev.jbuild.image.Platform;
import dev.jbuild.registry.RegistryFetcher;
import java.io.IOException;
import java.util.List;

/// `jbuild cache import`.
final class CacheImportCommand implements Command {

  @Override
  public Syntax syntax() {
    return RegistryAccess.addTo(
        new Syntax(
                "cache import",
                "[OPTIONS] DIR|type=TYPE,…",
                "Bring a shared cache into the store, all its layers with it: then builds need it"
                    + " no more. build --cache-from takes only what it uses.",
                "  jbuild cache import ./cache",
                "  jbuild cache import type=registry,ref=registry.example:5000/team/app:cache")
            .flag("Say nothing.", "-q", "--quiet")
            .arguments("DIR", "1"));
  }

  @Override
  public int run(Options options, Session session) throws IOException, InterruptedException {
    var word = options.argument("a directory, as in: jbuild cache import ./cache");
    var source = CacheFields.source("cache import", CacheExportCommand.fields(word, "src"));
    List<CachePlace> insecure = source.insecure() ? List.of(source.place()) : List.of();
    var logins = Caches.logins(options, source.place());
    return StoreWork.run(
        session,
        store -> {
          try (var registries =
                  RegistryAccess.open(options, session, logins, Caches.domains(insecure));
              var progress = Transferring.progress(options, session);
              var _ =
                  store
                      .remote()
                      .connect(
                          new RegistryFetcher(
                              store, registries, new TransferSteps("cache", progress)))) {
            var done =
                new CacheImport(store, registries, progress)
                    .run(source.place(), List.of(Platform.host()));
            if (!options.has("--quiet")) {
              session
                  .console()
                  .message(
                      "imported %d records and %d layers from %s"
                          .formatted(done.records(), done.layers(), source.place()));
            }
          }
          return 0;
        });
  }
}
