package dev.jbuild.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A list in the form that `--format` asks for: a table, JSON lines, or a template for each row.
final class Listing {

  private static final String TABLE = "table";

  private final Fields headers;
  private final @Nullable Template template;
  private final boolean table;

  private Listing(Fields headers, @Nullable Template template, boolean table) {
    this.headers = headers;
    this.template = template;
    this.table = table;
  }

  /// The form of a list.
  ///
  /// @param options of a command that has `--format` and `--json`
  /// @param usual the table's template if nobody asks for another
  /// @param headers of all fields that a row has
  static Listing of(Options options, String usual, Map<String, String> headers) {
    var fields = new Fields(new LinkedHashMap<>(headers));
    var format = options.value("--format").orElse(options.has("--json") ? "json" : TABLE).strip();
    if (format.equals("json")) {
      return new Listing(fields, null, false);
    }
    boolean table = format.equals(TABLE) || format.startsWith(TABLE + " ");
    var own = table ? format.substring(TABLE.length()).strip() : format;
    var template = Template.parse(table && own.isEmpty() ? usual : own);
    template.render(fields); // an unknown field is told also when there are no rows
    return new Listing(fields, template, table);
  }

  /// Whether the first line holds the names of the columns.
  boolean isTable() {
    return table;
  }

  /// The lines of `rows` for a command that has `--quiet`: then it is their `ID` alone.
  List<String> lines(Options options, List<? extends Map<String, String>> rows) {
    return options.has("--quiet")
        ? rows.stream().map(row -> row.getOrDefault("ID", "")).toList()
        : lines(rows);
  }

  /// The lines of `rows`, each of which has every field.
  List<String> lines(List<? extends Map<String, String>> rows) {
    if (template == null) {
      return rows.stream().map(row -> JsonText.compact(new TreeMap<>(row))).toList();
    }
    var lines = new ArrayList<String>();
    if (table) {
      lines.add(template.render(headers));
    }
    rows.forEach(row -> lines.add(template.render(new Fields(new LinkedHashMap<>(row)))));
    return table
        ? Table.lines(lines.stream().map(line -> List.of(line.split("\t", -1))).toList())
        : lines;
  }

  /// `text`, with an ellipsis in place of what is beyond `longest` characters.
  static String cut(String text, int longest) {
    return text.codePointCount(0, text.length()) <= longest
        ? text
        : text.substring(0, text.offsetByCodePoints(0, longest - 1)) + "…";
  }
}
