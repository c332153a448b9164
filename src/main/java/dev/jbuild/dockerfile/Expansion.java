package dev.jbuild.dockerfile;

import dev.jbuild.failure.BuildFailure;
import java.util.ArrayList;
import java.util.List;

/// What words mean: variables replaced, quotes and escapes taken away.
///
/// The rules are those of the Dockerfile reference: single quotes keep everything; in double quotes
/// the escape character escapes `"`, `$` and itself; outside it escapes any character. A variable
/// is `$name` or `${name}`, the latter with `:-` `-` `:+` `+` `:?` `?` and a word, with `#` `##`
/// `%` `%%` and a pattern, with `/pattern/text` or `//pattern/text`. What a variable stands for is
/// data: it is never read as quotes, variables or instructions again.
///
/// Every failure is a [BuildFailure] at the place of the word. All work is linear in the text, save
/// that a pattern costs its length times that of the value.
public final class Expansion {

  private static final int LONGEST_WORD = 1 << 20;
  static final int LONGEST_BODY = 1 << 26;

  private Expansion() {}

  /// The text that `word` stands for; blanks in it do not split it.
  ///
  /// @param escape the Dockerfile's escape character, see [Dockerfile#escape]
  public static String expand(Word word, Variables variables, char escape) {
    var text = word.text();
    if (isPlain(text, escape)) {
      return text;
    }
    var out = new TextBuffer(LONGEST_WORD, word.span());
    new Expander(Located.of(word), variables, escape, true).run(out);
    return out.toString();
  }

  /// The words that `word` stands for: blanks that came out of a variable, or stood in the text
  /// itself, split it; quoted and escaped ones do not. There may be none. EXPOSE is read so.
  public static List<String> expandWords(Word word, Variables variables, char escape) {
    var out = new WordBuffer(LONGEST_WORD, word.span());
    new Expander(Located.of(word), variables, escape, true).run(out);
    return out.words();
  }

  /// The content of a here-document that becomes a file, in COPY and ADD.
  ///
  /// A document with a quoted name is taken as it is. In any other, variables are replaced, quotes
  /// are ordinary characters, and a backslash, whatever the Dockerfile's escape character is,
  /// escapes every character after it and goes away.
  public static String expandBody(Heredoc document, Variables variables) {
    var content = document.content();
    if (!document.expand() || isPlain(content, '\\')) {
      return content;
    }
    var out = new TextBuffer(LONGEST_BODY, document.span());
    new Expander(new Located(content, document.span(), false), variables, '\\', false).run(out);
    return out.toString();
  }

  /// The text of `word` without its quotes and escapes; a `$` is an ordinary character.
  public static String unquote(Word word, char escape) {
    var text = word.text();
    if (isPlain(text, escape)) {
      return text;
    }
    var out = new TextBuffer(LONGEST_WORD, word.span());
    new Expander(Located.of(word), null, escape, true).run(out);
    return out.toString();
  }

  /// The names of the variables that `word` asks for, in order, with repetitions; the words after
  /// modifiers included. What is in single quotes or escaped is not asked for.
  ///
  /// A word that cannot be expanded yields those up to the mistake.
  public static List<String> variablesOf(Word word, char escape) {
    var names = new ArrayList<String>();
    Variables collector =
        name -> {
          names.add(name);
          return "";
        };
    try {
      expand(word, collector, escape);
    } catch (BuildFailure _) {
      return List.copyOf(names); // told where the word is really expanded
    }
    return List.copyOf(names);
  }

  private static boolean isPlain(String text, char escape) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '$' || c == '"' || c == '\'' || c == escape) {
        return false;
      }
    }
    return true;
  }
}
