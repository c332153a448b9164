package dev.jbuild.plan;

import dev.jbuild.dockerfile.Instruction;
import dev.jbuild.failure.Printable;
import dev.jbuild.failure.Span;
import dev.jbuild.image.ImageConfig;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// The stages that targets need, with the instructions that ONBUILD puts into them, and the
/// images that those need.
final class Reach {

  private final StageTable table;
  private final Map<ImageRequest, ImageConfig> known;
  private final SortedMap<Integer, Reached> stages = new TreeMap<>();

  /// A stage that is needed.
  ///
  /// @param instructions triggers first
  /// @param needs the stages it depends on directly
  /// @param images those it names, by the first place that does
  record Reached(
      List<Placed> instructions, SortedSet<Integer> needs, Map<ImageRequest, ImageNeed> images) {}

  /// @throws dev.jbuild.failure.BuildFailure for a circle, for a stage that is used above its
  ///     definition, and for triggers that are none
  Reach(
      StageTable table,
      SortedSet<Integer> targets,
      Map<ImageRequest, ImageConfig> known,
      char escape) {
    this.table = table;
    this.known = known;
    checkCircles();
    var wanted = new TreeSet<>(targets);
    while (!wanted.isEmpty()) { // every edge leads upwards, so the lowest stage is complete
      var stage = table.get(wanted.removeLast());
      var reached = reach(stage, escape);
      stages.put(stage.index(), reached);
      wanted.addAll(reached.needs());
    }
  }

  /// By index.
  SortedMap<Integer, Reached> stages() {
    return stages;
  }

  /// The images whose configs are not known yet, in the order of the Dockerfile.
  List<ImageNeed> missing() {
    var missing = new LinkedHashMap<ImageRequest, ImageNeed>();
    for (var reached : stages.values()) {
      reached.images().forEach(missing::putIfAbsent);
    }
    missing.keySet().removeAll(known.keySet());
    return List.copyOf(missing.values());
  }

  private Reached reach(StageDraft stage, char escape) {
    var instructions = new ArrayList<Placed>();
    var needs = new TreeSet<Integer>();
    var images = new LinkedHashMap<ImageRequest, ImageNeed>();
    switch (stage.base()) {
      case Origin.Image(var request) -> {
        var hint = table.hint(stage.baseText());
        var span = stage.from().image().span();
        images.put(request, new ImageNeed(request, stage.baseText(), span, hint));
        instructions.addAll(triggersOf(stage, request));
      }
      case Origin.EarlierStage(int index) -> {
        needs.add(index);
        instructions.addAll(triggersOf(stage, table.get(index)));
      }
      case Origin.Context _, Origin.Files _, Origin.Scratch _ -> {}
    }
    for (var instruction : stage.instructions()) {
      instructions.add(new Placed(instruction, escape, false));
    }
    for (var placed : instructions) {
      for (var borrowing : Borrowing.of(placed.instruction())) {
        collect(borrowing, stage, needs, images);
      }
    }
    return new Reached(List.copyOf(instructions), needs, images);
  }

  private List<Placed> triggersOf(StageDraft stage, ImageRequest base) {
    var config = known.get(base);
    return config == null || stage.replaced()
        ? List.of()
        : Triggers.parse(config.config().onBuild(), stage.baseText(), stage.from().image().span());
  }

  private List<Placed> triggersOf(StageDraft stage, StageDraft base) {
    var texts = new ArrayList<String>();
    for (var instruction : base.instructions()) {
      if (instruction instanceof Instruction.OnBuild trigger) {
        texts.add(trigger.trigger());
      }
    }
    return Triggers.parse(texts, base.displayName(), stage.from().image().span());
  }

  private void collect(
      Borrowing borrowing,
      StageDraft stage,
      SortedSet<Integer> needs,
      Map<ImageRequest, ImageNeed> images) {
    var word = borrowing.word();
    switch (table.from(word, borrowing.instruction(), borrowing.numbers())) {
      case Origin.EarlierStage(int index) -> {
        if (index >= stage.index()) {
          throw tooLate(word.span(), borrowing.instruction(), table.get(index), stage);
        }
        needs.add(index);
      }
      case Origin.Image(var request) ->
          images.putIfAbsent(
              request, new ImageNeed(request, word.text(), word.span(), table.hint(word.text())));
      case Origin.Context _, Origin.Files _, Origin.Scratch _ -> {}
    }
  }

  private static RuntimeException tooLate(
      Span span, String instruction, StageDraft used, StageDraft user) {
    if (used.index() == user.index()) {
      return circle(span, instruction, used);
    }
    return Mistake.at(
            span,
            instruction
                + ": stage "
                + Printable.of(used.displayName())
                + " is used above its definition")
        .hint("move it above stage " + Printable.of(user.displayName()));
  }

  private static RuntimeException circle(Span span, String instruction, StageDraft stage) {
    return Mistake.at(
        span,
        instruction
            + ": circular dependency: stage "
            + Printable.of(stage.displayName())
            + " would need itself");
  }

  /// Looks at all stages, needed or not. Only an edge to the same stage or one below it can close a
  /// circle, and such edges are mistakes anyhow.
  private void checkCircles() {
    List<List<Edge>> edges = new ArrayList<>();
    for (var stage : table.stages()) {
      edges.add(edgesOf(stage));
    }
    for (int i = 0; i < edges.size(); i++) {
      for (var edge : edges.get(i)) {
        if (edge.to() >= i && leads(edges, edge.to(), i)) {
          throw circle(edge.span(), edge.instruction(), table.get(i));
        }
      }
    }
  }

  private record Edge(int to, Span span, String instruction) {}

  private List<Edge> edgesOf(StageDraft stage) {
    var edges = new ArrayList<Edge>();
    if (stage.base() instanceof Origin.EarlierStage(int index)) {
      edges.add(new Edge(index, stage.from().image().span(), "FROM"));
    }
    for (var instruction : stage.instructions()) {
      for (var borrowing : Borrowing.of(instruction)) {
        var word = borrowing.word();
        var origin = table.from(word, borrowing.instruction(), borrowing.numbers());
        if (origin instanceof Origin.EarlierStage(int index)) {
          edges.add(new Edge(index, word.span(), borrowing.instruction()));
        }
      }
    }
    return edges;
  }

  private static boolean leads(List<List<Edge>> edges, int from, int to) {
    var seen = new BitSet();
    var open = new ArrayList<Integer>(List.of(from));
    while (!open.isEmpty()) {
      int stage = open.removeLast();
      if (stage == to) {
        return true;
      }
      if (!seen.get(stage)) {
        seen.set(stage);
        edges.get(stage).forEach(edge -> open.add(edge.to()));
      }
    }
    return false;
  }
}
