package dev.jbuild.serve;

import dev.jbuild.image.Json;
import dev.jbuild.image.MediaType;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// `/v2/_catalog`, `/v2/<name>/tags/list` and `/v2/<name>/referrers/<digest>`.
final class ListEndpoint {

  /// So many names come at once, whatever is asked for (CVE-2023-2253).
  private static final int MOST = 10_000;

  private static final int MOST_DIGITS = 9;

  /// Leaves an index of referrers small enough for those who read at most 4 MiB.
  private static final int LARGEST = 3 << 20;

  private final Content content;
  private final Room room;

  ListEndpoint(Content content, Room room) {
    this.content = content;
    this.room = room;
  }

  void catalog(Exchange exchange) throws IOException {
    var names = content.repositories().stream().map(RepositoryName::text).toList();
    var page = page(exchange, names, "/v2/_catalog");
    exchange.reply(200, "application/json", Json.write(Map.of("repositories", page)));
  }

  void tags(Exchange exchange, RepositoryName repository) throws IOException {
    var tags =
        content
            .tags(repository)
            .orElseThrow(
                () ->
                    Refusal.notFound(
                        ErrorCode.NAME_UNKNOWN, "there is no repository " + repository));
    var page =
        page(exchange, tags.stream().map(Tag::text).toList(), "/v2/" + repository + "/tags/list");
    var json = new LinkedHashMap<String, Object>();
    json.put("name", repository.text());
    json.put("tags", page);
    exchange.reply(200, "application/json", Json.write(json));
  }

  /// The part of `sorted` that is asked for, with a link to the next.
  private static List<String> page(Exchange exchange, List<String> sorted, String path) {
    int most = number(exchange.target());
    var last = exchange.target().parameter("last").orElse("");
    var rest =
        last.isEmpty() ? sorted : sorted.stream().filter(each -> each.compareTo(last) > 0).toList();
    if (rest.size() <= most) {
      return rest;
    }
    var page = rest.subList(0, most);
    if (most > 0) {
      var next = "?n=" + most + "&last=" + encoded(page.getLast());
      exchange.field("Link", "<" + path + next + ">; rel=\"next\"");
    }
    return page;
  }

  private static int number(Target target) {
    var text = target.parameter("n").orElse("");
    if (text.isEmpty()) {
      return MOST;
    }
    if (!text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw Refusal.bad(ErrorCode.UNSUPPORTED, "n is a whole number from 0 on");
    }
    return text.length() > MOST_DIGITS ? MOST : Math.min(MOST, Integer.parseInt(text));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  /// There is always a list, also for what is not here: clients would else take it for a registry
  /// without this question.
  void referrers(Exchange exchange, RepositoryName repository, ContentDigest subject)
      throws IOException {
    var json = room.reading(() -> index(exchange, repository, subject));
    try (var _ = room.leaving(json.length)) {
      exchange.reply(200, MediaType.OCI_INDEX.name(), json);
    }
  }

  private byte[] index(Exchange exchange, RepositoryName repository, ContentDigest subject)
      throws IOException {
    var wanted = exchange.target().parameter("artifactType").orElse("");
    var last = exchange.target().parameter("last").flatMap(ContentDigest::find);
    var descriptors = new ArrayList<Object>();
    int size = 0;
    for (var digest : content.referrers(repository, subject)) {
      boolean before = last.isPresent() && digest.compareTo(last.get()) <= 0;
      var document = before ? Optional.<Document>empty() : content.manifest(repository, digest);
      if (document
          .filter(each -> wanted.isEmpty() || each.artifactType().equals(wanted))
          .isEmpty()) {
        continue;
      }
      var descriptor = descriptor(document.get());
      size += Json.write(descriptor).length;
      if (size > LARGEST && !descriptors.isEmpty()) {
        var next = new StringBuilder("?last=").append(encoded(lastDigest(descriptors)));
        if (!wanted.isEmpty()) {
          next.append("&artifactType=").append(encoded(wanted));
        }
        var path = "/v2/" + repository + "/referrers/" + subject;
        exchange.field("Link", "<" + path + next + ">; rel=\"next\"");
        break;
      }
      descriptors.add(descriptor);
    }
    if (!wanted.isEmpty()) {
      exchange.field("OCI-Filters-Applied", "artifactType");
    }
    var json = new LinkedHashMap<String, Object>();
    json.put("schemaVersion", 2);
    json.put("mediaType", MediaType.OCI_INDEX.name());
    json.put("manifests", descriptors);
    return Json.write(json);
  }

  private static String lastDigest(List<Object> descriptors) {
    return descriptors.getLast() instanceof Map<?, ?> map ? String.valueOf(map.get("digest")) : "";
  }

  private static Map<String, Object> descriptor(Document document) {
    var json = new LinkedHashMap<String, Object>();
    json.put("mediaType", document.mediaType().name());
    json.put("digest", document.digest().toString());
    json.put("size", document.bytes().length);
    if (!document.artifactType().isEmpty()) {
      json.put("artifactType", document.artifactType());
    }
    if (!document.annotations().isEmpty()) {
      json.put("annotations", document.annotations());
    }
    return json;
  }
}
