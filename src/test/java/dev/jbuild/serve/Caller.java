package dev.jbuild.serve;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jbuild.image.Digest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A client of a registry that asks one thing at a time.
final class Caller implements AutoCloseable {

  static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  static final String INDEX = "application/vnd.oci.image.index.v1+json";
  static final String CONFIG = "application/vnd.oci.image.config.v1+json";
  static final String LAYER = "application/vnd.oci.image.layer.v1.tar";

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final String url;

  Caller(String url) {
    this.url = url;
  }

  /// What a registry said.
  record Answer(String asked, HttpResponse<byte[]> response) {

    int status() {
      return response.statusCode();
    }

    String text() {
      return new String(response.body(), UTF_8);
    }

    byte[] bytes() {
      return response.body();
    }

    Optional<String> header(String name) {
      return response.headers().firstValue(name);
    }

    /// Asserts the status.
    Answer is(int status) {
      assertEquals(status, status(), () -> asked + ": " + text());
      return this;
    }

    /// Asserts status and error code.
    Answer is(int status, String code) {
      is(status);
      var found = text();
      assertEquals(
          true,
          found.startsWith("{\"errors\":[{\"code\":\"" + code + "\""),
          () -> asked + ": " + found);
      return this;
    }
  }

  /// @param headers names and values in turn
  Answer call(String method, String path, byte[] body, String... headers) {
    return send(method, path, HttpRequest.BodyPublishers.ofByteArray(body), headers);
  }

  /// The same with the body in chunks, its length not said.
  Answer stream(String method, String path, byte[] body, String... headers) {
    return send(
        method,
        path,
        HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body)),
        headers);
  }

  Answer call(String method, String path, String... headers) {
    return send(method, path, HttpRequest.BodyPublishers.noBody(), headers);
  }

  private Answer send(
      String method, String path, HttpRequest.BodyPublisher body, String... headers) {
    var request =
        HttpRequest.newBuilder(URI.create(path.startsWith("/") ? url + path : path))
            .method(method, body);
    if (headers.length > 0) {
      request.headers(headers);
    }
    try {
      return new Answer(
          method + " " + path,
          client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray()));
    } catch (IOException e) {
      throw new UncheckedIOException(method + " " + path, e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  // ---- what tests do again and again

  static String digest(byte[] bytes) {
    return Digest.of(bytes).toString();
  }

  /// Begins an upload and says where it goes on.
  String begin(String repository) {
    return call("POST", "/v2/" + repository + "/blobs/uploads/")
        .is(202)
        .header("Location")
        .orElseThrow();
  }

  /// Sends a blob and says its digest.
  String push(String repository, byte[] blob) {
    var digest = digest(blob);
    call("PUT", begin(repository) + "?digest=" + digest, blob).is(201);
    return digest;
  }

  boolean has(String repository, String digest) {
    return call("HEAD", "/v2/" + repository + "/blobs/" + digest).status() == 200;
  }

  static String descriptor(String type, byte[] content) {
    return descriptor(type, digest(content), content.length);
  }

  static String descriptor(String type, String digest, long size) {
    return "{\"mediaType\":\"" + type + "\",\"digest\":\"" + digest + "\",\"size\":" + size + "}";
  }

  /// A manifest of these blobs, config first.
  ///
  /// @param more members, each with a comma before
  static byte[] manifest(String more, byte[] config, byte[]... layers) {
    var list = new ArrayList<String>();
    for (var layer : layers) {
      list.add(descriptor(LAYER, layer));
    }
    return ("{\"schemaVersion\":2,\"mediaType\":\""
            + MANIFEST
            + "\",\"config\":"
            + descriptor(CONFIG, config)
            + ",\"layers\":["
            + String.join(",", list)
            + "]"
            + more
            + "}")
        .getBytes(UTF_8);
  }

  /// Pushes an image of one layer under a tag and says the digest of its manifest.
  String pushImage(String repository, String tag, String content) {
    var config =
        ("{\"architecture\":\"amd64\",\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\","
                + "\"diff_ids\":[\""
                + digest(content.getBytes(UTF_8))
                + "\"]}}")
            .getBytes(UTF_8);
    var layer = content.getBytes(UTF_8);
    push(repository, config);
    push(repository, layer);
    var manifest = manifest("", config, layer);
    put(repository, tag, manifest).is(201);
    return digest(manifest);
  }

  Answer put(String repository, String reference, byte[] manifest) {
    return call(
        "PUT", "/v2/" + repository + "/manifests/" + reference, manifest, "Content-Type", MANIFEST);
  }

  List<String> list(Answer answer, String member) throws IOException {
    return new com.fasterxml.jackson.databind.ObjectMapper()
        .readTree(answer.bytes())
        .get(member)
        .valueStream()
        .map(com.fasterxml.jackson.databind.JsonNode::asText)
        .toList();
  }

  static byte[] bytes(int length, long seed) {
    var bytes = new byte[length];
    new java.util.Random(seed).nextBytes(bytes);
    return bytes;
  }

  static byte[] slice(byte[] bytes, int from, int to) {
    return Arrays.copyOfRange(bytes, from, to);
  }

  /// Every header of an answer that is worth comparing.
  static Map<String, String> headers(Answer answer) {
    var all = new LinkedHashMap<String, String>();
    answer.response().headers().map().forEach((name, values) -> all.put(name, values.getFirst()));
    return all;
  }

  @Override
  public void close() {
    client.close();
  }
}
