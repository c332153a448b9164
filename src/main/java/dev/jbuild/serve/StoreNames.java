package dev.jbuild.serve;

import dev.jbuild.image.Reference;
import java.util.Optional;
import java.util.function.Predicate;

/// How the names of images in jbuild's store and the repositories of a registry go together.
///
/// | image | repository |
/// |---|---|
/// | `app:1`, that is `docker.io/library/app:1` | `app`; also asked for as `library/app` |
/// | `team/app:1` | `team/app` |
/// | `localhost:5000/app:1`, if this is the registry on port 5000 | `app` |
/// | `quay.io/team/app:1` | `quay.io/team/app` |
///
/// An image of another registry with a port has no repository: a repository's name has no colon.
final class StoreNames {

  private static final String HUB = "docker.io";
  private static final String OFFICIAL = "library/";

  private final Predicate<String> own;

  /// @param own whether a domain (`localhost:5000`) is this registry
  StoreNames(Predicate<String> own) {
    this.own = own;
  }

  /// The repository that an image is in.
  Optional<RepositoryName> repository(Reference image) {
    return Optional.of(path(image)).filter(RepositoryName::isValid).map(RepositoryName::new);
  }

  private String path(Reference image) {
    if (own.test(image.domain())) {
      return image.path();
    }
    if (!image.domain().equals(HUB)) {
      return image.domain() + "/" + image.path();
    }
    var path = image.path();
    boolean official = path.startsWith(OFFICIAL) && path.indexOf('/', OFFICIAL.length()) < 0;
    return official ? path.substring(OFFICIAL.length()) : path;
  }

  /// The name that `library/app` and `app` have in common.
  static RepositoryName plain(RepositoryName name) {
    var text = name.text();
    boolean official = text.startsWith(OFFICIAL) && text.indexOf('/', OFFICIAL.length()) < 0;
    return official ? new RepositoryName(text.substring(OFFICIAL.length())) : name;
  }

  /// The name of an image that is pushed and has no name here yet.
  ///
  /// @throws Refusal if the store cannot call an image so
  static Reference image(RepositoryName name, Tag tag) {
    try {
      return Reference.parse(name + ":" + tag);
    } catch (IllegalArgumentException e) {
      throw Refusal.bad(ErrorCode.NAME_INVALID, String.valueOf(e.getMessage()));
    }
  }

  /// Whether the name was given for this registry.
  boolean isOwn(Reference image) {
    return own.test(image.domain());
  }
}
