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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// What a lint run says beside what is wrong: how the stages could be better.
final class Advice {

  private final List<Stage> stages;
  private final StageTable table;
  private final Map<Integer, CopyOrder> orders = new HashMap<>();
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
      advice.copyOrder(stage, draft);
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

  /// A stage goes on where the one ended that it is based on.
  private void copyOrder(Stage stage, StageDraft draft) {
    var order =
        stage.base() instanceof StageBase.EarlierStage(int base)
            ? Objects.requireNonNull(orders.get(base), "bases come first").next()
            : new CopyOrder();
    findings.addAll(order.check(draft.instructions()));
    orders.put(stage.index(), order);
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
