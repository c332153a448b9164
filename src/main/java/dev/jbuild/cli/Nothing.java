package dev.jbuild.cli;

/// A member that an image does not have: null in JSON, and in a template what it would be empty.
enum Nothing {
  LIST("[]"),
  MAP("map[]"),
  OBJECT("<nil>");

  private final String text;

  Nothing(String text) {
    this.text = text;
  }

  /// What a template prints.
  String text() {
    return text;
  }
}
