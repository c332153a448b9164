package dev.jbuild.dockerfile;

import dev.jbuild.dockerfile.Instruction.Arg;
import dev.jbuild.dockerfile.Instruction.Env;
import dev.jbuild.dockerfile.Instruction.Label;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// BuildKit's rules about the instructions of one stage that need no variables.
public final class StageRules {

  /// Names of which a part, between underscores, speaks of a secret or of something open.
  private static final Set<String> SECRET =
      Set.of(
          "apikey",
          "auth",
          "credential",
          "credentials",
          "key",
          "password",
          "pword",
          "passwd",
          "secret",
          "token");

  private static final Set<String> OPEN = Set.of("public", "file", "version");

  private final List<Finding> findings = new ArrayList<>();

  /// By its name the last instruction of those that should be there once.
  private final Map<String, Instruction> seen = new HashMap<>();

  private StageRules() {}

  /// What is found, also what is not heard.
  ///
  /// @param stage its instructions without FROM
  public static List<Finding> of(List<Instruction> stage) {
    var rules = new StageRules();
    stage.forEach(rules::check);
    return List.copyOf(rules.findings);
  }

  private void check(Instruction instruction) {
    switch (instruction) {
      case Env env -> {
        oldForm("ENV", env, env.oldForm());
        env.pairs().forEach(pair -> secret("ENV", pair.key().text(), pair.key()));
      }
      case Label label -> oldForm("LABEL", label, label.oldForm());
      case Arg arg ->
          arg.declarations()
              .forEach(each -> secret("ARG", each.name(), new Word(each.name(), each.span())));
      case Instruction.Cmd _ -> once("CMD", instruction);
      case Instruction.Entrypoint _ -> once("ENTRYPOINT", instruction);
      case Instruction.Healthcheck _ -> once("HEALTHCHECK", instruction);
      default -> {}
    }
  }

  private void oldForm(String name, Instruction instruction, boolean old) {
    if (old) {
      findings.add(
          new Finding(
              Rule.LEGACY_KEY_VALUE_FORMAT,
              instruction.span(),
              name + " name value is the old form of " + name + " name=value"));
    }
  }

  /// Whether a variable is called as if it held a secret. Capitals are the same as small letters,
  /// and so are U+212A and k, U+017F and s, as in BuildKit's regular expressions.
  public static boolean isSecretName(String name) {
    var small = name.toLowerCase(Locale.ROOT).replace('\u017f', 's');
    var parts = Set.copyOf(Arrays.asList(small.split("_", -1)));
    return !Collections.disjoint(parts, SECRET) && Collections.disjoint(parts, OPEN);
  }

  private void secret(String instruction, String name, Word place) {
    if (isSecretName(name)) {
      findings.add(
          new Finding(
              Rule.SECRETS_USED_IN_ARG_OR_ENV,
              place.span(),
              instruction
                  + " "
                  + Excerpt.of(name)
                  + " seems to hold a secret, which the image would tell everybody"));
    }
  }

  /// The one that does not count is the earlier.
  private void once(String name, Instruction instruction) {
    var earlier = seen.put(name, instruction);
    if (earlier != null) {
      findings.add(
          new Finding(
              Rule.MULTIPLE_INSTRUCTIONS_DISALLOWED,
              earlier.span(),
              "this "
                  + name
                  + " means nothing: line "
                  + instruction.span().line()
                  + " replaces it"));
    }
  }
}
