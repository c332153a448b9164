package dev.jbuild.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.failure.BuildFailure;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Images of very many layers (reliability case 137).
class LayerCountTest {

  @Test
  void moreThanAnOverlayTakesIsRefusedWithCountAndLimit() {
    LayerCount.check(499);
    var failure = assertThrows(BuildFailure.class, () -> LayerCount.check(500));
    assertEquals(
        "500 layers are more than can be put upon each other, which is 499", failure.getMessage());
  }

  @Test
  void whatDockerDoesNotLoadIsToldOnce() {
    assertEquals(
        List.of(false, true, false),
        IntStream.of(125, 126, 127).mapToObj(LayerCount::isTooManyForDocker).toList());
  }
}
