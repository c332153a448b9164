package dev.jbuild.dockerfile;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Everything that a lint run looks for. Documentation, reports and `check=` know the rules by this
/// table; `docs/rules` has a page for each.
///
/// The rules of BuildKit have BuildKit's names and find what BuildKit finds.
public enum Rule {
  STAGE_NAME_CASING(
      "StageNameCasing",
      Kind.BUILDKIT,
      "Names of stages are written in lower case",
      "write the name in lower case",
      check("stage-name-casing")),
  FROM_AS_CASING(
      "FromAsCasing",
      Kind.BUILDKIT,
      "FROM and AS are written in the same case",
      "write both in capitals, or both in small letters",
      check("from-as-casing")),
  NO_EMPTY_CONTINUATION(
      "NoEmptyContinuation",
      Kind.BUILDKIT,
      "A continued instruction has no empty lines",
      "remove the empty line, or make a comment of it",
      check("no-empty-continuation")),
  CONSISTENT_INSTRUCTION_CASING(
      "ConsistentInstructionCasing",
      Kind.BUILDKIT,
      "All instructions are written in the same case",
      "write all instructions in capitals, or all in small letters",
      check("consistent-instruction-casing")),
  DUPLICATE_STAGE_NAME(
      "DuplicateStageName",
      Kind.BUILDKIT,
      "Every stage has a name of its own",
      "give one of the stages another name",
      check("duplicate-stage-name")),
  RESERVED_STAGE_NAME(
      "ReservedStageName",
      Kind.BUILDKIT,
      "No stage is called scratch or context",
      "give the stage another name",
      check("reserved-stage-name")),
  JSON_ARGS_RECOMMENDED(
      "JSONArgsRecommended",
      Kind.BUILDKIT,
      "CMD and ENTRYPOINT are JSON arrays, so that signals reach the program",
      "write a JSON array, as [\"program\", \"argument\"]",
      check("json-args-recommended")),
  MAINTAINER_DEPRECATED(
      "MaintainerDeprecated",
      Kind.BUILDKIT,
      "A label names the author, not MAINTAINER",
      "write LABEL org.opencontainers.image.authors=\"…\" instead",
      check("maintainer-deprecated")),
  UNDEFINED_ARG_IN_FROM(
      "UndefinedArgInFrom",
      Kind.BUILDKIT,
      "Variables in FROM are declared by an ARG above the first FROM",
      "declare it with ARG above the first FROM",
      check("undefined-arg-in-from")),
  UNDEFINED_VAR(
      "UndefinedVar",
      Kind.BUILDKIT,
      "Variables are set before they are used",
      "set it above with ENV or ARG, or say what stands in for it: ${name:-default}",
      check("undefined-var")),
  WORKDIR_RELATIVE_PATH(
      "WorkdirRelativePath",
      Kind.BUILDKIT,
      "The first WORKDIR is absolute, so that it does not depend on the base image",
      "begin the path with a slash",
      check("workdir-relative-path")),
  MULTIPLE_INSTRUCTIONS_DISALLOWED(
      "MultipleInstructionsDisallowed",
      Kind.BUILDKIT,
      "A stage has one CMD, one ENTRYPOINT and one HEALTHCHECK, since only the last counts",
      "remove all but the last",
      check("multiple-instructions-disallowed")),
  LEGACY_KEY_VALUE_FORMAT(
      "LegacyKeyValueFormat",
      Kind.BUILDKIT,
      "ENV and LABEL have an = between name and value",
      "put an = between them, and quotes around a value with blanks",
      check("legacy-key-value-format")),
  INVALID_BASE_IMAGE_PLATFORM(
      "InvalidBaseImagePlatform",
      Kind.BUILDKIT,
      "A base image is for the platform that is built for",
      "use an image for that platform, or build for the image's own",
      reference("from")),
  REDUNDANT_TARGET_PLATFORM(
      "RedundantTargetPlatform",
      Kind.BUILDKIT,
      "FROM does not repeat the platform that it has anyhow",
      "remove the --platform",
      check("redundant-target-platform")),
  SECRETS_USED_IN_ARG_OR_ENV(
      "SecretsUsedInArgOrEnv",
      Kind.BUILDKIT,
      "ARG and ENV hold no secrets, which everybody who has the image can read",
      "give the secret to the step that needs it: RUN --mount=type=secret",
      check("secrets-used-in-arg-or-env")),
  INVALID_DEFAULT_ARG_IN_FROM(
      "InvalidDefaultArgInFrom",
      Kind.BUILDKIT,
      "FROM names an image also if no build argument is given",
      "give the ARG a default that makes a whole image name",
      check("invalid-default-arg-in-from")),
  FROM_PLATFORM_FLAG_CONST_DISALLOWED(
      "FromPlatformFlagConstDisallowed",
      Kind.BUILDKIT,
      "The platform in FROM is not a constant, which would build for that one only",
      "remove the --platform, or use a variable such as $BUILDPLATFORM",
      check("from-platform-flag-const-disallowed")),
  COPY_IGNORED_FILE(
      "CopyIgnoredFile",
      Kind.BUILDKIT,
      "COPY and ADD name no file that the ignore file leaves out",
      "take it back in with a line that begins with !, or do not copy it",
      check("copy-ignored-file")),
  INVALID_DEFINITION_DESCRIPTION(
      "InvalidDefinitionDescription",
      Kind.EXPERIMENTAL,
      "A comment right above an ARG or a named FROM begins with the name that it describes",
      "begin the comment with the name, or put an empty line below it",
      check("invalid-definition-description")),
  EXPOSE_PROTO_CASING(
      "ExposeProtoCasing",
      Kind.BUILDKIT,
      "The protocol in EXPOSE is written in lower case",
      "write the protocol in lower case",
      check("expose-proto-casing")),
  EXPOSE_INVALID_FORMAT(
      "ExposeInvalidFormat",
      Kind.BUILDKIT,
      "EXPOSE names ports of the container, no addresses and no ports of the host",
      "leave only the container's port, as 80/tcp",
      check("expose-invalid-format")),
  CHMOD_WITHOUT_EXECUTE(
      "ChmodWithoutExecute",
      Kind.ADVICE, // a build tells when it makes such a directory
      "An octal --chmod lets the directories be entered that the copy makes",
      "end the destination with a slash, or write a symbolic mode, as --chmod=u=rw,go=r",
      reference("copy---chown---chmod")),
  LINKED_COPY_ONTO_DIRECTORY(
      "LinkedCopyOntoDirectory",
      Kind.MISTAKE,
      "COPY --link into a directory has a slash at the end of its destination",
      "end the destination with a slash",
      reference("copy---link")),
  PLATFORM_ARG_DEFAULT(
      "PlatformArgDefault",
      Kind.MISTAKE,
      "The automatic platform arguments have no defaults, which would win over their values",
      "remove the default",
      reference("automatic-platform-args-in-the-global-scope")),
  APT_LISTS_KEPT(
      "AptListsKept",
      Kind.ADVICE,
      "The package lists of apt do not stay in a layer",
      "end the same RUN with: && rm -rf /var/lib/apt/lists/*",
      "https://docs.docker.com/build/building/best-practices/#apt-get"),
  UNPINNED_BASE_IMAGE(
      "UnpinnedBaseImage",
      Kind.ADVICE,
      "A base image has a tag other than latest, or a digest",
      "name a version, as image:1.2, or a digest",
      "https://docs.docker.com/build/building/best-practices/#pin-base-image-versions"),
  COPY_BEFORE_INSTALL(
      "CopyBeforeInstall",
      Kind.ADVICE,
      "Dependencies are installed before all files are copied, so that the cache keeps them",
      "copy the files that list the dependencies, install, and copy the rest then",
      "https://docs.docker.com/build/cache/optimize/#order-your-layers"),
  SHELL_FORM_ENTRYPOINT(
      "ShellFormEntrypoint",
      Kind.ADVICE,
      "An ENTRYPOINT passes signals and arguments on to its program",
      "write a JSON array, or begin the command with exec",
      reference("shell-form-entrypoint-example")),
  UNKNOWN_CHECK(
      "UnknownCheck",
      Kind.ADVICE,
      "A check comment names rules that there are",
      "write # check=skip=RuleName",
      reference("check"));

  private static final List<String> NAMES = Arrays.stream(values()).map(Rule::ruleName).toList();

  /// Whose rule it is, which decides where it is heard.
  public enum Kind {
    /// BuildKit's. Builds show it, and `check=error=true` makes a failure of it.
    BUILDKIT,
    /// BuildKit's, and heard only if `check=experimental=` asks for it.
    EXPERIMENTAL,
    /// Ours: the image is probably not the one that is meant. Builds show it.
    MISTAKE,
    /// Ours: it could be done better. Only lint runs show it.
    ADVICE
  }

  private final String name;
  private final Kind kind;
  private final String description;
  private final String advice;
  private final String link;

  Rule(String name, Kind kind, String description, String advice, String link) {
    this.name = name;
    this.kind = kind;
    this.description = description;
    this.advice = advice;
    this.link = link;
  }

  private static String check(String page) {
    return "https://docs.docker.com/go/dockerfile/rule/" + page + "/";
  }

  private static String reference(String section) {
    return "https://docs.docker.com/reference/dockerfile/#" + section;
  }

  /// The rule that `check=` calls so; upper and lower case are told apart, as BuildKit does.
  public static Optional<Rule> named(String name) {
    return Arrays.stream(values()).filter(rule -> rule.name.equals(name)).findFirst();
  }

  static List<String> names() {
    return NAMES;
  }

  /// `UndefinedVar`: as it is reported, and as `check=skip=` has it.
  public String ruleName() {
    return name;
  }

  public Kind kind() {
    return kind;
  }

  /// Whether it is BuildKit's.
  public boolean isBuildKits() {
    return kind == Kind.BUILDKIT || kind == Kind.EXPERIMENTAL;
  }

  /// How it should be, in one sentence without a final stop.
  public String description() {
    return description;
  }

  /// How to mend a finding: an imperative without a final stop.
  public String advice() {
    return advice;
  }

  /// The path of its page in the repository.
  public String page() {
    return "docs/rules/" + name + ".md";
  }

  /// What others have written about it: an absolute URI.
  public String link() {
    return link;
  }
}
