package dev.jbuild.cli;

import dev.jbuild.build.ResolvedImage;
import dev.jbuild.console.Console;
import dev.jbuild.image.Digest;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// `jbuild history`.
final class HistoryCommand implements Command {

  private static final String USUAL =
      "{{.ID}}\t{{.CreatedSince}}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}";
  private static final String MISSING = "<missing>";

  /// In characters, as docker history cuts it.
  private static final int LONGEST_INSTRUCTION = 45;

  @Override
  public Syntax syntax() {
    return new Syntax(
            "history",
            "[OPTIONS] IMAGE",
            "Show how an image was made, the newest step first. SIZE is that of the layer as it is"
                + " stored.",
            "  jbuild history --no-trunc hello:1")
        .optional(
            "BOOL",
            "true",
            "Sizes and times for people (the default); =false for programs.",
            "-H",
            "--human")
        .flag("Do not cut instructions and IDs.", "--no-trunc")
        .flag("Print IDs only.", "-q", "--quiet")
        .value("FORM", "table, json or a template.", "--format")
        .flag("The same as --format json.", "--json")
        .value("OS/ARCH", "Which image of several in one.", "--platform")
        .arguments("IMAGE", "1");
  }

  @Override
  public int run(Options options, Session session) throws IOException, InterruptedException {
    var listing = Listing.of(options, USUAL, headers());
    var platform = Platforms.one(options);
    return StoreWork.run(
        session,
        store -> {
          var images = new StoredImages(store);
          var descriptor = images.named(options.argument("an image"));
          var rows = rows(images.resolve(descriptor, platform), images.id(descriptor), options);
          listing.lines(options, rows).forEach(session.console()::result);
          return 0;
        });
  }

  private static Map<String, String> headers() {
    var headers = new LinkedHashMap<String, String>();
    headers.put("ID", "IMAGE");
    headers.put("CreatedSince", "CREATED");
    headers.put("CreatedAt", "CREATED AT");
    headers.put("CreatedBy", "CREATED BY");
    headers.put("Size", "SIZE");
    headers.put("Comment", "COMMENT");
    return headers;
  }

  private static List<Map<String, String>> rows(ResolvedImage image, Digest id, Options options) {
    boolean human = options.isOn("--human", true);
    boolean whole = options.has("--no-trunc");
    var age = new Age(Clock.systemUTC());
    var rows = new ArrayList<Map<String, String>>();
    int layer = 0;
    for (var entry : image.config().history()) {
      long size = entry.emptyLayer() ? 0 : image.manifest().layers().get(layer++).size();
      var created = Optional.ofNullable(entry.created());
      rows.addFirst(
          Map.of(
              "ID",
              MISSING,
              "CreatedSince",
              human ? age.since(created) : Age.rfc3339(created),
              "CreatedAt",
              Age.rfc3339(created),
              "CreatedBy",
              whole ? entry.createdBy() : Listing.cut(entry.createdBy(), LONGEST_INSTRUCTION),
              "Size",
              human ? Console.size(size) : Long.toString(size),
              "Comment",
              entry.comment()));
    }
    if (!rows.isEmpty()) {
      var newest = new LinkedHashMap<>(rows.getFirst());
      newest.put("ID", whole ? id.toString() : id.shortHex());
      rows.set(0, newest);
    }
    return rows;
  }
}
