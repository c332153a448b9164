package dev.jbuild.dockerfile;

import dev.jbuild.failure.Span;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A run of whole lines of a Dockerfile. All parts in order are the file, without gap or overlap.
public sealed interface Part {

  /// Counted from 1.
  int firstLine();

  /// Counted from 1; this line is the part's last one.
  int lastLine();

  /// Lines between instructions: comments, blank lines, directives.
  record Trivia(int firstLine, int lastLine) implements Part {}

  /// The lines of an instruction: continuations, the comments and blank lines among them, and
  /// here-documents.
  ///
  /// @param keyword the instruction's name as written
  /// @param comments the comment lines right above, without `#` and the blanks around them; a blank
  ///     line, an empty comment or a directive separates
  /// @param blankLines the blank lines among its continuations
  record Statement(
      int firstLine,
      int lastLine,
      Word keyword,
      Instruction instruction,
      List<Comment> comments,
      List<Integer> blankLines)
      implements Part {
    public Statement {
      comments = List.copyOf(comments);
      blankLines = List.copyOf(blankLines);
    }

    /// What the comments above say of names, which a stage or an argument here may have: by the
    /// first word, the rest of the first one that begins with it and a blank.
    public Map<String, String> descriptions() {
      var descriptions = new HashMap<String, String>();
      for (var comment : comments) {
        var text = comment.text();
        int blank = text.indexOf(' ');
        if (blank >= 0) {
          descriptions.putIfAbsent(text.substring(0, blank), text.substring(blank + 1).strip());
        }
      }
      return descriptions;
    }
  }

  /// A comment, without its `#` and the blanks around it.
  record Comment(String text, Span span) {}
}
