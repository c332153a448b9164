package dev.jbuild.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jbuild.serve.Registry;
import dev.jbuild.serve.RegistryOptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Machines that share a cache: other stores, users, directories and times, one registry.
class SharedCacheIT {

  @RegisterExtension final Workbench bench = new Workbench();

  private Outcome build(String store, String context, String... options) {
    bench.env("JBUILD_ROOT", bench.directory().resolve(store).toString());
    var words = new ArrayList<>(Arrays.asList(options));
    words.addAll(List.of("-t", "app", context));
    return bench.jbuild(words.toArray(String[]::new));
  }

  private String own() {
    return bench.jbuild("run", "app", "cat", "/own", "/id").succeeds().text();
  }

  @Test
  void anotherMachineRunsNoStepAndKnowsWhyIfItMust() throws Exception {
    Tools.needRoot();
    bench.base();
    var place = new RegistryOptions.Place.Directory(bench.directory().resolve("registry"));
    try (var registry = Registry.start(RegistryOptions.of(place).withLog(_ -> {}, _ -> {}))) {
      var host = registry.authority();
      bench.jbuild("push", "-q", "base", host + "/base:1").succeeds();
      bench.file("src/a", "1").file("src/b", "2");
      bench.dockerfile(
          """
          FROM HOST/base:1 AS build
          ARG VERSION=1.2
          WORKDIR /w
          COPY --chown=app src /src
          RUN echo $VERSION > /version; cat /proc/sys/kernel/random/uuid > /id
          FROM HOST/base:1
          COPY --from=build /id /id
          COPY <<X /x
          text
          X
          RUN --mount=type=bind,source=src,target=/s cat /s/a /proc/sys/kernel/random/uuid > /own
          """
              .replace("HOST", host));
      var cache = host + "/cache:1";
      build("one", "context", "--cache-to", "type=registry,mode=max,ref=" + cache).succeeds();
      var made = own();
      build("one", "context").succeeds().saysOnError("6 of 6 steps cached");

      bench.as(Workbench.Who.USER);
      bench.sh(
          """
          mkdir -p deep/er && cp -r context deep/er/other && chown -R $1: deep
          find deep -exec touch -h -d 2001-02-03 {} +
          """,
          "jbuildtest");
      var second = build("two", "deep/er/other", "--cache-from", cache, "--jobs", "1");
      second.succeeds().saysOnError("6 of 6 steps cached").saysOnError("from " + cache);
      assertEquals(made, own());
      bench.jbuild("store", "check").succeeds();

      bench.sh("echo 3 > deep/er/other/src/a");
      build("three", "deep/er/other", "--cache-from", cache)
          .succeeds()
          .saysOnError("2 of 6 steps cached")
          .saysOnError("rebuilt from build 2: src/a changed");
      bench.sh("printf 1 > deep/er/other/src/a");
      build("four", "deep/er/other", "--cache-from", cache, "--build-arg", "VERSION=1.3")
          .succeeds()
          .saysOnError("rebuilt from build 3: VERSION 1.2 → 1.3");
      bench.jbuild("cache", "explain").succeeds().prints("VERSION 1.2").prints("shared");
    }
  }
}
