package dev.jbuild.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.jbuild.image.Digest;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Keys of steps, and the words that tell why a key is another.
class StepInputsTest {

  private static final Digest BUILD = Digest.of(new byte[] {1});
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

  @Test
  void theWeakKeyKnowsNothingOfWhatIsBelow() {
    var other = RUN.with(StepInputs.PARENT, "other");

    assertNotEquals(RUN.key(), other.key());
    assertEquals(RUN.weakKey(), other.weakKey());
    assertNotEquals(RUN.weakKey(), RUN.with("argv", "make all").weakKey());
  }

  private static LastBuild.Step step(String text, StepInputs inputs) {
    return new LastBuild.Step("build", 2, text, inputs.parts());
  }

  private String explained(LastBuild.Step before, LastBuild.Step now) throws IOException {
    var last = LastBuild.open(store, BUILD);
    last.add(before);
    last.save(true);
    return LastBuild.open(store, BUILD).explain(now);
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

  private static StepInputs was(LastBuild.Step step, String argv) {
    var version = step.inputs().get(StepInputs.VARIABLE + "VERSION");
    return RUN.with("argv", argv).with(StepInputs.VARIABLE + "VERSION", String.valueOf(version));
  }

  @Test
  void aStepThatMovedIsFoundByItsText() throws IOException {
    var moved = new LastBuild.Step("build", 5, "RUN make", RUN.with("clamp", "1").parts());
    var fresh = new LastBuild.Step("build", 5, "RUN other", RUN.parts());

    assertEquals("SOURCE_DATE_EPOCH changed", explained(step("RUN make", RUN), moved));
    assertEquals("a new step", explained(step("RUN make", RUN), fresh));
  }

  @Test
  void aFirstBuildHasNoPredecessor() throws IOException {
    assertEquals("", LastBuild.open(store, BUILD).explain(step("RUN make", RUN)));
  }

  @Test
  void anUnfinishedBuildKeepsWhatWasKnownOfTheRest() throws IOException {
    var first = new LastBuild.Step("build", 1, "RUN one", RUN.parts());
    var second = new LastBuild.Step("build", 2, "RUN two", RUN.parts());
    var whole = LastBuild.open(store, BUILD);
    whole.add(first);
    whole.add(second);
    whole.save(true);
    var failed = LastBuild.open(store, BUILD);
    failed.add(first);
    failed.add(second);
    failed.remove(second);
    failed.save(false);

    assertEquals("it is not in the cache any more", LastBuild.open(store, BUILD).explain(second));
  }
}
