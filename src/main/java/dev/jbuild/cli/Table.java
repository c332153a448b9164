package dev.jbuild.cli;

import java.util.ArrayList;
import java.util.List;

/// Rows of cells in columns, as docker's lists have them.
final class Table {

  private static final int NARROWEST = 10;
  private static final int GAP = 3;

  private Table() {}

  /// One line for each row. The last cell of a row is not filled up.
  static List<String> lines(List<List<String>> rows) {
    var widths = new ArrayList<Integer>();
    for (var row : rows) {
      for (int i = 0; i < row.size(); i++) {
        if (i == widths.size()) {
          widths.add(NARROWEST);
        }
        widths.set(i, Math.max(widths.get(i), length(row.get(i)) + GAP));
      }
    }
    return rows.stream().map(row -> line(row, widths)).toList();
  }

  private static String line(List<String> row, List<Integer> widths) {
    var line = new StringBuilder();
    for (int i = 0; i < row.size(); i++) {
      line.append(row.get(i));
      if (i < row.size() - 1) {
        line.append(" ".repeat(widths.get(i) - length(row.get(i))));
      }
    }
    return line.toString();
  }

  private static int length(String text) {
    return text.codePointCount(0, text.length());
  }
}
