package dev.jbuild.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.build.CacheExport.Mode;
import dev.jbuild.build.CachePlace;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.image.Reference;
import dev.jbuild.tar.Compression;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// `--cache-to` and `--cache-from`: every field that docker buildx knows is obeyed, or refused by
/// name.
class CacheFieldsTest {

  private static CacheFields.Target to(String value) {
    return CacheFields.target("--cache-to", value, Mode.MIN);
  }

  @Test
  void aNameAloneIsARegistry() {
    var place = new CachePlace.Registry(Reference.parse("host:5000/app:cache"));
    assertEquals(Optional.of(place), to("host:5000/app:cache").place());
    assertEquals(Mode.MIN, to("host:5000/app:cache").mode());
    assertEquals(place, CacheFields.source("--cache-from", "host:5000/app:cache").place());
  }

  @Test
  void fieldsAreObeyed() {
    var target =
        to(
            "type=registry,ref=app:c,mode=max,compression=zstd,compression-level=9,"
                + "ignore-error=true,oci-mediatypes=true,image-manifest=true,"
                + "registry.insecure=true,force-compression=false");
    assertEquals(Mode.MAX, target.mode());
    assertEquals(Optional.of(Compression.ZSTD), target.packing().compression());
    assertEquals(OptionalInt.of(9), target.packing().level());
    assertTrue(target.ignoresErrors() && target.insecure());
    var local = to("type=local,dest=/d/../e,tag=t,compression=gzip,force-compression=true");
    assertEquals(
        Optional.of(new CachePlace.Layout(Path.of("/e"), "t", Optional.empty())), local.place());
    assertTrue(local.packing().all());
    assertTrue(to("type=inline").place().isEmpty());
    var digest = "sha256:" + "0".repeat(64);
    var source = CacheFields.source("--cache-from", "type=local,src=/d,digest=" + digest);
    assertEquals(digest, ((CachePlace.Layout) source.place()).digest().orElseThrow().toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--cache-to|type=gha|type=gha is not supported: it needs an interface that only GitHub",
        "--cache-from|type=s3,bucket=x|type=s3 is not supported: jbuild speaks to registries",
        "--cache-to|type=azblob|type=azblob is not supported",
        "--cache-to|type=other|does not know the type other",
        "--cache-from|type=inline|does not know the type inline",
        "--cache-to|mode=max|type: it is missing",
        "--cache-to|type=registry|ref: it is missing",
        "--cache-to|type=registry,ref=A:b|ref: ",
        "--cache-to|type=local|dest: it is missing",
        "--cache-from|type=local|src: it is missing",
        "--cache-from|type=local,src=|src: it is missing",
        "--cache-to|type=local,dest=d,tag=a/b|tag: a/b is no tag",
        "--cache-from|type=local,src=d,digest=x|digest: ",
        "--cache-from|type=registry,ref=a,mode=max|mode: there is no such field here",
        "--cache-to|type=registry,ref=a,src=d|src: there is no such field here",
        "--cache-to|type=registry,ref=a,mode=all|mode: it is min or max",
        "--cache-to|type=inline,mode=max|mode: a cache in the image",
        "--cache-to|type=inline,compression=zstd|compression: there is no such field here",
        "--cache-to|type=registry,ref=a,compression=lz4|compression: it is gzip",
        "--cache-to|type=registry,ref=a,compression-level=10|compression-level: gzip has 0 to 9",
        "--cache-to|type=registry,ref=a,force-compression=true|force-compression: layers that",
        "--cache-to|type=local,dest=a,force-compression=true|force-compression: it needs",
        "--cache-to|type=registry,ref=a,oci-mediatypes=false|oci-mediatypes: false is not",
        "--cache-to|type=registry,ref=a,image-manifest=false|image-manifest: false is not",
        "--cache-to|type=registry,ref=a,ignore-error=maybe|ignore-error: it is true or false",
        "cache export|type=registry,ref=a,ignore-error=true|ignore-error: writing the cache is all",
        "--cache-to|type=local,dest=a,registry.insecure=true|registry.insecure: no registry is",
        "--cache-to|type=inline,registry.insecure=true|registry.insecure: no registry is",
        "--cache-from|type=local,src=a,registry.insecure=true|registry.insecure: no registry is",
        "--cache-to|type=registry,ref=a,ref=b|ref: it is given twice",
        "--cache-to|type=registry,ref=a,b|b: it has no value",
      })
  void whatIsWrongIsToldByName(String option, String value, String message) {
    var failure =
        assertThrows(
            BuildFailure.class,
            () -> {
              if (option.equals("--cache-from")) {
                CacheFields.source(option, value);
              } else {
                CacheFields.target(option, value, Mode.MIN);
              }
            });
    assertEquals(BuildFailure.Kind.USAGE, failure.kind());
    assertTrue(failure.message().startsWith(option), failure::message);
    assertTrue(failure.message().contains(message), failure::message);
  }

  @Test
  void aNameToWriteToHasNoDigest() {
    var ref = "app@sha256:" + "0".repeat(64);
    assertThrows(BuildFailure.class, () -> to(ref));
    CacheFields.source("--cache-from", ref);
  }
}
