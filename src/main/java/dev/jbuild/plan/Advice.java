package dev.jbuild.plan;

import dev.jbuild.dockerfile.AptLists;
import dev.jbuild.dockerfile.CopyOrder;
import dev.jbuild.dockerfile.Finding;
import dev.jbuild.dockerfile.Instruction;
import dev.jbuild.dockerfile.Rule;
import dev.jbuild.failure.Printable;
import dev.jbuild.image.Reference;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/// What a lint run says beside what is wrong: how the stages could be better.
final class Advice {

  private final List<Stage> stages;
  private final StageTable table;
  private final List<Finding> findings = new ArrayList<>();

  private Advice(List<Stage> stages, StageTable table) {
    this.stages = stages;
    this.table = table;
  }

  /// What is found, some of it more than once.
  ///
  /// @param stages each behind those that it needs; the last is what is built in the end
  static List<Finding> on(List<Stage> stages, StageTable table) {
    var advice = new Advice(stages, table);
    var shipped = advice.shipped();
    for (var stage : stages) {
      var draft = table.get(stage.index());
      advice.base(stage, draft);
      advice.findings.addAll(CopyOrder.of(advice.instructions(draft)));
      if (shipped.get(stage.index())) {
        advice.findings.addAll(AptLists.of(draft.instructions()));
      }
    }
    return advice.findings;
  }

  /// The stages whose layers somebody gets: the last, those that no other stage takes files from
  /// and that say what to start, and those that they are based on.
  private BitSet shipped() {
    var shipped = new BitSet();
    stages.forEach(stage -> shipped.set(stage.index(), starts(table.get(stage.index()))));
    stages.forEach(stage -> stage.needs().forEach(shipped::clear));
    shipped.set(stages.getLast().index());
    for (var stage : stages.reversed()) {
      if (shipped.get(stage.index()) && stage.base() instanceof StageBase.EarlierStage(int base)) {
        shipped.set(base);
      }
    }
    return shipped;
  }

  private static boolean starts(StageDraft draft) {
    return draft.instructions().stream()
        .anyMatch(
            each -> each instanceof Instruction.Cmd || each instanceof Instruction.Entrypoint);
  }

  /// Those of the stage and, before them, of the stages that it is based on.
  private List<Instruction> instructions(StageDraft draft) {
    var instructions = new ArrayList<Instruction>(draft.instructions());
    var base = draft.base();
    while (base instanceof Origin.EarlierStage(int index)) {
      instructions.addAll(0, table.get(index).instructions());
      base = table.get(index).base();
    }
    return instructions;
  }

  /// An image that a named context put here is whoever's who gave it.
  private void base(Stage stage, StageDraft draft) {
    if (!(stage.base() instanceof StageBase.Image(var request, _))
        || draft.replaced()
        || !request.reference().equals(Reference.parse(draft.baseText()))) {
      return;
    }
    var tag = request.reference().tag();
    if (request.reference().digest().isPresent()
        || tag.filter(t -> !t.equals("latest")).isPresent()) {
      return;
    }
    findings.add(
        new Finding(
            Rule.UNPINNED_BASE_IMAGE,
            draft.from().image().span(),
            Printable.of(draft.baseText())
                + (endsWithTag(draft.baseText())
                    ? " is another image whenever somebody moves the tag"
                    : " has no tag, which means latest: another image whenever that moves")));
  }

  private static boolean endsWithTag(String text) {
    return text.endsWith(":latest");
  }
}
