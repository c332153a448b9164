package dev.jbuild.cli;

import dev.jbuild.build.ResolvedImage;
import dev.jbuild.console.Console;
import dev.jbuild.failure.Printable;
import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.store.References;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// `jbuild images`.
final class ImagesCommand implements Command {

  private static final String USUAL =
      "{{.Repository}}\t{{.Tag}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}";
  private static final String WITH_DIGEST =
      "{{.Repository}}\t{{.Tag}}\t{{.Digest}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}";
  private static final String UNKNOWN = "N/A";
  private static final String REFERENCE = "reference=";

  /// An image as the list has it.
  ///
  /// @param size of its layers as they lie in the store, of all platforms, each once; empty if the
  ///     image is not whole
  /// @param platforms with commas between them
  private record Row(
      ImageName name,
      Digest manifest,
      Digest id,
      Optional<Instant> created,
      Optional<Long> size,
      String platforms) {

    Row called(ImageName other) {
      return new Row(other, manifest, id, created, size, platforms);
    }
  }

  @Override
  public Syntax syntax() {
    return new Syntax(
            "images",
            "[OPTIONS] [REPOSITORY[:TAG]]",
            "List the images of the store, newest first. SIZE is that of the layers as they are"
                + " stored.",
            "  jbuild images --format '{{.Repository}}:{{.Tag}} {{.ID}}'")
        .flag("Accepted: there are no hidden images.", "-a", "--all")
        .flag("Print IDs only.", "-q", "--quiet")
        .flag("Print whole IDs.", "--no-trunc")
        .flag("Show the digests of the manifests.", "--digests")
        .values(
            "KEY=VALUE",
            "reference=PATTERN: names such as 'team/*:1'. dangling=true: only images without a"
                + " name; =false: others.",
            "-f",
            "--filter")
        .value("FORM", "table, json or a template.", "--format")
        .flag("The same as --format json.", "--json")
        .arguments("REPOSITORY[:TAG]", "0..1");
  }

  @Override
  public int run(Options options, Session session) throws IOException, InterruptedException {
    var listing = Listing.of(options, options.has("--digests") ? WITH_DIGEST : USUAL, headers());
    var wanted = filter(options.values("--filter")).and(named(options.arguments()));
    return StoreWork.run(
        session,
        store -> {
          var rows = rows(store, session.console(), wanted);
          var lines =
              options.has("--quiet")
                  ? rows.stream().map(row -> id(row, options)).toList()
                  : listing.lines(cells(rows, options));
          lines.forEach(session.console()::result);
          return 0;
        });
  }

  private static Map<String, String> headers() {
    var headers = new LinkedHashMap<String, String>();
    headers.put("Repository", "REPOSITORY");
    headers.put("Tag", "TAG");
    headers.put("Digest", "DIGEST");
    headers.put("ID", "IMAGE ID");
    headers.put("CreatedSince", "CREATED");
    headers.put("CreatedAt", "CREATED AT");
    headers.put("Size", "SIZE");
    headers.put("Platform", "PLATFORM");
    return headers;
  }

  private static Predicate<ImageName> filter(List<String> filters) {
    Predicate<ImageName> all = _ -> true;
    Predicate<ImageName> reference = _ -> false;
    for (var filter : filters) {
      if (filter.startsWith(REFERENCE)) {
        reference = reference.or(matching(filter.substring(REFERENCE.length())));
        continue;
      }
      all =
          all.and(
              switch (filter) {
                case "dangling=true", "dangling=1" -> name -> name.familiar().isEmpty();
                case "dangling=false", "dangling=0" -> name -> name.familiar().isPresent();
                default ->
                    throw Options.usage("--filter does not know " + Printable.of(filter))
                        .hint("it knows reference=PATTERN, dangling=true and dangling=false");
              });
    }
    boolean any = filters.stream().anyMatch(filter -> filter.startsWith(REFERENCE));
    return any ? all.and(reference) : all;
  }

  /// Names that `pattern` means, with their tag or without; a `*` stops at a slash.
  private static Predicate<ImageName> matching(String pattern) {
    var expression =
        pattern
            .chars()
            .mapToObj(
                each ->
                    switch (each) {
                      case '*' -> "[^/]*";
                      case '?' -> "[^/]";
                      default -> Pattern.quote(Character.toString(each));
                    })
            .collect(Collectors.joining());
    var glob = Pattern.compile(expression).asMatchPredicate();
    return name ->
        name.familiar().filter(glob).isPresent()
            || (name.familiar().isPresent() && glob.test(name.repository()));
  }

  /// A name with a tag is that one; a name alone has all its tags.
  private static Predicate<ImageName> named(List<String> arguments) {
    if (arguments.isEmpty()) {
      return _ -> true;
    }
    var text = arguments.getFirst();
    var reference = Names.parse(text);
    boolean tagged = !Names.isBare(text);
    return name ->
        name.repository().equals(reference.repositoryName())
            && (!tagged || name.tag().equals(reference.tag().orElse("")));
  }

  private static List<Row> rows(Store store, Console console, Predicate<ImageName> wanted)
      throws IOException {
    var images = new StoredImages(store);
    var rows = new ArrayList<Row>();
    var known = new HashMap<Descriptor, Row>();
    for (var entry : images.entries()) {
      var name = ImageName.of(entry.name());
      if (wanted.test(name)) {
        var image = entry.descriptor().bare();
        var row = known.get(image);
        if (row == null || row.size().isEmpty()) { // what is damaged is told of each name
          row = row(name, entry, images, store, console);
          known.put(image, row);
        }
        rows.add(row.called(name));
      }
    }
    rows.sort(ImagesCommand::order);
    return rows;
  }

  /// The newest first, then by name. By hand: no snapshot keeps the lambdas inside of
  /// [java.util.Comparator], and Java writes their classes in each process again.
  private static int order(Row one, Row other) {
    int created = other.created().orElse(Instant.MIN).compareTo(one.created().orElse(Instant.MIN));
    int repository = one.name().repository().compareTo(other.name().repository());
    int tag = one.name().tag().compareTo(other.name().tag());
    return created != 0 ? created : repository != 0 ? repository : tag;
  }

  /// A damaged image is listed too, so that it can be found and removed.
  private static Row row(
      ImageName name, References.Entry entry, StoredImages images, Store store, Console console) {
    var descriptor = entry.descriptor();
    var manifest = descriptor.digest();
    try {
      var artifact = images.artifact(descriptor);
      if (artifact.isPresent()) {
        var size = artifact.get().layers().stream().mapToLong(Descriptor::size).sum();
        return new Row(name, manifest, manifest, Optional.empty(), Optional.of(size), "artifact");
      }
      var image = images.resolve(descriptor, Optional.empty());
      var created = Optional.ofNullable(image.config().created());
      boolean isIndex = descriptor.mediaType().isIndex();
      var all = isIndex ? images.all(descriptor) : List.of(image);
      var platforms =
          all.stream().map(each -> each.config().platform().toString()).distinct().toList();
      return new Row(
          name,
          manifest,
          isIndex ? manifest : image.manifest().config().digest(),
          created,
          Optional.of(size(all)),
          String.join(",", platforms));
    } catch (IOException e) {
      console.warning(
          Printable.of(name.familiar().orElse(manifest.shortHex()))
              + " is damaged: "
              + store.explain(e).message());
      return new Row(name, manifest, manifest, Optional.empty(), Optional.empty(), UNKNOWN);
    }
  }

  private static long size(List<ResolvedImage> images) {
    if (images.size() == 1) {
      return images.getFirst().manifest().layers().stream().mapToLong(Descriptor::size).sum();
    }
    return images.stream()
        .flatMap(image -> image.manifest().layers().stream())
        .map(Descriptor::bare)
        .distinct()
        .mapToLong(Descriptor::size)
        .sum();
  }

  private static List<Map<String, String>> cells(List<Row> rows, Options options) {
    var age = new Age(Clock.systemUTC());
    var cells = new ArrayList<Map<String, String>>();
    for (var row : rows) {
      cells.add(
          Map.of(
              "Repository", row.name().repository(),
              "Tag", row.name().tag(),
              "Digest", row.manifest().toString(),
              "ID", id(row, options),
              "CreatedSince", age.since(row.created()),
              "CreatedAt", Age.full(row.created()),
              "Platform", row.platforms(),
              "Size", row.size().map(Console::size).orElse(UNKNOWN)));
    }
    return cells;
  }

  private static String id(Row row, Options options) {
    return options.has("--no-trunc") ? row.id().toString() : row.id().shortHex();
  }
}
