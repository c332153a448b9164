package dev.jbuild.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.jbuild.store.Store;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Keys of steps, and the words that tell why a key is another.
class StepInputsTest {

  private static final BuildRecord.What BUILD =
      new BuildRecord.What("Dockerfile", "/src", "build", "linux/amd64");
  private static final StepInputs RUN =
      new StepInputs("run").with("argv", "make").with(StepInputs.PARENT, "base");

  @TempDir Path temp;
  private Store store;

  @BeforeEach
  void open() throws IOException {
    store = Store.open(temp.resolve("store"));
  }

  @AfterEach
  void close() throws IOException {
    store.close();
  }

  @Test
  void theKeyIsOfNamesAndValuesInNoOrder() {
    var one = new StepInputs("run").with("a", "1").with("b", "2");

    assertEquals(one.key(), new StepInputs("run").with("b", "2").with("a", "1").key());
    assertNotEquals(one.key(), new StepInputs("copy").with("a", "1").with("b", "2").key());
    assertNotEquals(one.key(), one.with("a", "12").without("b").key());
    assertNotEquals(
        new StepInputs("run").with("ab", "c").key(), new StepInputs("run").with("a", "bc").key());
  }

  /// What stands for a byte that is not UTF-8 is one half of a pair: an encoder takes all of them
  /// for the same mistake.
  @Test
  void theKeyTellsBytesApartThatAreNoText() {
    var all = Stream.of("\uDCFF", "\uDCFE", "\uFFFD", "?").map(text -> RUN.with("argv", text));

    assertEquals(4, all.map(StepInputs::key).distinct().count());
  }

  @Test
  void theWeakKeyKnowsNothingOfWhatIsBelow() {
    var other = RUN.with(StepInputs.PARENT, "other");

    assertNotEquals(RUN.key(), other.key());
    assertEquals(RUN.weakKey(), other.weakKey());
    assertNotEquals(RUN.weakKey(), RUN.with("argv", "make all").weakKey());
  }

  private static BuildRecord.Step step(String text, StepInputs inputs) {
    return new BuildRecord.Step("build", 2, text, inputs.parts());
  }

  private static BuildRecord.Entry made(BuildRecord.Step step) {
    return new BuildRecord.Entry(step, BuildRecord.Outcome.MADE, "");
  }

  private String explained(BuildRecord.Step before, BuildRecord.Step now) throws IOException {
    var last = new LastBuild(store, BUILD, SharedCaches.none(store));
    last.add(made(before));
    last.save(List.of(), Optional.of(List.of()));
    return new LastBuild(store, BUILD, SharedCaches.none(store)).explain(now);
  }

  @Test
  void tellsWhatChanged() throws IOException {
    var was = step("RUN make", RUN.with(StepInputs.VARIABLE + "VERSION", "1.2"));

    assertEquals(
        "VERSION 1.2 → 1.3",
        explained(was, step("RUN make", RUN.with(StepInputs.VARIABLE + "VERSION", "1.3"))));
    assertEquals("VERSION is not set any more", explained(was, step("RUN make", RUN)));
    assertEquals(
        "VERSION is set now",
        explained(
            step("RUN make", RUN),
            step("RUN make", RUN.with(StepInputs.VARIABLE + "VERSION", "1.3"))));
    assertEquals(
        "the instruction changed", explained(was, step("RUN make all", was(was, "make all"))));
    assertEquals("it is not in the cache any more", explained(was, was));
    assertEquals(
        "what is below it changed",
        explained(step("RUN make", RUN), step("RUN make", RUN.with(StepInputs.PARENT, "other"))));
  }

  private static StepInputs was(BuildRecord.Step step, String argv) {
    var version = step.inputs().get(StepInputs.VARIABLE + "VERSION");
    return RUN.with("argv", argv).with(StepInputs.VARIABLE + "VERSION", String.valueOf(version));
  }

  @Test
  void aStepThatMovedIsFoundByItsText() throws IOException {
    var moved = new BuildRecord.Step("build", 5, "RUN make", RUN.with("clamp", "1").parts());
    var fresh = new BuildRecord.Step("build", 5, "RUN other", RUN.parts());

    assertEquals("SOURCE_DATE_EPOCH changed", explained(step("RUN make", RUN), moved));
    assertEquals("a new step", explained(step("RUN make", RUN), fresh));
  }

  @Test
  void aFirstBuildHasNoPredecessor() throws IOException {
    assertEquals(
        "", new LastBuild(store, BUILD, SharedCaches.none(store)).explain(step("RUN make", RUN)));
  }

  @Test
  void anUnfinishedBuildKeepsWhatWasKnownOfTheRest() throws IOException {
    var first = new BuildRecord.Step("build", 1, "RUN one", RUN.parts());
    var second = new BuildRecord.Step("build", 2, "RUN two", RUN.parts());
    var whole = new LastBuild(store, BUILD, SharedCaches.none(store));
    whole.add(made(first));
    whole.add(made(second));
    whole.save(List.of(), Optional.of(List.of()));
    var failed = new LastBuild(store, BUILD, SharedCaches.none(store));
    failed.add(made(first));
    failed.add(made(second));
    failed.remove(second);
    failed.save(List.of(), Optional.empty());

    assertEquals(
        "it is not in the cache any more",
        new LastBuild(store, BUILD, SharedCaches.none(store)).explain(second));
  }
}
