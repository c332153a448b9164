package dev.jbuild.cli;

import dev.jbuild.archive.OciArchive;
import dev.jbuild.build.BuildResult;
import dev.jbuild.build.CacheExport;
import dev.jbuild.build.CachePlace;
import dev.jbuild.build.TransferSteps;
import dev.jbuild.console.Console;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
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
      if (target.place().isEmpty()) {
        continue;
      }
      var place = target.place().get();
      try {
        var cache = new CacheExport(store).of(build.builds(), target.mode(), build.indexes());
        var written = write(store, cache, place, target, registry);
        console.message("cache written to " + place + "  " + written.digest());
      } catch (BuildFailure e) {
        failed(target, place, e, console);
      } catch (InterruptedIOException | ClosedByInterruptException e) {
        throw e;
      } catch (IOException e) { // a blob of the store is damaged or gone
        failed(target, place, store.explain(e), console);
      }
    }
  }

  private static void failed(
      CacheFields.Target target, CachePlace place, BuildFailure failure, Console console) {
    if (!target.ignoresErrors()) {
      throw failure;
    }
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
