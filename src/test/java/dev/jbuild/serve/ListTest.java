package dev.jbuild.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.serve.ServedRegistry.Kind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Lists of tags and repositories, and the names in addresses.
class ListTest {

  @TempDir Path temp;

  @ParameterizedTest
  @EnumSource
  void tagsComeSortedAndInPages(Kind kind) throws Exception {
    try (var served = ServedRegistry.of(temp, kind)) {
      var caller = served.caller;
      caller.call("GET", "/v2/app/tags/list").is(404, "NAME_UNKNOWN");
      var digest = caller.pushImage("app", "b", "layer");
      var manifest = caller.call("GET", "/v2/app/manifests/b").bytes();
      for (var tag : List.of("B", "1.10", "1.9", "a_b", "_x")) {
        caller.put("app", tag, manifest).is(201);
      }
      var sorted = List.of("1.10", "1.9", "B", "_x", "a_b", "b");
      var all = caller.call("GET", "/v2/app/tags/list").is(200);
      assertEquals("app", all.text().replaceFirst(".*\"name\":\"(.*?)\".*", "$1"));
      assertEquals(sorted, caller.list(all, "tags"));
      assertEquals(Optional.empty(), all.header("Link"));

      var found = new ArrayList<String>();
      var next = Optional.of("/v2/app/tags/list?n=4");
      int pages = 0;
      while (next.isPresent()) {
        var page = caller.call("GET", next.get()).is(200);
        found.addAll(caller.list(page, "tags"));
        next = page.header("Link").map(link -> link.substring(1, link.indexOf(">; rel=\"next\"")));
        pages++;
      }
      assertEquals(sorted, found);
      assertEquals(2, pages);
      assertEquals(
          List.of("_x", "a_b"),
          caller.list(caller.call("GET", "/v2/app/tags/list?n=2&last=B"), "tags"));
      assertEquals(
          List.of("_x", "a_b", "b"),
          caller.list(caller.call("GET", "/v2/app/tags/list?last=Bnotatag"), "tags"));
      caller.call("DELETE", "/v2/app/manifests/" + digest).is(202);
    }
  }

  /// Case 130 (CVE-2023-2253).
  @Test
  void theNumberAskedForIsNotAnAllocation() throws Exception {
    try (var served = ServedRegistry.of(temp)) {
      var caller = served.caller;
      caller.pushImage("app", "1", "layer");
      for (var path : List.of("/v2/app/tags/list", "/v2/_catalog")) {
        for (var n : List.of("2147483647", "99999999999999999999", "1")) {
          assertTrue(caller.call("GET", path + "?n=" + n).is(200).text().contains("[\""));
        }
        var none = caller.call("GET", path + "?n=0").is(200);
        assertTrue(none.text().contains("[]"), none.text());
        assertEquals(Optional.empty(), none.header("Link"));
        caller.call("GET", path + "?n=-1").is(400, "UNSUPPORTED");
        caller.call("GET", path + "?n=x").is(400, "UNSUPPORTED");
        caller.call("GET", path + "?last=" + "x".repeat(20_000)).is(431, "UNSUPPORTED");
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void repositoriesAreListed(Kind kind) throws Exception {
    try (var served = ServedRegistry.of(temp, kind)) {
      var caller = served.caller;
      assertEquals(List.of(), caller.list(caller.call("GET", "/v2/_catalog"), "repositories"));
      for (var name : List.of("zoo", "team/app", "a", "a/blobs/uploads", "a/manifests/b/tags")) {
        caller.pushImage(name, "1", "layer");
        caller.call("GET", "/v2/" + name + "/manifests/1").is(200);
        caller.call("GET", "/v2/" + name + "/tags/list").is(200);
      }
      caller.begin("nothing-yet");
      var sorted = List.of("a", "a/blobs/uploads", "a/manifests/b/tags", "team/app", "zoo");
      assertEquals(sorted, caller.list(caller.call("GET", "/v2/_catalog"), "repositories"));
      var page = caller.call("GET", "/v2/_catalog?n=2&last=a");
      assertEquals(sorted.subList(1, 3), caller.list(page, "repositories"));
      assertEquals(
          Optional.of("</v2/_catalog?n=2&last=a%2Fmanifests%2Fb%2Ftags>; rel=\"next\""),
          page.header("Link"));
    }
  }

  /// Case 129: nothing in an address leads out of the registry.
  @ParameterizedTest
  @EnumSource
  void namesThatAreNoneAreRefused(Kind kind) throws Exception {
    try (var served = ServedRegistry.of(temp, kind)) {
      var caller = served.caller;
      for (var name :
          List.of(
              "..",
              "../../etc",
              "%2e%2e%2f%2e%2e%2fetc",
              "a%00b",
              "App",
              "a..b",
              "a//b",
              "-a",
              "a-",
              "a___b",
              "a%2F",
              "%C3%A9",
              "a%20b",
              "a".repeat(256),
              "a".repeat(10_000),
              "a/".repeat(127) + "ab")) {
        var raw = name.startsWith("..") ? name.replace(".", "%2e") : name;
        caller.call("GET", "/v2/" + raw + "/manifests/x").is(400, "NAME_INVALID");
        caller.call("POST", "/v2/" + raw + "/blobs/uploads/").is(400, "NAME_INVALID");
        caller.call("GET", "/v2/" + raw + "/tags/list").is(400, "NAME_INVALID");
      }
      for (var tag :
          List.of("a%2fb", "a/b", "..", "-a", "a".repeat(129), "%00", "a%0ab", "%E2%82%AC")) {
        var raw = tag.equals("..") ? "%2e%2e" : tag;
        caller.put("app", raw, new byte[0]).is(400, "NAME_INVALID");
      }
      caller.call("GET", "/v2/app/manifests/%C3").is(400, "NAME_INVALID");
      caller.call("GET", "/v2/app/other").is(404, "UNSUPPORTED");
      caller.call("POST", "/v2/app/tags/list").is(405, "UNSUPPORTED");
      caller.call("GET", "/v2/").is(200);
      caller.call("GET", "/v2").is(200);
      assertEquals(List.of(), served.troubles);
    }
  }
}
