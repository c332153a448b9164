package dev.jbuild.plan;

import dev.jbuild.failure.Span;
import dev.jbuild.failure.Utf8;
import java.io.ByteArrayOutputStream;
import java.util.regex.Pattern;

/// Tells paths, URLs and git repositories apart. A source is what it looks like once its variables
/// are replaced.
final class RemoteSource {

  private static final String UNNAMED = "__unnamed__";
  private static final String HTTP = "(?s)https?://[^/?#]*([^?#]*).*";
  private static final String GIT = "(?s)(git|ssh)://.*|[A-Za-z0-9_.-]+@[A-Za-z0-9_.-]+:[^:].*";

  private RemoteSource() {}

  /// `https://host/x.git`, `git://`, `ssh://` and `user@host:path` are git; other `http://` and
  /// `https://`, in lower case, are URLs; anything else, `github.com/x/y` too, is a path.
  static CopySource classify(String text, Span span) {
    if (text.indexOf(':') < 0) {
      return new CopySource.Files(text, span);
    }
    var http = Pattern.compile(HTTP).matcher(text);
    if (http.matches()) {
      return http.group(1).endsWith(".git")
          ? new CopySource.Git(text, span)
          : new CopySource.Url(text, fileName(http.group(1)), span);
    }
    return text.matches(GIT) ? new CopySource.Git(text, span) : new CopySource.Files(text, span);
  }

  /// The last component of a URL's path; never one that would lead elsewhere, as `..`.
  private static String fileName(String path) {
    var bytes = new ByteArrayOutputStream();
    byte[] raw = Utf8.encode(path);
    for (int i = 0; i < raw.length; i++) {
      if (raw[i] != '%') {
        bytes.write(raw[i]);
        continue;
      }
      int high = i + 2 < raw.length ? Character.digit(raw[i + 1], 16) : -1;
      int low = i + 2 < raw.length ? Character.digit(raw[i + 2], 16) : -1;
      if (high < 0 || low < 0) {
        return UNNAMED;
      }
      bytes.write(high * 16 + low);
      i += 2;
    }
    var name = ImagePath.baseName(Utf8.decode(bytes.toByteArray()));
    return ImagePath.isFileName(name) ? name : UNNAMED;
  }
}
