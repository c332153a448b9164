package dev.jbuild.cli;

import dev.jbuild.build.TransferSteps;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Reference;
import dev.jbuild.registry.Pusher;
import dev.jbuild.registry.RegistryFetcher;
import dev.jbuild.store.Store;
import dev.jbuild.tar.Compression;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.TreeSet;

/// `jbuild push`.
final class PushCommand implements Command {

  private static final String ALL = "--all-tags";
  private static final String NO_INDEXES = "--no-layer-indexes";
  private static final String LEVEL = "--compression-level";

  /// An image and where it goes.
  private record Parcel(Descriptor image, Reference target) {}

  @Override
  public Syntax syntax() {
    var syntax =
        new Syntax(
                "push",
                "[OPTIONS] NAME[:TAG] [DESTINATION]",
                "Send an image to a registry: to the one that its name says, or to DESTINATION."
                    + " What the registry has is not sent.",
                "  jbuild push registry.example:5000/team/app:1",
                "  jbuild push app:1 localhost:5000/app:1")
            .flag("Send all tags of NAME.", "-a", ALL)
            .value(
                "FORM",
                "Of layers that are stored plain: gzip (the default), zstd or none.",
                "--compression",
                "--compression-format")
            .value("N", "How hard it tries: 0 to 9, for zstd to 22.", LEVEL)
            .value("OS/ARCH", "Of several images in one, send this alone.", "--platform")
            .flag("Attach no indexes of layers, by which builds on the image begin.", NO_INDEXES)
            .value("FILE", "Write the digest to FILE.", "--digestfile")
            .flag("Print the digest only.", "-q", "--quiet")
            .arguments("NAME", "1..2");
    Refused.addTo(syntax, TransferRefused.PUSH);
    return RegistryAccess.addTo(syntax);
  }

  @Override
  public int run(Options options, Session session) throws IOException, InterruptedException {
    Refused.check(options, TransferRefused.PUSH);
    var words = options.arguments();
    if (options.has(ALL) && (words.size() > 1 || !Names.isBare(words.getFirst()))) {
      throw Options.usage(ALL + " takes a name without a tag, and no destination");
    }
    var compression = compression(options.value("--compression").orElse("gzip"));
    var level = level(options, compression);
    var platform = Platforms.one(options);
    return StoreWork.run(
        session,
        store -> {
          var parcels = parcels(store, options);
          var hosts = new TreeSet<String>();
          parcels.forEach(parcel -> hosts.add(parcel.target.domain()));
          var logins = RegistryAccess.logins(options, hosts);
          try (var registries = RegistryAccess.open(options, session, logins);
              var progress = Transferring.progress(options, session);
              var _ =
                  store
                      .remote()
                      .connect(
                          new RegistryFetcher(
                              store, registries, new TransferSteps("pull", progress)));
              var pusher =
                  new Pusher(
                      store,
                      registries,
                      compression,
                      level,
                      Runtime.getRuntime().availableProcessors(),
                      new TransferSteps("push", progress))) {
            if (!options.has(NO_INDEXES)) {
              pusher.attachIndexes();
            }
            for (var parcel : parcels) {
              var image = new StoredImages(store).only(parcel.image, platform);
              var pushed = pusher.push(image, parcel.target);
              tell(options, session, parcel.target, pushed);
            }
          }
          return 0;
        });
  }

  static Compression compression(String name) {
    return switch (name) {
      case "gzip" -> Compression.GZIP;
      case "zstd" -> Compression.ZSTD;
      case "none", "uncompressed" -> Compression.NONE;
      default -> throw Options.usage("--compression takes gzip, zstd or none");
    };
  }

  private static OptionalInt level(Options options, Compression compression) {
    var text = options.value(LEVEL);
    if (text.isEmpty()) {
      return OptionalInt.empty();
    }
    if (!text.get().matches("[0-9]{1,3}") || !compression.hasLevel(Integer.parseInt(text.get()))) {
      throw Options.usage(LEVEL + ": gzip has 0 to 9, zstd 1 to 22, none has no levels");
    }
    return OptionalInt.of(Integer.parseInt(text.get()));
  }

  private static void tell(Options options, Session session, Reference target, Descriptor pushed)
      throws IOException {
    var digest = pushed.digest().toString();
    session
        .console()
        .result(options.has("--quiet") ? digest : target.familiar() + "  " + digest + "  pushed");
    var file = options.value("--digestfile");
    if (file.isPresent()) {
      ResultFile.write(file.get(), digest);
    }
  }

  private static List<Parcel> parcels(Store store, Options options) throws IOException {
    var words = options.arguments();
    if (options.has(ALL)) {
      return tagged(store, Names.parse(words.getFirst()));
    }
    var image = new StoredImages(store).named(words.getFirst());
    var target = Names.parse(words.getLast());
    if (target.digest().isPresent()) {
      throw Options.usage("the name to push to cannot have a digest: " + target.familiar())
          .hint("jbuild push IMAGE NAME:TAG");
    }
    return List.of(new Parcel(image, target));
  }

  private static List<Parcel> tagged(Store store, Reference wanted) throws IOException {
    var found = new ArrayList<Parcel>();
    for (var entry : store.references().all()) {
      var name = entry.name().filter(text -> Reference.problem(text).isEmpty());
      if (name.isPresent()) {
        var reference = Reference.parse(name.get());
        boolean same =
            reference.domain().equals(wanted.domain()) && reference.path().equals(wanted.path());
        if (same && reference.tag().isPresent() && reference.digest().isEmpty()) {
          found.add(new Parcel(entry.descriptor(), reference));
        }
      }
    }
    if (found.isEmpty()) {
      throw BuildFailure.of(
              BuildFailure.Kind.STORE, "no image of the store is called " + wanted.repositoryName())
          .hint("jbuild images lists what there is");
    }
    return found;
  }
}
