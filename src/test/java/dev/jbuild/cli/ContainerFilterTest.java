package dev.jbuild.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.build.KeptState;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.image.Digest;
import dev.jbuild.store.KeptEntry;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Which containers `--filter` means, and what is said of options that are others'.
class ContainerFilterTest {

  private static final List<KeptState> ALL =
      List.of(
          kept("c3", 3, KeptState.Kind.STEP, "", "Dockerfile:3", 4),
          kept("b2", 2, KeptState.Kind.CONTAINER, "web-two", "debian:bookworm", 0),
          kept("b1", 1, KeptState.Kind.CONTAINER, "web", "base", 0),
          kept("a0", 0, KeptState.Kind.CONTAINER, "", "base:latest", 4));

  @TempDir Path place;

  private static KeptState kept(
      String id, int age, KeptState.Kind kind, String name, String from, int code) {
    return new KeptState(
        new KeptEntry(id, new byte[0], Instant.ofEpochSecond(age), Path.of(id)),
        kind,
        Optional.of(name).filter(each -> !each.isEmpty()),
        from,
        List.of("sh"),
        code,
        Digest.of(from.getBytes(UTF_8)),
        List.of(),
        List.of(),
        List.of());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "name=web                    | b2 b1",
        "name=^web$                  | b1",
        "id=b                        | b2 b1",
        "id=                         | ''",
        "exited=4                    | c3 a0",
        "exited=4 kind=step          | c3",
        "exited=4 exited=0           | c3 b2 b1 a0",
        "status=exited               | c3 b2 b1 a0",
        "status=running              | ''",
        "ancestor=base               | b1 a0",
        "ancestor=docker.io/library/debian:bookworm | b2",
        "before=web-two              | b1 a0",
        "since=b1                    | c3 b2",
        "kind=container name=two     | b2",
      })
  void filtersOfOneNameAddAndOthersNarrow(String filters, String left) {
    assertEquals(left, ids(filters.strip().split(" ")));
  }

  private static String ids(String... filters) {
    return ContainerFilter.apply(List.of(filters), ALL).stream()
        .map(state -> state.entry().id())
        .collect(Collectors.joining(" "));
  }

  @Test
  void anImageIsFoundByItsIdToo() {
    var id = ALL.getLast().image();
    assertEquals("a0", ids("ancestor=" + id));
    assertEquals("a0", ids("ancestor=" + id.hex().substring(0, 12)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "name        | --filter takes NAME=VALUE, not name",
        "colour=red  | --filter does not know colour",
        "label=a     | --filter label= is not supported: containers of jbuild have a name and no",
        "status=odd  | --filter status= does not know odd",
        "exited=x    | --filter exited= takes an exit code, not x",
        "name=(      | --filter name= takes a regular expression, not (",
        "since=zz    | there is no kept container or step \"zz\"",
        "kind=image  | --filter kind= takes container or step, not image",
      })
  void whatMeansNothingIsSaid(String filter, String said) {
    var failure = assertThrows(BuildFailure.class, () -> ids(filter));
    assertTrue(failure.message().startsWith(said), failure.message());
  }

  @ParameterizedTest
  @CsvSource({
    "ps, --pod",
    "ps, --sort=size",
    "ps, --watch=1",
    "rm, --latest",
    "rm, --cidfile=x",
    "commit, --squash",
    "commit, --format=docker",
    "commit, --sign-by=me",
    "diff, --latest",
    "start, --detach-keys=x",
  })
  void anOptionOfOthersIsRefusedByName(String command, String option) {
    var words = Stream.of(command, option, "x").limit(command.equals("ps") ? 2 : 3);
    var jbuild = new Jbuild(place.resolve("store")).run(words.toArray(String[]::new));
    var name = option.split("=", 2)[0];
    assertTrue(jbuild.err().contains(name + " is not supported: "), jbuild.err());
  }
}
