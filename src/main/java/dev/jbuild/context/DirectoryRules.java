package dev.jbuild.context;

/// What ignore rules say of the names in one directory. For one thread.
final class DirectoryRules {

  private final IgnoreRules rules;
  private final Verdict above;
  private final PatternIndex.Inside patterns;

  /// @param above the verdict over the directory
  DirectoryRules(IgnoreRules rules, Verdict above, PatternIndex.Inside patterns) {
    this.rules = rules;
    this.above = above;
    this.patterns = patterns;
  }

  /// What they say of `name`.
  Verdict decide(byte[] name) {
    return rules.isEmpty() ? above : above.below(patterns.matching(name), rules::includes);
  }
}
