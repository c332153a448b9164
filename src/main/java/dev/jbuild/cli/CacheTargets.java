package dev.jbuild.cli;

import dev.jbuild.archive.OciArchive;
import dev.jbuild.build.BuildResult;
import dev.jbuild.build.CacheExport;
import dev.jbuild.build.CachePlace;
import dev.jbuild.build.TransferSteps;
import dev.jbuild.console.Console;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.image.CacheManifest;
import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Reference;
import dev.jbuild.registry.Pusher;
import dev.jbuild.store.Store;
import dev.jbuild.tar.Compression;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// Where the cache of a build goes: `--cache-to`.
final class CacheTargets {

  private final List<CacheFields.Target> wanted;

  private CacheTargets(List<CacheFields.Target> wanted) {
    this.wanted = List.copyOf(wanted);
  }

  /// Reads the values of the option; wrong ones, and places that cannot be, are told before
  /// anything is built.
  static CacheTargets parse(List<String> values) {
    var targets =
        values.stream()
            .map(value -> CacheFields.target("--cache-to", value, CacheExport.Mode.MIN))
            .toList();
    targets.forEach(CacheTargets::check);
    return new CacheTargets(targets);
  }

  /// That there is no such place is told at once.
  static void check(CacheFields.Target target) {
    if (target.place().isPresent()
        && target.place().get() instanceof CachePlace.Layout(Path directory, _, _)
        && Files.exists(directory)) {
      var shown = Printable.of(directory.toString());
      if (!Files.isDirectory(directory)) {
        throw Options.usage("the cache goes to a directory, and this is none: " + shown);
      }
      if (!Files.exists(directory.resolve("index.json")) && !isEmpty(directory)) {
        throw Options.usage("the cache cannot go to " + shown + ", which has other files")
            .hint("name an empty directory, one that is not there yet, or an OCI layout");
      }
    }
  }

  private static boolean isEmpty(Path directory) {
    try (var files = Files.list(directory)) {
      return files.findAny().isEmpty();
    } catch (IOException e) {
      return true; // who writes says what is wrong
    }
  }

  /// Whether the image itself is to hold the cache of its layers.
  boolean isInline() {
    return wanted.stream().anyMatch(target -> target.place().isEmpty());
  }

  List<CachePlace> places() {
    return wanted.stream().flatMap(target -> target.place().stream()).toList();
  }

  /// Those that are spoken to without asking for certificates.
  List<CachePlace> insecure() {
    return wanted.stream()
        .filter(CacheFields.Target::insecure)
        .flatMap(target -> target.place().stream())
        .toList();
  }

  /// Writes the cache of a build to all of them.
  ///
  /// @throws BuildFailure if it cannot be written and that matters
  void write(Store store, BuildResult build, Console console, Outputs.Registry registry)
      throws IOException, InterruptedException {
    for (var target : wanted) {
      try {
        if (target.place().isPresent()) {
          write(store, build, target.place().get(), target, console, registry);
        } else {
          checkInline(build);
        }
      } catch (BuildFailure e) {
        failed(target, e, console);
      } catch (InterruptedIOException | ClosedByInterruptException e) {
        throw e;
      } catch (IOException e) { // a blob of the store is damaged or gone
        failed(target, store.explain(e), console);
      }
    }
  }

  private static void write(
      Store store,
      BuildResult build,
      CachePlace place,
      CacheFields.Target target,
      Console console,
      Outputs.Registry registry)
      throws IOException, InterruptedException {
    var indexes = build.indexes().getOrDefault(place, Map.of());
    var cache = new CacheExport(store).of(build.records(), target.mode(), indexes);
    var written = write(store, cache, place, target, registry);
    console.message("cache written to " + place + "  " + written.digest());
  }

  /// The image has its cache inside, unless that is too long: it is an image nevertheless.
  private static void checkInline(BuildResult build) {
    for (var image : build.images()) {
      if (!image.annotations().containsKey(CacheManifest.INLINE)) {
        throw BuildFailure.of(
                BuildFailure.Kind.STORE,
                "the cache has too many steps for a place in the image, which is without it")
            .hint("take --cache-to type=registry or type=local");
      }
    }
  }

  private static void failed(CacheFields.Target target, BuildFailure failure, Console console) {
    if (!target.ignoresErrors()) {
      throw failure;
    }
    var place = target.place().map(CachePlace::toString).orElse("the image");
    console.warning("the cache was not written to " + place + ": " + failure.message());
  }

  /// @return the manifest of the cache as it is there
  static Descriptor write(
      Store store,
      Descriptor cache,
      CachePlace place,
      CacheFields.Target target,
      Outputs.Registry registry)
      throws IOException, InterruptedException {
    var packing = target.packing();
    return switch (place) {
      case CachePlace.Layout(Path directory, String tag, _) -> {
        try {
          Files.createDirectories(directory);
          yield new OciArchive(store, packing).writeDirectory(cache, tag, directory);
        } catch (FileSystemException e) {
          throw BuildFailure.of(
              BuildFailure.Kind.STORE,
              "the cache cannot be written to "
                  + place
                  + ": "
                  + Printable.of(e.getFile() + ": " + reason(e)),
              e);
        } catch (InterruptedIOException e) {
          throw e;
        } catch (IOException e) {
          throw BuildFailure.of(
              BuildFailure.Kind.STORE,
              "the cache cannot be written to "
                  + place
                  + ": "
                  + Printable.of(String.valueOf(e.getMessage())),
              e);
        }
      }
      case CachePlace.Registry(Reference name) -> {
        try (var progress = registry.progress().get();
            var pusher =
                new Pusher(
                    store,
                    registry.registries(),
                    packing.compression().orElse(Compression.GZIP),
                    packing.level(),
                    packing.threads(),
                    new TransferSteps("cache", progress))) {
          yield pusher.push(cache, name);
        }
      }
    };
  }

  private static String reason(FileSystemException e) {
    return switch (e) {
      case AccessDeniedException _ -> "permission denied";
      case NoSuchFileException _ -> "no such file or directory";
      default -> String.valueOf(e.getReason());
    };
  }
}
