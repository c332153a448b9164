package dev.jbuild.build;

import dev.jbuild.context.InputChange;
import dev.jbuild.context.InputManifest;
import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.Json;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// The steps of the last build of a Dockerfile, with what went into each: compared with what goes
/// in now, they tell why a step was not cached.
final class LastBuild {

  private final Store store;
  private final BuildRecord.What what;
  private final SharedCaches shared;
  private final Map<BuildRecord.Step, BuildRecord.Entry> now = new LinkedHashMap<>();
  private final Object reading = new Object();
  private @Nullable List<BuildRecord.Step> before;

  /// Nothing is read until somebody asks: if every step is cached, nobody does.
  ///
  /// @param what says which builds are builds of the same thing
  /// @param shared caches that tell of a build elsewhere, if there was none here
  LastBuild(Store store, BuildRecord.What what, SharedCaches shared) {
    this.store = store;
    this.what = what;
    this.shared = shared;
  }

  private List<BuildRecord.Step> before() throws IOException {
    synchronized (reading) {
      var known = before;
      if (known == null) {
        known = read();
        before = known;
      }
      return known;
    }
  }

  private List<BuildRecord.Step> read() throws IOException {
    var bytes = store.builds().last(what.key());
    if (bytes.isPresent()) {
      try {
        var steps = steps(BuildRecord.parse(bytes.get()));
        if (!steps.isEmpty()) {
          return steps;
        }
      } catch (ImageFormatException e) {
        // it only explains; the next one is written whole
      }
    }
    return shared.build(what).map(LastBuild::steps).orElse(List.of());
  }

  private static List<BuildRecord.Step> steps(BuildRecord build) {
    return build.steps().stream().map(BuildRecord.Entry::step).toList();
  }

  /// The name of its record in the store.
  Digest key() {
    return what.key();
  }

  /// Notes a step of this build and what became of it; said again, the last word counts.
  synchronized void add(BuildRecord.Entry entry) {
    now.put(entry.step(), entry);
  }

  /// Takes a step back that was noted and failed.
  synchronized void remove(BuildRecord.Step step) {
    now.remove(step);
  }

  /// Keeps the steps of this build for the next one.
  ///
  /// @param keys of the records that it used
  /// @param result the layers of the target if all steps were reached; else the steps that were not
  ///     stay as they were known
  /// @return what is kept
  synchronized BuildRecord save(Collection<Digest> keys, Optional<List<Digest>> result)
      throws IOException {
    var kept = new ArrayList<>(now.values());
    if (result.isEmpty()) {
      before().stream()
          .filter(
              old -> now.keySet().stream().noneMatch(each -> each.isAt(old.stage(), old.number())))
          .forEach(old -> kept.add(new BuildRecord.Entry(old, BuildRecord.Outcome.CACHED, "")));
    }
    var record =
        new BuildRecord(
            what, byStage(kept), keys.stream().sorted().toList(), result.orElse(List.of()));
    var json = record.toJson();
    // The store keeps what is listed here as long as it keeps the record.
    json.put("blobs", record.files().stream().map(Digest::toString).toList());
    store.builds().put(what.key(), Json.write(json));
    return record;
  }

  /// Stages that ran side by side are told one after the other.
  private static List<BuildRecord.Entry> byStage(List<BuildRecord.Entry> entries) {
    var stages = entries.stream().map(each -> each.step().stage()).distinct().toList();
    return entries.stream()
        .sorted(
            (one, other) -> {
              int stage = stages.indexOf(one.step().stage()) - stages.indexOf(other.step().stage());
              return stage != 0 ? stage : one.step().number() - other.step().number();
            })
        .toList();
  }

  /// Whether the last build had such an instruction, in whatever stage.
  boolean had(dev.jbuild.plan.Step step) throws IOException {
    return before().stream().anyMatch(each -> each.text().equals(step.instruction()));
  }

  /// Why `step` is not what it was, in words; empty if there was no build before.
  String explain(BuildRecord.Step step) throws IOException {
    var was = predecessor(step);
    if (was.isEmpty()) {
      return before().isEmpty() ? "" : "a new step";
    }
    var old = was.get();
    var changes = new ArrayList<String>();
    if (!old.text().equals(step.text())) {
      return "the instruction changed";
    }
    var secrets = SecretValues.of(List.of(old.inputs(), step.inputs()));
    var names = new TreeSet<>(old.inputs().keySet());
    names.addAll(step.inputs().keySet());
    for (var name : names) {
      var then = old.inputs().get(name);
      var today = step.inputs().get(name);
      if (then == null || today == null || !isSame(then, today)) {
        describe(name, then, today, secrets).ifPresent(changes::add);
      }
    }
    var distinct = changes.stream().distinct().toList();
    if (distinct.isEmpty()) {
      return "it is not in the cache any more";
    }
    return distinct.size() == 1
        ? distinct.getFirst()
        : distinct.getFirst() + " (" + (distinct.size() - 1) + " more)";
  }

  /// A shared cache tells no value in which a secret may be, but whether it is the same.
  private static boolean isSame(String then, String today) {
    return then.equals(today) || then.equals(CacheDocument.masked(today));
  }

  private Optional<BuildRecord.Step> predecessor(BuildRecord.Step step) throws IOException {
    var steps = before();
    return steps.stream()
        .filter(each -> each.isAt(step.stage(), step.number()))
        .findFirst()
        .or(() -> steps.stream().filter(each -> each.text().equals(step.text())).findFirst());
  }

  private Optional<String> describe(
      String name, @Nullable String then, @Nullable String today, SecretValues secrets)
      throws IOException {
    if (name.equals(StepInputs.FILES) && then != null && today != null) {
      return Optional.of(changedFiles(Digest.parse(then), Digest.parse(today)));
    }
    if (name.startsWith(StepInputs.VARIABLE)) {
      var variable = name.substring(StepInputs.VARIABLE.length());
      return Optional.of(
          variable
              + (then == null
                  ? " is set now"
                  : today == null
                      ? " is not set any more"
                      : secrets.isIn(variable, then) || secrets.isIn(variable, today)
                          ? " changed"
                          : " " + then + " → " + today));
    }
    return switch (name) {
      case "kind", "argv", "instruction" -> Optional.of("the instruction changed");
      case StepInputs.PARENT -> Optional.of("what is below it changed");
      case "format" -> Optional.of("this jbuild makes other layers than the last one");
      case "clamp" -> Optional.of("SOURCE_DATE_EPOCH changed");
      case "source" -> Optional.of("what it copies from changed");
      default -> Optional.of(name + " changed");
    };
  }

  private String changedFiles(Digest then, Digest today) throws IOException {
    if (!shared.bringInputs(then) || !shared.bringInputs(today)) {
      return "the files changed";
    }
    var changes = new ArrayDeque<InputChange>(1);
    var count = new AtomicInteger();
    try {
      InputManifest.diff(
          manifest(then),
          manifest(today),
          change -> {
            if (count.getAndIncrement() == 0) {
              changes.add(change);
            }
          });
    } catch (IllegalArgumentException e) {
      return "the files changed"; // what a shared cache gave is no manifest
    }
    if (changes.isEmpty()) {
      return "the files changed";
    }
    var first = changes.getFirst().words();
    return count.get() == 1 ? first : first + " (" + (count.get() - 1) + " more)";
  }

  /// Of a million files it has 50 MB, which are not on the heap.
  private InputManifest manifest(Digest digest) throws IOException {
    return InputManifest.parse(store.blobs().map(digest));
  }
}
