package dev.jbuild.plan;

import dev.jbuild.dockerfile.Expansion;
import dev.jbuild.dockerfile.Word;
import dev.jbuild.failure.Credentials;
import dev.jbuild.image.ContainerConfig;
import dev.jbuild.image.ImageConfig;
import dev.jbuild.image.Platform;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What is true at one place of a stage while its instructions are gone through in order.
final class StageState {

  static final List<String> DEFAULT_SHELL = List.of("/bin/sh", "-c");
  private static final List<String> WINDOWS_SHELL = List.of("cmd", "/S", "/C");

  private final Scope scope;
  private final Platform platform;
  private final Notices notices;
  private ContainerConfig config;
  private String author;
  private boolean cmdGiven;
  private boolean workdirGiven;
  private @Nullable Placed place;

  StageState(ImageConfig start, Scope scope, Platform platform, Notices notices) {
    this.config = start.config();
    this.author = start.author();
    this.scope = scope;
    this.platform = platform;
    this.notices = notices;
  }

  /// The beginning of a stage that is based on this one's end.
  StageState next(ImageConfig start) {
    var next = new StageState(start, scope.copy(), platform, notices);
    next.workdirGiven = workdirGiven;
    return next;
  }

  /// Goes on to the next instruction.
  void enter(Placed next) {
    place = next;
  }

  private Placed place() {
    return Objects.requireNonNull(place, "no instruction was entered");
  }

  /// The instruction that was entered.
  Placed placed() {
    return place();
  }

  /// The escape character here.
  char escape() {
    return place().escape();
  }

  /// `word` with the variables of this place.
  String expand(Word word) {
    return Expansion.expand(word, scope, place().escape());
  }

  /// The same, split at blanks. A variable without a value is no finding here, as with BuildKit:
  /// what is empty exposes nothing.
  List<String> expandWords(Word word) {
    return Expansion.expandWords(word, name -> scope.value(name), place().escape());
  }

  Scope scope() {
    return scope;
  }

  Platform platform() {
    return platform;
  }

  Notices notices() {
    return notices;
  }

  ContainerConfig config() {
    return config;
  }

  void config(ContainerConfig replacement) {
    config = replacement;
  }

  String author() {
    return author;
  }

  void author(String replacement) {
    author = replacement;
  }

  /// Whether the stage itself has had a CMD.
  boolean cmdGiven() {
    return cmdGiven;
  }

  void giveCmd() {
    cmdGiven = true;
  }

  /// Whether the Dockerfile has had a WORKDIR in this stage, or in those that it is based on.
  boolean workdirGiven() {
    return workdirGiven;
  }

  void giveWorkdir() {
    workdirGiven = true;
  }

  /// Where relative paths begin; absolute.
  String directory() {
    return ImagePath.workingDirectory(config.workingDir());
  }

  /// What runs the shell forms.
  List<String> shell() {
    var shell = config.shell();
    if (shell != null && !shell.isEmpty()) {
      return shell;
    }
    return platform.os().equals("windows") ? WINDOWS_SHELL : DEFAULT_SHELL;
  }

  /// The head of the step that this instruction becomes; ask when the config is as it will be.
  Step.Head head(String createdBy) {
    return head(Optional.of(createdBy));
  }

  Step.Head head(Optional<String> createdBy) {
    var place = place();
    var text = Credentials.hidden(InstructionText.of(place.instruction()));
    return new Step.Head(
        place.instruction().span(),
        place.triggered() ? "ONBUILD " + text : text,
        createdBy,
        config);
  }
}
