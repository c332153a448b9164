package dev.jbuild.serve;

import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What a browser sees: repositories (`/`), the tags of one (`/r/<name>`), an image
/// (`/r/<name>:<tag>`, `/r/<name>@<digest>`). Plain HTML, no script.
final class PageEndpoint {

  static final String REPOSITORY = "/r/";

  private static final String STYLE = "/style.css";
  private static final String HTML = "text/html; charset=utf-8";
  private static final int MOST = 100;

  /// Nothing but this registry's own style, whatever a label may hold.
  private static final String POLICY =
      "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none';"
          + " frame-ancestors 'none'";

  private final Content content;
  private final Room room;

  PageEndpoint(Content content, Room room) {
    this.content = content;
    this.room = room;
  }

  /// Whether a path is one of a page.
  static boolean has(String path) {
    return path.equals("/") || path.equals(STYLE) || path.startsWith(REPOSITORY);
  }

  void get(Exchange exchange) throws IOException {
    var path = exchange.target().path();
    exchange.field("Content-Security-Policy", POLICY).field("Referrer-Policy", "no-referrer");
    if (path.equals(STYLE)) {
      exchange.field("Cache-Control", "max-age=3600");
      exchange.reply(200, "text/css; charset=utf-8", style());
      return;
    }
    exchange.field("Cache-Control", "no-cache");
    if (path.equals("/") && !wantsHtml(exchange)) {
      var text = "a registry of images; its API is at " + exchange.host().replaceAll("[^!-~]", "?");
      exchange.reply(200, "text/plain", (text + "/v2/\n").getBytes(StandardCharsets.US_ASCII));
      return;
    }
    try {
      var found = room.reading(() -> html(exchange, path));
      try (var _ = room.leaving(found.length)) {
        exchange.reply(200, HTML, found);
      }
    } catch (Refusal e) {
      var body = Html.element("p class=empty", String.valueOf(e.getMessage()));
      var page = page(exchange, "Not here", List.of(), body);
      exchange.reply(e.status(), HTML, page.source().getBytes(StandardCharsets.UTF_8));
    }
  }

  private byte[] html(Exchange exchange, String path) throws IOException {
    var page = path.equals("/") ? repositories(exchange) : image(exchange, path);
    return page.source().getBytes(StandardCharsets.UTF_8);
  }

  private static boolean wantsHtml(Exchange exchange) {
    return exchange.headers().all("Accept").stream().anyMatch(each -> each.contains("text/html"));
  }

  private static byte[] style() throws IOException {
    try (InputStream in = PageEndpoint.class.getResourceAsStream("page.css")) {
      if (in == null) {
        throw new IOException("page.css is missing");
      }
      return in.readAllBytes();
    }
  }

  private Html repositories(Exchange exchange) throws IOException {
    var names = content.repositories();
    var rows = new ArrayList<Html>();
    var part = after(names, exchange, RepositoryName::text);
    for (var name : part) {
      int tags = content.tags(name).map(List::size).orElse(0);
      rows.add(
          Html.element(
              "li",
              Html.link(path(name), name.text()),
              Html.element("span class=note", Amount.of(tags, "tag"))));
    }
    var host = exchange.host();
    var body =
        names.isEmpty()
            ? Html.of(
                Html.element("p class=empty", "Nothing has been pushed yet."),
                commands("docker tag app:1 " + host + "/app:1", "docker push " + host + "/app:1"))
            : Html.of(
                Html.element("ul class=list", Html.join(rows)),
                next(names, part, "/", RepositoryName::text));
    return page(exchange, "Repositories", List.of(), body);
  }

  /// What a text of an element is, for pages.
  private interface Name<T> {
    String of(T element);
  }

  private static <T> List<T> after(List<T> sorted, Exchange exchange, Name<T> name) {
    var last = exchange.target().parameter("last").orElse("");
    return sorted.stream().filter(each -> name.of(each).compareTo(last) > 0).limit(MOST).toList();
  }

  private static <T> Html next(List<T> all, List<T> part, String path, Name<T> name) {
    if (part.isEmpty() || part.getLast().equals(all.getLast())) {
      return Html.NOTHING;
    }
    var last = URLEncoder.encode(name.of(part.getLast()), StandardCharsets.UTF_8);
    return Html.element("p class=next", Html.link(path + "?last=" + last, "More"));
  }

  static String path(RepositoryName name) {
    return REPOSITORY + name;
  }

  /// A repository, or one of its images.
  private Html image(Exchange exchange, String path) throws IOException {
    var text = path.substring(REPOSITORY.length());
    int at = text.indexOf('@');
    int end = at < 0 ? text.indexOf(':') : at;
    if (end < 0) {
      return tags(exchange, new RepositoryName(text));
    }
    var name = new RepositoryName(text.substring(0, end));
    var reference = text.substring(end + 1);
    var digest =
        at < 0
            ? content.resolve(name, new Tag(reference))
            : Optional.of(ContentDigest.parse(reference));
    var document =
        digest.isEmpty() ? Optional.<Document>empty() : content.manifest(name, digest.get());
    if (document.isEmpty()) {
      throw Refusal.notFound(
          ErrorCode.MANIFEST_UNKNOWN, "The repository " + name + " has no such image.");
    }
    var shown = at < 0 ? reference : document.get().digest().hex().substring(0, 12);
    var body = new ImagePage(content, exchange.host(), name, document.get()).body(text);
    var trail = List.of(Html.link(path(name), name.text()));
    return page(exchange, at < 0 ? name + ":" + shown : shown, trail, body);
  }

  private Html tags(Exchange exchange, RepositoryName name) throws IOException {
    var tags =
        content
            .tags(name)
            .orElseThrow(
                () ->
                    Refusal.notFound(
                        ErrorCode.NAME_UNKNOWN, "There is no repository " + name + " here."));
    var part = after(tags, exchange, Tag::text);
    var rows = new ArrayList<Html>();
    for (var tag : part) {
      var digest = content.resolve(name, tag);
      var document =
          digest.isEmpty() ? Optional.<Document>empty() : content.manifest(name, digest.get());
      var about = document.map(ImagePage::summary).orElse("damaged");
      rows.add(
          Html.element(
              "li",
              Html.link(path(name) + ":" + tag, tag.text()),
              Html.element("span class=note", about)));
    }
    var body =
        tags.isEmpty()
            ? Html.element("p class=empty", "No image here has a tag.")
            : Html.of(
                Html.element("ul class=list", Html.join(rows)),
                next(tags, part, path(name), Tag::text));
    return page(exchange, name.text(), List.of(), body);
  }

  /// Lines for a terminal.
  static Html commands(String... lines) {
    var shown = new ArrayList<Html>();
    for (var line : lines) {
      shown.add(Html.of(Html.text(line), new Html("\n")));
    }
    return Html.element("pre", Html.join(shown));
  }

  private static Html page(Exchange exchange, String title, List<Html> trail, Html body) {
    var crumbs = new ArrayList<Html>();
    crumbs.add(Html.link("/", exchange.host()));
    trail.forEach(
        step -> {
          crumbs.add(Html.element("span class=sep", "/"));
          crumbs.add(step);
        });
    var head =
        Html.of(
            new Html("<meta charset=utf-8>\n"),
            new Html("<meta name=viewport content=\"width=device-width, initial-scale=1\">\n"),
            Html.element("title", title + " – " + exchange.host()),
            new Html("<link rel=stylesheet href=\"" + STYLE + "\">\n"));
    return Html.of(
        new Html("<!doctype html>\n<html lang=en>\n"),
        Html.element("head", head),
        Html.element(
            "body",
            Html.element("header", Html.element("nav", Html.join(crumbs))),
            Html.element("main", Html.element("h1", title), body),
            Html.element("footer", "jbuild registry")),
        new Html("</html>\n"));
  }
}
