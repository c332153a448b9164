package dev.jbuild.build;

import dev.jbuild.dockerfile.StageRules;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/// The values of variables whose names speak of secrets, by which other values are known that have
/// one in them: `DB_URL=postgres://u:$DB_PASSWORD@h`.
record SecretValues(Set<String> values) {

  /// A shorter value is found everywhere.
  private static final int SHORTEST = 4;

  private static final Pattern PASSWORD_OF_URL = Pattern.compile("://[^/\\s@]*:[^/\\s@]+@");

  SecretValues {
    values = Set.copyOf(values);
  }

  /// Those among the inputs of steps.
  static SecretValues of(Collection<? extends Map<String, String>> steps) {
    var values = new HashSet<String>();
    for (var inputs : steps) {
      inputs.forEach(
          (name, value) -> {
            if (name.startsWith(StepInputs.VARIABLE)
                && StageRules.isSecretName(name.substring(StepInputs.VARIABLE.length()))
                && value.length() >= SHORTEST) {
              values.add(value);
            }
          });
    }
    return new SecretValues(values);
  }

  /// Whether the value of a variable is not to be told.
  boolean isIn(String variable, String value) {
    return StageRules.isSecretName(variable)
        || PASSWORD_OF_URL.matcher(value).find()
        || values.stream().anyMatch(value::contains);
  }
}
