package dev.jbuild.registry;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.http.PassingException;
import dev.jbuild.http.WebAnswer;
import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.Reference;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What registries hold: their repositories, tags and manifests.
public final class RemoteImages {

  /// Tags that are looked at before a digest is deleted.
  private static final int MOST_TAGS = 1000;

  private final Registries registries;

  public RemoteImages(Registries registries) {
    this.registries = registries;
  }

  /// A manifest or index in a registry, with what refers to it.
  public record Remote(Descriptor descriptor, byte[] bytes, List<Descriptor> referrers) {

    public Remote {
      referrers = List.copyOf(referrers);
    }
  }

  /// The repositories of a registry, as far as it tells.
  public List<String> repositories(String host) throws IOException, InterruptedException {
    return registries.host(host).list("v2/_catalog?n=1000", "repositories", Scope.CATALOG);
  }

  /// The tags of a repository.
  ///
  /// @throws BuildFailure REGISTRY if there is no such repository
  public List<String> tags(Reference name) throws IOException, InterruptedException {
    var repository = registries.repository(name);
    return repository.host().list(repository.at("tags/list?n=1000"), "tags", repository.pull());
  }

  /// What a name stands for, as the registry itself says. A mirror, whose word may be old, is asked
  /// only if the registry gives no answer.
  ///
  /// @throws BuildFailure REGISTRY if there is nothing
  public Remote inspect(Reference name) throws IOException, InterruptedException {
    var sources = registries.sources(name);
    Optional<Remote> found;
    try {
      found = inspect(sources.getLast(), name);
    } catch (BuildFailure e) {
      found = inspectMirror(sources.subList(0, sources.size() - 1), name, e);
    }
    return found.orElseThrow(() -> missing(name));
  }

  /// @param failure of the registry itself, which is the one to tell if no mirror has anything
  private static Optional<Remote> inspectMirror(
      List<Repository> mirrors, Reference name, BuildFailure failure)
      throws IOException, InterruptedException {
    for (var mirror : mirrors) {
      try {
        var found = inspect(mirror, name);
        if (found.isPresent()) {
          return found;
        }
      } catch (BuildFailure e) {
        failure.addSuppressed(e);
      }
    }
    throw failure;
  }

  private static Optional<Remote> inspect(Repository repository, Reference name)
      throws IOException, InterruptedException {
    var asked = name.digest().map(Digest::toString).or(name::tag).orElseThrow();
    var found = repository.manifest(asked, name.digest());
    if (found.isEmpty()) {
      return Optional.empty();
    }
    var descriptor = found.get().descriptor();
    var referrers = repository.referrers(descriptor.digest());
    return Optional.of(new Remote(descriptor, found.get().bytes(), referrers));
  }

  private static BuildFailure missing(Reference name) {
    return Failures.of("there is no image " + name.familiar() + " on " + name.domain())
        .hint("jbuild registry tags " + name.repositoryName() + " lists what there is");
  }

  /// Deletes a tag, or a manifest with all its tags.
  ///
  /// A registry that cannot delete a tag deletes its manifest, but only if no other tag needs it.
  ///
  /// @throws BuildFailure REGISTRY if there is nothing, or nothing can be deleted there
  public void delete(Reference name) throws IOException, InterruptedException {
    var repository = registries.repository(name);
    if (name.digest().isPresent()) {
      delete(repository, name, name.digest().get().toString());
      return;
    }
    var tag = name.tag().orElseThrow();
    String said;
    var call =
        Call.of("DELETE", repository.at("manifests/" + tag), Scope.delete(repository.path()));
    try (var answer = repository.host().exchange(call)) {
      if (answer.status() == 202 || answer.status() == 200) {
        return;
      }
      if (answer.status() == 404) {
        throw missing(name);
      }
      if (answer.status() != 400 && answer.status() != 405) {
        throw repository.host().unexpected(call, answer);
      }
      said = said(answer);
    }
    if (isDenied(said)) {
      throw nothingIsDeleted(name, said);
    }
    var found = repository.manifest(tag, Optional.empty()).orElseThrow(() -> missing(name));
    requireAlone(repository, name, found.descriptor().digest(), said);
    delete(repository, name, found.descriptor().digest().toString());
  }

  private static String said(WebAnswer answer) throws InterruptedException {
    try {
      return Failures.said(answer.read(Failures.LONGEST_ANSWER));
    } catch (PassingException e) {
      return "";
    }
  }

  /// Whether the registry could do it, but does not.
  private static boolean isDenied(String said) {
    return said.startsWith(" (DENIED");
  }

  private static BuildFailure nothingIsDeleted(Reference name, String said) {
    var failure = Failures.of(name.domain() + " does not allow anything to be deleted" + said);
    return isDenied(said) // with a reason, which says better what can be done
        ? failure
        : failure.hint(
            "its operator can allow it, in docker's registry with storage.delete.enabled");
  }

  /// @param said why the registry does not delete the tag
  private void requireAlone(Repository repository, Reference name, Digest digest, String said)
      throws IOException, InterruptedException {
    var others = new ArrayList<String>();
    var tags = tags(name);
    if (tags.size() > MOST_TAGS) {
      throw Failures.of(
              name.domain()
                  + " cannot delete a tag alone"
                  + said
                  + ", and there are too many tags to look which of them"
                  + " would go with it")
          .hint("to delete them all: jbuild registry rm " + name.repositoryName() + "@" + digest);
    }
    for (var each : tags) {
      boolean own = each.equals(name.tag().orElse(""));
      if (!own && digest(repository, each).filter(digest::equals).isPresent()) {
        others.add(each);
      }
    }
    if (!others.isEmpty()) {
      throw Failures.of(
              name.domain()
                  + " cannot delete a tag alone"
                  + said
                  + ", and "
                  + String.join(", ", others.subList(0, Math.min(5, others.size())))
                  + " would go with it")
          .hint("to delete them all: jbuild registry rm " + name.repositoryName() + "@" + digest);
    }
  }

  /// What a tag stands for; not every registry says so without giving the document.
  private static Optional<Digest> digest(Repository repository, String tag)
      throws IOException, InterruptedException {
    var claimed = repository.claimedDigest(tag);
    return claimed.isPresent()
        ? claimed
        : repository.manifest(tag, Optional.empty()).map(each -> each.descriptor().digest());
  }

  private static void delete(Repository repository, Reference name, String digest)
      throws IOException, InterruptedException {
    var call =
        Call.of("DELETE", repository.at("manifests/" + digest), Scope.delete(repository.path()));
    var answer = repository.host().exchange(call);
    if (answer.status() == 202 || answer.status() == 200) {
      answer.close();
      return;
    }
    if (answer.status() == 404) {
      answer.close();
      throw missing(name);
    }
    if (answer.status() == 405) {
      try (answer) {
        throw nothingIsDeleted(name, said(answer));
      }
    }
    throw repository.host().unexpected(call, answer);
  }
}
