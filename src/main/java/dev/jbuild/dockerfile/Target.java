package dev.jbuild.dockerfile;

import dev.jbuild.dockerfile.Instruction.From;
import dev.jbuild.failure.Span;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A stage as one that can be asked for: what FROM and the comment above it say, nothing expanded.
///
/// @param name in lower case
/// @param description what a comment above says of the name
/// @param platform `--platform`, if given
/// @param isLast whether it is built if nobody asks for another
public record Target(
    Optional<String> name,
    Optional<String> description,
    String base,
    Optional<String> platform,
    boolean isLast,
    Span span) {

  /// All stages, from above.
  public static List<Target> of(Dockerfile dockerfile) {
    var stages = new ArrayList<Part.Statement>();
    for (var part : dockerfile.parts()) {
      if (part instanceof Part.Statement statement && statement.instruction() instanceof From) {
        stages.add(statement);
      }
    }
    return stages.stream().map(stage -> target(stage, stage.equals(stages.getLast()))).toList();
  }

  private static Target target(Part.Statement stage, boolean isLast) {
    var from = (From) stage.instruction();
    return new Target(
        from.name().map(Instruction.StageName::text),
        from.name().flatMap(name -> description(stage, name)),
        from.image().text(),
        from.platform().map(Word::text),
        isLast,
        from.span());
  }

  private static Optional<String> description(Part.Statement stage, Instruction.StageName name) {
    var descriptions = stage.descriptions();
    return Optional.ofNullable(descriptions.get(name.text()))
        .or(() -> Optional.ofNullable(descriptions.get(name.written().text())));
  }
}
