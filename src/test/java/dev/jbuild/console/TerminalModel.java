package dev.jbuild.console;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// A terminal as far as progress is drawn on it: it wraps, scrolls for ever, moves up and erases.
/// Every other sequence is an error.
final class TerminalModel extends ByteArrayOutputStream {

  private static final Pattern SEQUENCE =
      Pattern.compile("\u001b\\[([0-9;]*)([A-Za-z])|([\\x00-\\x1F\\x7F-\\x9F])|(\\X)");

  private final int columns;
  private final List<List<String>> rows = new ArrayList<>();
  private int row;
  private int column;
  private int read;

  TerminalModel(int columns) {
    this.columns = columns;
    rows.add(new ArrayList<>());
  }

  Console console() {
    return new Console(new ByteArrayOutputStream(), this, true, false, () -> columns);
  }

  /// The rows as they are now, without blanks at their ends.
  List<String> screen() {
    var all = toString(StandardCharsets.UTF_8);
    var matcher = SEQUENCE.matcher(all.substring(read));
    read = all.length();
    while (matcher.find()) {
      if (matcher.group(2) != null) {
        control(matcher.group(2), matcher.group(1));
      } else if (matcher.group(3) != null) {
        control(matcher.group(3));
      } else {
        print(matcher.group(4));
      }
    }
    var lines = new ArrayList<String>();
    rows.forEach(cells -> lines.add(String.join("", cells).stripTrailing()));
    while (!lines.isEmpty() && lines.getLast().isEmpty()) {
      lines.removeLast();
    }
    return lines;
  }

  private void control(String letter, String parameter) {
    switch (letter) {
      case "A" -> row = Math.max(0, row - Integer.parseInt(parameter));
      case "J" -> {
        rows.subList(row + 1, rows.size()).clear();
        while (rows.get(row).size() > column) {
          rows.get(row).removeLast();
        }
      }
      case "m" -> {}
      default -> throw new AssertionError("no such sequence: " + parameter + letter);
    }
  }

  private void control(String character) {
    switch (character) {
      case "\r" -> column = 0;
      case "\n" -> {
        column = 0;
        down();
      }
      default -> throw new AssertionError("no such control: " + (int) character.charAt(0));
    }
  }

  private void print(String character) {
    int width = Width.of(character);
    if (column + width > columns) {
      column = 0;
      down();
    }
    var cells = rows.get(row);
    while (cells.size() < column + width) {
      cells.add(" ");
    }
    cells.set(column, character);
    for (int i = 1; i < width; i++) {
      cells.set(column + i, "");
    }
    column += width;
  }

  private void down() {
    row++;
    if (row == rows.size()) {
      rows.add(new ArrayList<>());
    }
  }
}
