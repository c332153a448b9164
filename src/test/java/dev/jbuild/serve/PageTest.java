package dev.jbuild.serve;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.serve.ServedRegistry.Kind;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What a browser sees.
class PageTest {

  private static final String EVIL = "<script>alert(1)</script>\\u001b[31m\\\" onload=\\\"x()";

  @TempDir Path temp;

  private static Caller.Answer page(Caller caller, String path) {
    var answer = caller.call("GET", path, "Accept", "text/html,application/xhtml+xml");
    assertEquals(Optional.of("text/html; charset=utf-8"), answer.header("Content-Type"), path);
    var policy = answer.header("Content-Security-Policy").orElseThrow();
    assertTrue(policy.startsWith("default-src 'none'"), policy);
    var text = answer.text();
    assertFalse(text.contains("<script"), text);
    assertFalse(text.contains("\u001b"), text);
    assertFalse(text.contains("\" onload"), text);
    assertTrue(text.contains("<meta name=viewport"), text);
    assertBalanced(text);
    return answer;
  }

  /// Every element that is opened is closed, in order.
  private static void assertBalanced(String html) {
    var open = new java.util.ArrayDeque<String>();
    var tags = java.util.regex.Pattern.compile("<(/?)([a-z0-9]+)[^>]*>").matcher(html);
    while (tags.find()) {
      var name = tags.group(2);
      if (List.of("meta", "link").contains(name)) {
        continue;
      }
      if (tags.group(1).isEmpty()) {
        open.push(name);
      } else {
        assertEquals(name, open.pop(), html);
      }
    }
    assertTrue(open.isEmpty(), html);
  }

  @ParameterizedTest
  @EnumSource
  void repositoriesTagsAndAnImageAreShown(Kind kind) throws Exception {
    try (var served = ServedRegistry.of(temp, kind)) {
      var caller = served.caller;
      assertTrue(page(caller, "/").is(200).text().contains("Nothing has been pushed yet"));
      var config =
          ("{\"architecture\":\"amd64\",\"os\":\"linux\",\"created\":\"2026-01-02T03:04:05Z\","
                  + "\"config\":{\"Cmd\":[\"run\",\"a b\"],\"Labels\":{\"a\":\""
                  + EVIL
                  + "\"}},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\""
                  + Caller.digest("one".getBytes(UTF_8))
                  + "\"]},\"history\":[{\"created_by\":\"COPY one /\"},"
                  + "{\"created_by\":\"ENV X="
                  + EVIL
                  + "\",\"empty_layer\":true}]}")
              .getBytes(UTF_8);
      var layer = "one".getBytes(UTF_8);
      caller.push("team/app", config);
      caller.push("team/app", layer);
      var manifest = Caller.manifest(",\"annotations\":{\"b\":\"" + EVIL + "\"}", config, layer);
      caller.put("team/app", "1", manifest).is(201);
      var about = ",\"subject\":" + Caller.descriptor(Caller.MANIFEST, manifest);
      var referrer = Caller.manifest(about + ",\"artifactType\":\"text/<b>\"", config);
      caller.put("team/app", Caller.digest(referrer), referrer).is(201);
      var index =
          ("{\"schemaVersion\":2,\"mediaType\":\""
                  + Caller.INDEX
                  + "\",\"manifests\":["
                  + Caller.descriptor(Caller.MANIFEST, manifest)
                      .replace("}", ",\"platform\":{\"os\":\"linux\",\"architecture\":\"arm64\"}}")
                  + "]}")
              .getBytes(UTF_8);
      caller.call("PUT", "/v2/team/app/manifests/i", index, "Content-Type", Caller.INDEX).is(201);

      var home = page(caller, "/").is(200).text();
      assertTrue(home.contains("<a href=\"/r/team/app\">team/app</a>"), home);
      assertTrue(home.contains("2 tags"), home);
      var tags = page(caller, "/r/team/app").is(200).text();
      assertTrue(tags.contains("<a href=\"/r/team/app:1\">1</a>"), tags);
      var image = page(caller, "/r/team/app:1").is(200).text();
      for (var part :
          List.of(
              "docker pull 127.0.0.1:" + served.registry.port() + "/team/app:1",
              Caller.digest(manifest),
              "linux/amd64",
              "2026-01-02 03:04 UTC",
              "run &#39;a b&#39;",
              "COPY one /",
              "&lt;script&gt;",
              "text/&lt;b&gt;",
              "1 layer")) {
        assertTrue(image.contains(part), part + " in " + image);
      }
      assertTrue(image.indexOf("ENV X=") < image.indexOf("COPY one"), image);
      var platforms = page(caller, "/r/team/app:i").is(200).text();
      assertTrue(platforms.contains("linux/arm64"), platforms);
      var byDigest = "/r/team/app@" + Caller.digest(manifest);
      assertTrue(platforms.contains(byDigest), platforms);
      page(caller, byDigest).is(200);
      page(caller, "/r/team/app@" + Caller.digest(referrer)).is(200);

      page(caller, "/r/nothing").is(404);
      page(caller, "/r/team/app:none").is(404);
      page(caller, "/r/team/app@sha256:x").is(400);
      page(caller, "/r/%3Cscript%3E").is(400);
      page(caller, "/r/team/app:%3Cscript%3E").is(400);
      caller.call("POST", "/").is(405, "UNSUPPORTED");
      assertEquals(
          Optional.of("text/css; charset=utf-8"),
          caller.call("GET", "/style.css").is(200).header("Content-Type"));
      assertTrue(caller.call("GET", "/").is(200).text().startsWith("a registry of images"));
      assertEquals(List.of(), served.troubles);
    }
  }

  @Test
  void manyTagsComeInPages() throws Exception {
    try (var served = ServedRegistry.of(temp)) {
      var caller = served.caller;
      caller.pushImage("app", "first", "layer");
      var manifest = caller.call("GET", "/v2/app/manifests/first").bytes();
      var tags = new StringBuilder();
      for (int i = 100; i < 200; i++) {
        tags.append(tags.isEmpty() ? "?tag=" : "&tag=").append(i);
      }
      caller.put("app", Caller.digest(manifest) + tags, manifest).is(201);
      var first = page(caller, "/r/app").is(200).text();
      assertTrue(first.contains("<a href=\"/r/app?last=199\">More</a>"), first);
      var second = page(caller, "/r/app?last=199").is(200).text();
      assertTrue(second.contains("/r/app:first"), second);
      assertFalse(second.contains("More"), second);
    }
  }
}
