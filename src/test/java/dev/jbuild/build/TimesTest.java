package dev.jbuild.build;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jbuild.image.Digest;
import dev.jbuild.image.History;
import dev.jbuild.image.ImageConfig;
import dev.jbuild.image.Platform;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What time it is in an image.
class TimesTest {

  private static final Clock CLOCK = Clock.fixed(Instant.ofEpochSecond(5_000), ZoneOffset.UTC);
  private static final Digest LAYER = Digest.of(new byte[] {1});

  private static History history(@Nullable Instant created) {
    return new History(created, "RUN x", "", "", false);
  }

  private static ImageConfig base(@Nullable Instant created) {
    var image = ImageConfig.scratch(Platform.parse("linux/amd64"));
    return created == null ? image : image.withCreated(created);
  }

  @Test
  void nowIsTheClockUnlessThereIsAClamp() {
    assertEquals(5_000, new Times(CLOCK, OptionalLong.empty()).now());
    assertEquals(7, new Times(CLOCK, OptionalLong.of(7)).now());
  }

  @Test
  void anImageIsAsNewAsTheNewestOfItsSteps() {
    var state =
        StageState.of(List.of(), List.of())
            .after(Optional.of(LAYER), history(Instant.ofEpochSecond(30)), OptionalLong.of(30))
            .after(Optional.empty(), history(null), OptionalLong.empty())
            .after(Optional.empty(), history(Instant.ofEpochSecond(20)), OptionalLong.of(20));

    var image = new Times(CLOCK, OptionalLong.empty()).date(base(null), state, base(null));

    assertEquals(Instant.ofEpochSecond(30), image.created());
    assertEquals(
        List.of(30L, 30L, 20L),
        image.history().stream()
            .map(each -> each.created() == null ? -1L : each.created().getEpochSecond())
            .toList());
    assertEquals(List.of(LAYER), image.diffIds());
  }

  @Test
  void withoutAnythingMadeItIsTheBasesOr1980() {
    var times = new Times(CLOCK, OptionalLong.empty());
    var state =
        StageState.of(List.of(), List.of())
            .after(Optional.empty(), history(null), OptionalLong.empty());

    var fromScratch = times.date(base(null), state, base(null));
    var fromBase = times.date(base(null), state, base(Instant.ofEpochSecond(99)));

    assertEquals(Instant.parse("1980-01-01T00:00:00Z"), fromScratch.created());
    assertEquals(fromScratch.created(), fromScratch.history().getFirst().created());
    assertEquals(Instant.ofEpochSecond(99), fromBase.created());
  }

  @Test
  void aClampDatesTheImage() {
    var state =
        StageState.of(List.of(), List.of())
            .after(Optional.of(LAYER), history(null), OptionalLong.of(30));

    var image = new Times(CLOCK, OptionalLong.of(12)).date(base(null), state, base(null));

    assertEquals(Instant.ofEpochSecond(12), image.created());
  }
}
