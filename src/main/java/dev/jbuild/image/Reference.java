package dev.jbuild.image;

import dev.jbuild.failure.Printable;
import java.util.Locale;
import java.util.Optional;

/// The name of an image: a registry, a repository in it, and a tag or digest or both.
///
/// `[domain[:port]/]path[:tag][@digest]` in Docker's normal form: the first component is a domain
/// only if it has a dot, a colon or a capital letter or is `localhost`, else the domain is
/// `docker.io`; a path of one component there is in `library/`; without tag and digest the tag is
/// `latest` (distribution's reference grammar).
///
/// @param domain with its port, `docker.io`, `localhost:5000`
/// @param path the repository, `library/app`
public record Reference(String domain, String path, Optional<String> tag, Optional<Digest> digest) {

  private static final String HUB = "docker.io";
  private static final String HUB_INDEX = "index.docker.io";
  private static final String OFFICIAL = "library/";
  private static final String LATEST = "latest";
  private static final int LONGEST_NAME = 255;
  private static final int LONGEST_TAG = 128;
  private static final int LONGEST = 1024;

  private static final String DOMAIN =
      "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
          + "(?:\\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*(?::[0-9]{1,5})?"
          + "|\\[[a-fA-F0-9:]+\\](?::[0-9]{1,5})?";
  private static final String COMPONENT = "[a-z0-9]+(?:(?:\\.|__?|-+)[a-z0-9]+)*";
  private static final String IDENTIFIER = "[a-f0-9]{64}";
  private static final int IDENTIFIER_LENGTH = 64;

  public Reference {
    checkName(domain, path);
    tag.ifPresent(Reference::checkTag);
  }

  /// Reads a name as people write it.
  ///
  /// @throws IllegalArgumentException with a sentence that says what is wrong with it
  public static Reference parse(String text) {
    checkText(text);
    int at = text.indexOf('@');
    var name = at < 0 ? text : text.substring(0, at);
    Optional<Digest> digest =
        at < 0 ? Optional.empty() : Optional.of(Digest.parse(text.substring(at + 1)));
    int colon = name.lastIndexOf(':');
    Optional<String> tag = Optional.empty();
    if (colon > name.lastIndexOf('/')) {
      tag = Optional.of(name.substring(colon + 1));
      name = name.substring(0, colon);
    }
    if (tag.isEmpty() && digest.isEmpty()) {
      tag = Optional.of(LATEST);
    }
    if (isIdentifier(name)) {
      throw wrong(text, "64 hex digits are an image ID, not a name");
    }
    var domain = HUB;
    var path = name;
    if (hasDomain(name)) {
      int slash = name.indexOf('/');
      domain = name.substring(0, slash);
      path = name.substring(slash + 1);
    }
    if (domain.equals(HUB) || domain.equals(HUB_INDEX)) {
      domain = HUB;
      path = path.indexOf('/') < 0 ? OFFICIAL + path : path;
    }
    return new Reference(domain, path, tag, digest);
  }

  /// What is wrong with `text` as an image name; empty if it is one.
  public static Optional<String> problem(String text) {
    try {
      parse(text);
      return Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.ofNullable(e.getMessage());
    }
  }

  private static void checkText(String text) {
    if (text.isEmpty()) {
      throw new IllegalArgumentException("the image name is empty");
    }
    if (text.length() > LONGEST) {
      throw new IllegalArgumentException(
          "the image name is too long: " + text.length() + " characters");
    }
    if (text.contains("://")) {
      throw wrong(text, "it must not begin with a scheme");
    }
  }

  private static boolean isIdentifier(String name) {
    return name.length() == IDENTIFIER_LENGTH && name.matches(IDENTIFIER);
  }

  /// Whether `component` has nothing but small letters and digits, as most have. Regular
  /// expressions take long to load.
  private static boolean isWord(String component) {
    for (int i = 0; i < component.length(); i++) {
      char c = component.charAt(i);
      if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))) {
        return false;
      }
    }
    return !component.isEmpty();
  }

  private static boolean isTag(String tag) {
    for (int i = 0; i < tag.length(); i++) {
      char c = tag.charAt(i);
      boolean isLetter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
      boolean isDigit = c >= '0' && c <= '9';
      if (!isLetter && !isDigit && (i == 0 || (c != '.' && c != '-'))) {
        return false;
      }
    }
    return !tag.isEmpty();
  }

  private static boolean hasDomain(String name) {
    int slash = name.indexOf('/');
    if (slash < 0) {
      return false;
    }
    var first = name.substring(0, slash);
    return first.indexOf('.') >= 0
        || first.indexOf(':') >= 0
        || first.equals("localhost")
        || !first.equals(first.toLowerCase(Locale.ROOT));
  }

  private static void checkName(String domain, String path) {
    var name = domain + "/" + path;
    if (name.length() > LONGEST_NAME) {
      throw new IllegalArgumentException(
          "the image name is longer than " + LONGEST_NAME + " characters: " + Printable.of(name));
    }
    if (!domain.equals(HUB) && !domain.matches(DOMAIN)) {
      throw wrong(name, "\"" + Printable.of(domain) + "\" is not a host");
    }
    for (var component : path.split("/", -1)) {
      if (!isWord(component) && !component.matches(COMPONENT)) {
        var typed = domain.equals(HUB) && isOfficial(path) ? officialName(path) : path;
        throw wrongComponent(typed, component);
      }
    }
  }

  private static IllegalArgumentException wrongComponent(String path, String component) {
    var lower = component.toLowerCase(Locale.ROOT);
    if (component.isEmpty()) {
      return wrong(path, "a component is empty");
    }
    if (!lower.equals(component) && lower.matches(COMPONENT)) {
      return wrong(path, "it must be lower case: " + Printable.of(path.toLowerCase(Locale.ROOT)));
    }
    return wrong(
        path,
        "\""
            + Printable.of(component)
            + "\" is not made of a-z and 0-9 with single . _ __ or - between them");
  }

  private static void checkTag(String tag) {
    if (tag.length() > LONGEST_TAG) {
      throw new IllegalArgumentException(
          "the tag is longer than " + LONGEST_TAG + " characters: " + Printable.of(tag));
    }
    if (!isTag(tag)) {
      throw new IllegalArgumentException(
          "\""
              + Printable.of(tag)
              + "\" is not a tag: letters, digits and _, after the first also . and -");
    }
  }

  private static IllegalArgumentException wrong(String name, String why) {
    return new IllegalArgumentException(
        "\"" + Printable.of(name) + "\" is not an image name: " + why);
  }

  /// This name with another tag; a digest stays.
  public Reference withTag(String replacement) {
    return new Reference(domain, path, Optional.of(replacement), digest);
  }

  /// This name with another digest; a tag stays.
  public Reference withDigest(Digest replacement) {
    return new Reference(domain, path, tag, Optional.of(replacement));
  }

  /// The whole name, `docker.io/library/app:1`; [#parse] gives this reference back.
  public String full() {
    return domain + "/" + path + suffix();
  }

  /// The name as people write it, `app:1`; [#parse] gives this reference back.
  public String familiar() {
    return repositoryName() + suffix();
  }

  /// The familiar name without tag and digest, `app`.
  public String repositoryName() {
    if (!domain.equals(HUB)) {
      return domain + "/" + path;
    }
    if (isOfficial(path)) {
      var official = officialName(path);
      return isIdentifier(official) ? domain + "/" + path : official;
    }
    return hasDomain(path) ? domain + "/" + path : path;
  }

  private static boolean isOfficial(String path) {
    return path.startsWith(OFFICIAL) && path.indexOf('/', OFFICIAL.length()) < 0;
  }

  private static String officialName(String path) {
    return path.substring(OFFICIAL.length());
  }

  private String suffix() {
    return tag.map(text -> ":" + text).orElse("") + digest.map(value -> "@" + value).orElse("");
  }

  @Override
  public String toString() {
    return full();
  }
}
