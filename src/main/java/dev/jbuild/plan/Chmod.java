package dev.jbuild.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// `--chmod`: twelve bits, or the words of chmod(1).
public sealed interface Chmod {

  /// The mode of a copied file or directory whose own is `mode`; the lowest twelve bits count.
  int applyTo(int mode, boolean directory);

  /// The text as it was given.
  String text();

  /// Reads `755` or `u=rwX,go=rX`.
  ///
  /// Who is meant by a clause without `ugoa` is everyone: no mask is known here.
  ///
  /// @throws IllegalArgumentException for any other text, saying what is wrong
  static Chmod parse(String text) {
    if (text.matches("[0-9]+")) {
      if (!text.matches("0*[0-7]{1,4}")) {
        throw new IllegalArgumentException("an octal mode lies between 0 and 07777");
      }
      return new Octal(Integer.parseInt(text, 8), text);
    }
    var clauses = new ArrayList<Symbolic.Clause>();
    for (var part : text.split(",", -1)) {
      clauses.addAll(Symbolic.clauses(part));
    }
    return new Symbolic(clauses, text);
  }

  /// A number.
  record Octal(int bits, String text) implements Chmod {
    @Override
    public int applyTo(int mode, boolean directory) {
      return bits;
    }
  }

  /// Clauses, applied one after the other.
  record Symbolic(List<Clause> clauses, String text) implements Chmod {

    private static final Pattern PART = Pattern.compile("([ugoa]*)((?:[-+=](?:[ugo]|[rwxXst]*))+)");
    private static final Pattern ACTION = Pattern.compile("([-+=])([ugo]|[rwxXst]*)");

    public Symbolic {
      clauses = List.copyOf(clauses);
    }

    /// One operation: for whom (`ugo` letters), `+`, `-` or `=`, and which permissions.
    public record Clause(String who, char operator, String what) {
      /// Whether it copies the permissions of one class to others.
      boolean isCopy() {
        return what.length() == 1 && "ugo".contains(what);
      }
    }

    private static List<Clause> clauses(String part) {
      var match = PART.matcher(part);
      if (!match.matches()) {
        throw new IllegalArgumentException(
            "a mode is octal, as 755, or symbolic, as u=rwX,go=rX or +x");
      }
      var who = match.group(1);
      var everyone = who.isEmpty() || who.indexOf('a') >= 0;
      var clauses = new ArrayList<Clause>();
      var action = ACTION.matcher(match.group(2));
      while (action.find()) {
        clauses.add(new Clause(everyone ? "ugo" : who, action.group(1).charAt(0), action.group(2)));
      }
      return clauses;
    }

    @Override
    public int applyTo(int mode, boolean directory) {
      int own = mode & 07777;
      int result = own;
      for (var clause : clauses) {
        result = apply(clause, own, result, directory);
      }
      return result;
    }

    /// As BuildKit does it, which differs from chmod(1) in three things: `X` looks at the mode that
    /// the file came with, copied permissions (`g=u`) leave the set-id bits alone, and `=` clears
    /// the sticky bit only where `t` is named.
    private static int apply(Clause clause, int own, int mode, boolean directory) {
      int reach = 0; // the bits that the clause may touch
      for (int i = 0; i < clause.who().length(); i++) {
        reach |= reach(clause.who().charAt(i));
      }
      if (clause.isCopy()) {
        reach &= 0777;
      }
      boolean executable = directory || (own & 0111) != 0;
      int bits = reach & bits(clause, mode, executable);
      if (clause.what().indexOf('t') >= 0 && !clause.who().equals("o")) {
        reach |= 01000;
        bits |= 01000;
      }
      return switch (clause.operator()) {
        case '+' -> mode | bits;
        case '-' -> mode & ~bits;
        default -> (mode & ~reach) | bits;
      };
    }

    private static int reach(char who) {
      return switch (who) {
        case 'u' -> 04700;
        case 'g' -> 02070;
        default -> 0007;
      };
    }

    private static int bits(Clause clause, int mode, boolean executable) {
      int bits = 0;
      for (int i = 0; i < clause.what().length(); i++) {
        bits |=
            switch (clause.what().charAt(i)) {
              case 'r' -> 0444;
              case 'w' -> 0222;
              case 'x' -> 0111;
              case 'X' -> executable || clause.operator() == '-' ? 0111 : 0;
              case 's' -> 06000;
              case 'u' -> spread(mode >> 6);
              case 'g' -> spread(mode >> 3);
              case 'o' -> spread(mode);
              default -> 0; // t, which belongs to nobody alone
            };
      }
      return bits;
    }

    private static int spread(int three) {
      return (three & 7) * 0111;
    }
  }
}
