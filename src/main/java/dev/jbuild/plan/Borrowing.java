package dev.jbuild.plan;

import dev.jbuild.dockerfile.Instruction;
import dev.jbuild.dockerfile.Word;
import java.util.ArrayList;
import java.util.List;

/// A place of an instruction that names a stage or image to take files from.
///
/// @param word what it names; never empty
/// @param numbers whether a number there is a stage's
record Borrowing(Word word, String instruction, boolean numbers) {

  /// Those of `instruction`, in order.
  static List<Borrowing> of(Instruction instruction) {
    var found = new ArrayList<Borrowing>();
    if (instruction instanceof Instruction.Copy copy) {
      copy.from().ifPresent(word -> found.add(new Borrowing(word, "COPY", true)));
    } else if (instruction instanceof Instruction.Run run) {
      for (var mount : run.mounts()) {
        for (var option : mount.options()) {
          if (option.key().equals("from")) {
            found.add(new Borrowing(option.value(), "RUN --mount", false));
          }
        }
      }
    }
    found.removeIf(borrowing -> borrowing.word().text().isEmpty());
    return found;
  }
}
