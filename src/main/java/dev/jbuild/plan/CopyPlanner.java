package dev.jbuild.plan;

import dev.jbuild.dockerfile.Expansion;
import dev.jbuild.dockerfile.Heredoc;
import dev.jbuild.dockerfile.Instruction.Add;
import dev.jbuild.dockerfile.Instruction.Copy;
import dev.jbuild.dockerfile.Instruction.Transfer;
import dev.jbuild.dockerfile.Word;
import dev.jbuild.failure.Credentials;
import dev.jbuild.failure.Printable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/// COPY and ADD.
final class CopyPlanner {

  private final StageTable table;
  private final StageState state;

  CopyPlanner(StageTable table, StageState state) {
    this.table = table;
    this.state = state;
  }

  CopyStep copy(Copy copy) {
    var origin =
        copy.from()
            .filter(word -> !word.text().isEmpty())
            .map(word -> table.from(word, "COPY", true))
            .orElse(new Origin.Context());
    return step(copy, "COPY", origin, copy.parents(), Optional.empty());
  }

  CopyStep add(Add add) {
    return step(add, "ADD", new Origin.Context(), false, Optional.of(add));
  }

  private CopyStep step(
      Transfer transfer, String name, Origin origin, boolean parents, Optional<Add> add) {
    var sources = new ArrayList<CopySource>();
    var history = new StringBuilder();
    for (var word : transfer.sources()) {
      var text = state.expand(word);
      history.append(' ').append(Credentials.hidden(text));
      sources.add(add.isPresent() ? RemoteSource.classify(text, word.span()) : local(text, word));
    }
    sources.addAll(inline(transfer.heredocs(), name));
    transfer.heredocs().forEach(document -> history.append(" <<").append(document.name()));
    var destination = state.expand(transfer.destination());
    history.append(' ').append(destination);
    var target = ImagePath.destination(state.directory(), destination);
    var chown = transfer.chown().map(state::expand).filter(text -> !text.isEmpty());
    var chmod = transfer.chmod().filter(word -> !state.expand(word).isEmpty()).map(this::chmod);
    boolean link = transfer.link() && chmod.isEmpty(); // as BuildKit, which cannot do both
    if (link) {
      chown.ifPresent(owner -> checkNumeric(transfer, name, owner));
    }
    var flags =
        (parents ? " --parents" : "")
            + chown.map(text -> " --chown=" + text).orElse("")
            + chmod.map(mode -> " --chmod=" + mode.text()).orElse("");
    return new CopyStep(
        state.head(name + flags + history + " # buildkit"),
        add.isPresent(),
        sources,
        target,
        origin,
        chown,
        chmod,
        transfer.excludes().stream().map(Word::text).toList(),
        link,
        parents,
        add.flatMap(Add::checksum).flatMap(word -> checksum(word, sources)),
        add.flatMap(Add::keepGitDir),
        add.flatMap(Add::unpack));
  }

  private static CopySource local(String text, Word word) {
    var source = RemoteSource.classify(text, word.span());
    if (source instanceof CopySource.Files) {
      return source;
    }
    var kind = source instanceof CopySource.Git ? "a git repository" : "a URL";
    throw Mistake.at(word.span(), "COPY: " + Printable.of(text) + " is " + kind)
        .hint("COPY takes files of the context, a stage or an image; ADD fetches");
  }

  /// Two documents of one name: the content of the last counts for both, so there is one file.
  private List<CopySource> inline(List<Heredoc> documents, String instruction) {
    var files = new LinkedHashMap<String, CopySource>();
    for (var document : documents) {
      if (!ImagePath.isFileName(document.name())) {
        throw Mistake.at(
                document.span(),
                instruction + ": " + Printable.of(document.name()) + " cannot be a file's name")
            .hint("the here-document's name becomes the name of a file: write it without a slash");
      }
      var content = Expansion.expandBody(document, state.scope());
      files.put(document.name(), new CopySource.Inline(document.name(), content, document.span()));
    }
    return List.copyOf(files.values());
  }

  private Chmod chmod(Word word) {
    try {
      return Chmod.parse(state.expand(word));
    } catch (IllegalArgumentException e) {
      throw Mistake.at(
          word.span(), "--chmod: \"" + Printable.of(state.expand(word)) + "\": " + e.getMessage());
    }
  }

  /// A linked copy knows no passwd file in which a name could be looked up.
  private static void checkNumeric(Transfer transfer, String name, String owner) {
    for (var part : owner.split(":", -1)) {
      if (!part.matches("[0-9]*|root")) {
        throw Mistake.at(
                transfer.chown().map(Word::span).orElse(transfer.span()),
                name
                    + ": with --link, --chown needs numbers: there is no file system to look up \""
                    + Printable.of(part)
                    + "\" in")
            .hint("write --chown=UID:GID, or leave --link away");
      }
    }
  }

  private Optional<String> checksum(Word word, List<CopySource> sources) {
    var text = state.expand(word);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    if (sources.size() != 1) {
      throw Mistake.at(word.span(), "ADD: --checksum needs exactly one source");
    }
    boolean fits =
        switch (sources.getFirst()) {
          case CopySource.Url _ -> text.matches("sha256:[0-9a-f]{64}");
          case CopySource.Git _ -> text.matches("[0-9a-f]{4,64}");
          case CopySource.Files _, CopySource.Inline _ ->
              throw Mistake.at(word.span(), "ADD: --checksum needs a URL or a git repository");
        };
    if (!fits) {
      throw Mistake.at(word.span(), "ADD: \"" + Printable.of(text) + "\" is not a checksum")
          .hint("sha256: and 64 hex digits for a URL, a commit's name for a git repository");
    }
    return Optional.of(text);
  }
}
