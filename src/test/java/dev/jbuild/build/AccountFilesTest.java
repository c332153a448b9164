package dev.jbuild.build;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.layer.Content;
import dev.jbuild.layer.LayerDraft;
import dev.jbuild.layer.LayerReader;
import dev.jbuild.store.Store;
import dev.jbuild.tar.ArchivePath;
import dev.jbuild.tar.TarEntry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Account files that an image made to hurt (reliability case 63).
class AccountFilesTest {

  private static final ArchivePath PASSWD = ArchivePath.of("etc/passwd");

  @TempDir Path temp;

  private Accounts accounts(TarEntry passwd, Content content, TarEntry... others)
      throws IOException {
    try (var store = Store.open(temp)) {
      var draft = new LayerDraft(OptionalLong.empty());
      draft.add(passwd, content, null);
      for (var other : others) {
        draft.add(other, AccountFilesTest::app, null);
      }
      var layers = new LayerReader(store);
      return AccountFiles.read(layers.view(List.of(draft.write(store).diffId())), layers);
    }
  }

  private static InputStream app() {
    return new ByteArrayInputStream("app:x:7:8::/:\n".getBytes(UTF_8));
  }

  private static TarEntry link(String target) {
    return TarEntry.symlink(PASSWD, target.getBytes(UTF_8), 0, 0, 1);
  }

  private static void knowsNobody(Accounts accounts) {
    assertThrows(BuildFailure.class, () -> accounts.forProcess("app"));
    assertEquals(0, accounts.forProcess("0").uid());
  }

  @Test
  void aLinkIsFollowedInsideTheImageOnly() throws IOException {
    knowsNobody(accounts(link("/etc/passwd"), Content.none())); // itself, and not this machine's
    knowsNobody(accounts(link("../../../../proc/self/environ"), Content.none()));
    var inside = TarEntry.file(ArchivePath.of("usr/people"), 0644, 0, 0, 14, 1);
    assertEquals(
        7, accounts(link("../../../usr/people"), Content.none(), inside).forProcess("app").uid());
  }

  @Test
  void whatIsNoFileIsNotOpened() throws IOException {
    knowsNobody(accounts(TarEntry.directory(PASSWD, 0755, 0, 0, 1), Content.none()));
  }

  /// CVE-2024-9676: somebody is found in the first 4 MiB, or is not there.
  @Test
  void anEndlessFileIsReadToALimit() throws IOException {
    int size = 9 << 20;
    var lines = new byte[size];
    java.util.Arrays.fill(lines, (byte) '\n');
    var last = "app:x:7:8::/:\n".getBytes(UTF_8);
    System.arraycopy(last, 0, lines, size - last.length, last.length);
    var file = TarEntry.file(PASSWD, 0644, 0, 0, size, 1);
    knowsNobody(accounts(file, () -> new ByteArrayInputStream(lines)));
  }

  /// CVE-2023-25173: of the groups that are in the file.
  @Test
  void aMillionMembersAreAGroupLikeAnother() {
    var group = "big:x:9:" + "other,".repeat(1_000_000) + "app\n";
    var accounts = new Accounts("app:x:7:8::/:\n".getBytes(UTF_8), group.getBytes(UTF_8));
    assertEquals(List.of(9L), accounts.forProcess("app").groups());
  }
}
