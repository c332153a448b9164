package dev.jbuild.cli;

import dev.jbuild.build.KeptState;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.image.Reference;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// What `--filter NAME=VALUE` leaves of the containers and steps that are kept: of several filters
/// of one name any, of different names all, as docker ps has it.
final class ContainerFilter {

  private static final String KNOWN =
      "it knows id, name, status, exited, ancestor, before, since and kind (container or step)";

  /// Those of docker ps and podman ps that can leave nothing or everything here.
  private static final Map<String, String> REFUSED =
      Map.ofEntries(
          Map.entry("label", "containers of jbuild have a name and no labels"),
          Map.entry("label!", "containers of jbuild have a name and no labels"),
          Map.entry("volume", "jbuild keeps no volumes"),
          Map.entry("network", "a container has the network of this machine, or none"),
          Map.entry("publish", "a port of a container is one of this machine"),
          Map.entry("expose", "a port of a container is one of this machine"),
          Map.entry("health", "nobody watches a container's health"),
          Map.entry("isolation", "--sandbox chooses how a container is kept apart"),
          Map.entry("is-task", "jbuild has no services"),
          Map.entry("pod", "jbuild has no pods"),
          Map.entry("until", "before=CONTAINER takes older ones; prune has until="),
          Map.entry("command", "jbuild ps --format '{{.ID}} {{.Command}}' shows it"),
          Map.entry("restart-policy", "jbuild has no daemon that could watch over a container"));

  private static final Set<String> STATUSES =
      Set.of("created", "restarting", "running", "removing", "paused", "exited", "dead");

  private final List<KeptState> all;

  private ContainerFilter(List<KeptState> all) {
    this.all = all;
  }

  static Syntax addTo(Syntax syntax) {
    return syntax.values(
        "NAME=VALUE", "Only those with that id, name, status, exited, …", "-f", "--filter");
  }

  /// What is left of `all`, in its order.
  static List<KeptState> apply(List<String> filters, List<KeptState> all) {
    var byName = new HashMap<String, Predicate<KeptState>>();
    var parser = new ContainerFilter(all);
    for (var filter : filters) {
      int equals = filter.indexOf('=');
      if (equals < 0) {
        throw Options.usage("--filter takes NAME=VALUE, not " + Printable.of(filter)).hint(KNOWN);
      }
      var name = filter.substring(0, equals);
      byName.merge(name, parser.parse(name, filter.substring(equals + 1)), Predicate::or);
    }
    return all.stream()
        .filter(state -> byName.values().stream().allMatch(each -> each.test(state)))
        .toList();
  }

  private Predicate<KeptState> parse(String name, String value) {
    return switch (name) {
      case "id" -> state -> !value.isEmpty() && state.entry().id().startsWith(value);
      case "name" -> named(value);
      case "status" -> status(value);
      case "exited" -> exited(value);
      case "ancestor" -> state -> isOf(state, value);
      case "before" -> {
        var limit = used(value);
        yield state -> state.entry().used().isBefore(limit);
      }
      case "since" -> {
        var limit = used(value);
        yield state -> state.entry().used().isAfter(limit);
      }
      case "kind" -> kind(value);
      default -> throw unknown(name);
    };
  }

  private static BuildFailure unknown(String name) {
    var why = REFUSED.get(name);
    return why == null
        ? Options.usage("--filter does not know " + Printable.of(name)).hint(KNOWN)
        : Options.usage("--filter " + name + "= is not supported: " + why).hint(KNOWN);
  }

  private static Predicate<KeptState> named(String value) {
    try {
      var pattern = Pattern.compile(value).asPredicate();
      return state -> state.name().filter(pattern).isPresent();
    } catch (PatternSyntaxException e) {
      throw Options.usage("--filter name= takes a regular expression, not " + Printable.of(value));
    }
  }

  /// What is kept has ended.
  private static Predicate<KeptState> status(String value) {
    if (!STATUSES.contains(value)) {
      throw Options.usage("--filter status= does not know " + Printable.of(value))
          .hint("what jbuild keeps is always exited");
    }
    return _ -> value.equals("exited");
  }

  private static Predicate<KeptState> exited(String value) {
    if (!value.matches("[0-9]{1,3}")) {
      throw Options.usage("--filter exited= takes an exit code, not " + Printable.of(value));
    }
    return state -> state.exitCode() == Integer.parseInt(value);
  }

  private static boolean isOf(KeptState state, String image) {
    var digest = image.startsWith("sha256:") ? image.substring("sha256:".length()) : image;
    return (digest.matches("[0-9a-f]{4,64}") && state.image().hex().startsWith(digest))
        || state.from().equals(image)
        || familiar(state.from()).equals(familiar(image));
  }

  /// With its tag; what is no name stands for itself.
  private static String familiar(String name) {
    try {
      return Reference.parse(name).familiar();
    } catch (BuildFailure | IllegalArgumentException e) {
      return name;
    }
  }

  private Instant used(String text) {
    Optional<KeptState> found =
        all.stream()
            .filter(
                each ->
                    each.name().filter(text::equals).isPresent()
                        || (!text.isEmpty() && each.entry().id().startsWith(text)))
            .findFirst();
    return found
        .orElseThrow(
            () ->
                BuildFailure.of(
                    BuildFailure.Kind.STORE,
                    "there is no kept container or step \"" + Printable.of(text) + "\""))
        .entry()
        .used();
  }

  private static Predicate<KeptState> kind(String value) {
    for (var kind : KeptState.Kind.values()) {
      if (kind.name().toLowerCase(Locale.ROOT).equals(value)) {
        return state -> state.kind() == kind;
      }
    }
    throw Options.usage("--filter kind= takes container or step, not " + Printable.of(value));
  }
}
