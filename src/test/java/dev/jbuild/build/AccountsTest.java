package dev.jbuild.build;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.failure.BuildFailure;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Users and groups as an image's own files tell them.
class AccountsTest {

  private static final Accounts ACCOUNTS =
      new Accounts(
          """
          root:x:0:0:root:/root:/bin/sh
          # no entry
          broken:x:notanumber:0::/:/bin/sh
          large:x:4294967295:1::/large:/bin/sh
          app:x:1000:1001:App:/home/app:/bin/sh
          homeless:x:1002:1002:::/bin/sh
          1234:x:55:66::/srv:/bin/sh
          real:x:1234:66::/home/real:/bin/sh
          """
              .getBytes(UTF_8),
          """
          root:x:0:
          staff:x:50:app,other
          app:x:1001:app
          wheel:x:10:other,app
          777:x:88:
          """
              .getBytes(UTF_8));
  private static final Accounts NONE = new Accounts(new byte[0], new byte[0]);

  @Test
  void aNameBringsItsIdsItsGroupsAndItsHome() {
    var expected = new Accounts.Identity(1000, 1001, List.of(50L, 10L), "/home/app");

    assertEquals(expected, ACCOUNTS.forProcess("app"));
    assertEquals(expected, ACCOUNTS.forProcess("1000"));
  }

  @Test
  void anExplicitGroupIsTheOnlyOne() {
    assertEquals(
        new Accounts.Identity(1000, 50, List.of(), "/home/app"), ACCOUNTS.forProcess("app:staff"));
    assertEquals(
        new Accounts.Identity(1000, 77, List.of(), "/home/app"), ACCOUNTS.forProcess("1000:77"));
  }

  @Test
  void namesMayBeDigits() { // 7: two numbers are what they say; else a name is looked for first
    assertEquals(
        new Accounts.Identity(1234, 777, List.of(), "/home/real"), ACCOUNTS.forProcess("1234:777"));
    assertEquals(new Accounts.Identity(55, 66, List.of(), "/srv"), ACCOUNTS.forProcess("1234"));
    assertEquals(
        new Accounts.Identity(55, 50, List.of(), "/srv"), ACCOUNTS.forProcess("1234:staff"));
    assertEquals("/", ACCOUNTS.forProcess("777:777").home());
  }

  @Test
  void aNumberNeedsNoEntry() {
    assertEquals(new Accounts.Identity(7, 0, List.of(), "/"), NONE.forProcess("7"));
    assertEquals(new Accounts.Identity(0, 0, List.of(), "/root"), NONE.forProcess(""));
    assertEquals("/", ACCOUNTS.forProcess("homeless").home());
  }

  @ParameterizedTest(name = "6.4 --chown={0}")
  @CsvSource({
    "1000,1000,1000",
    "app,1000,1001",
    "app:,1000,1001",
    "app:staff,1000,50",
    "app:5,1000,5",
    "1000:staff,1000,50",
    "root,0,0",
    "1234:777,1234,777",
    ":staff,0,50",
    "4294967294,4294967294,4294967294"
  })
  void chownTakesNamesAndNumbers(String spec, long uid, long gid) {
    assertEquals(new Accounts.Owner(uid, gid), ACCOUNTS.forFiles(spec));
  }

  @Test
  void whoIsUnknownIsToldByNameAndFile() {
    for (var name : List.of("nobody", "broken", "large", "4294967295", "-1")) { // 22
      var failure = assertThrows(BuildFailure.class, () -> ACCOUNTS.forFiles(name));
      assertTrue(
          String.valueOf(failure.getMessage()).contains("\"" + name + "\""), failure.toString());
      assertTrue(String.valueOf(failure.getMessage()).contains("/etc/passwd"), failure.toString());
      assertThrows(BuildFailure.class, () -> ACCOUNTS.forProcess(name));
    }
    var group = assertThrows(BuildFailure.class, () -> ACCOUNTS.forFiles("app:nogroup"));
    assertTrue(String.valueOf(group.getMessage()).contains("/etc/group"), group.toString());
    assertEquals(new Accounts.Owner(0, 0), NONE.forFiles("root:root"));
    assertThrows(BuildFailure.class, () -> NONE.forProcess("root\u001B[31m"));
  }
}
