package dev.jbuild.serve;

import dev.jbuild.failure.Printable;
import java.util.List;

/// A piece of a page. Text and values of attributes are escaped here and nowhere else.
record Html(String source) {

  static final Html NOTHING = new Html("");

  /// Strangers' text.
  static Html text(String text) {
    return new Html(escaped(Printable.of(text)));
  }

  /// An element with these pieces in it.
  ///
  /// @param opening its name, perhaps with attributes that hold nothing from outside
  static Html element(String opening, Html... inner) {
    return new Html(
        "<" + opening + ">" + join(List.of(inner)).source() + "</" + name(opening) + ">\n");
  }

  private static String name(String opening) {
    int blank = opening.indexOf(' ');
    return blank < 0 ? opening : opening.substring(0, blank);
  }

  static Html element(String opening, String text) {
    return element(opening, text(text));
  }

  /// A link to a path of this registry.
  static Html link(String path, String text) {
    return new Html("<a href=\"" + escaped(path) + "\">" + text(text).source() + "</a>");
  }

  /// Text with the whole of it as a tip.
  static Html titled(String opening, String title, String text) {
    return new Html(
        "<"
            + opening
            + " title=\""
            + escaped(Printable.of(title))
            + "\">"
            + text(text).source()
            + "</"
            + name(opening)
            + ">");
  }

  static Html join(List<Html> pieces) {
    var all = new StringBuilder();
    pieces.forEach(piece -> all.append(piece.source()));
    return new Html(all.toString());
  }

  static Html of(Html... pieces) {
    return join(List.of(pieces));
  }

  private static String escaped(String text) {
    var out = new StringBuilder(text.length() + 16);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '&' -> out.append("&amp;");
        case '<' -> out.append("&lt;");
        case '>' -> out.append("&gt;");
        case '"' -> out.append("&quot;");
        case '\'' -> out.append("&#39;");
        default -> out.append(c);
      }
    }
    return out.toString();
  }
}
