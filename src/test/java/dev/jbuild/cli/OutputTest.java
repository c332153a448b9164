package dev.jbuild.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.build.Annotation;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.image.Platform;
import dev.jbuild.image.Reference;
import dev.jbuild.tar.Compression;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// `--output`: every field that docker buildx knows is obeyed, or refused by name.
class OutputTest {

  @Test
  void shortFormsAreADirectoryAndATarOnStandardOutput() {
    assertEquals(Output.Type.LOCAL, Output.parse("out/dir").type());
    assertEquals("out/dir", Output.parse("out/dir").dest());
    assertEquals(Output.Type.TAR, Output.parse("-").type());
    assertEquals("-", Output.parse("-").dest());
  }

  /// As docker buildx: `type=docker` alone is `--load`.
  @Test
  void withoutADestinationAnArchiveGoesToStandardOutputAndDockersToTheStore() {
    assertEquals("-", Output.parse("type=oci").dest());
    assertEquals("-", Output.parse("type=tar").dest());
    var docker = Output.parse("type=docker,name=x:1");
    assertEquals(Output.Type.STORE, docker.type());
    assertEquals(List.of(Reference.parse("x:1")), docker.names());
  }

  @Test
  void fieldsOfAnArchiveAreObeyed() {
    var output =
        Output.parse(
            "type=oci,dest=a.tar,\"name=x:1,y:2\",compression=zstd,compression-level=19,"
                + "force-compression=true,tar=false,oci-mediatypes=true,rewrite-timestamp=1,"
                + "annotation.a=1,annotation-index.b=2,annotation-manifest[linux/arm64].c=3");
    assertEquals(Output.Type.OCI, output.type());
    assertEquals(List.of(Reference.parse("x:1"), Reference.parse("y:2")), output.names());
    assertEquals(Optional.of(Compression.ZSTD), output.packing().compression());
    assertEquals(OptionalInt.of(19), output.packing().level());
    assertTrue(output.packing().all());
    assertTrue(output.layout());
    var arm = Optional.of(new Platform("linux", "arm64"));
    assertEquals(
        List.of(
            new Annotation(Annotation.Level.MANIFEST, Optional.empty(), "a", "1"),
            new Annotation(Annotation.Level.INDEX, Optional.empty(), "b", "2"),
            new Annotation(Annotation.Level.MANIFEST, arm, "c", "3")),
        output.annotations());
  }

  @Test
  void whatIsSoAnywayMayBeAskedFor() {
    var off = "unpack=false,prefer-nondist-layers=false,attestation-inline=false,";
    var pushed = Output.parse("type=image,push=true," + off + "name=x,push-by-digest=FALSE");
    assertEquals(Output.Type.REGISTRY, pushed.type());
    assertTrue(!pushed.byDigest());
    var byDigest = "type=image,push=true,name=x,push-by-digest=true,name-canonical=true";
    assertTrue(Output.parse(byDigest).byDigest());
    assertEquals(Output.Type.LOCAL, Output.parse("type=local,dest=a,mode=copy").type());
  }

  @Test
  void layersThatCameCompressedStayUnlessTheyAreForced() {
    assertTrue(!Output.parse("type=oci,dest=a,compression=zstd").packing().all());
    assertTrue(Output.parse("type=docker,dest=a").packing().all());
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "dest=a                                     | has no type",
        "type=zip,dest=a                            | does not know the type zip",
        "type=local                                 | needs dest=",
        "type=oci,tar=false                         | needs dest=",
        "type=docker,compression=gzip               | needs dest=",
        "type=local,dest=-                          | needs a directory",
        "type=oci,dest=a,size=1                     | size: there is no such field",
        "type=oci,dest=a,dest=b                     | dest: it is given twice",
        "type=oci,dest=a,compression=lzma           | gzip, zstd or uncompressed",
        "type=oci,dest=a,compression=estargz        | estargz is not supported",
        "type=oci,dest=a,compression-level=10       | gzip has 0 to 9",
        "type=oci,dest=a,compression-level=x        | it is a number",
        "type=oci,dest=a,compression=zstd,compression-level=0 | zstd 1 to 22",
        "type=docker,dest=a,compression-level=1     | what is not compressed has none",
        "type=oci,dest=a,force-compression=true     | needs compression=",
        "type=oci,dest=a,oci-mediatypes=false       | OCI's types",
        "type=oci,dest=a,rewrite-timestamp=false    | always clamps",
        "type=oci,dest=a,tar=maybe                  | true or false",
        "type=docker,dest=a,tar=false               | it is for type=oci",
        "type=oci,dest=a,platform-split=true        | writes an image, and no files",
        "type=tar,dest=a,compression=gzip           | writes files, and no image",
        "type=local,dest=a,annotation.k=v           | writes files, and no image",
        "type=image,store=false                     | always in the store",
        "type=image,dest=a                          | takes a name only",
        "type=image,compression=zstd                | takes a name only",
        "type=oci,dest=a,annotation-layer.k=v       | layer is no level",
        "type=oci,dest=a,annotation.=v              | it has no key",
        "type=oci,dest=a,name=UPPER                 | UPPER",
        "type=image,name=a,unpack=true              | unpacked when",
        "type=image,name=a,dangling-name-prefix=x   | is not supported",
        "type=oci,dest=a,buildinfo=true             | makes no attestations",
        "type=oci,dest=a,attestation-inline=true    | makes no attestations",
        "type=image,name=a,dangling-name-prefix=false | is not supported",
        "type=oci,dest=a,attestation-prefix=false   | makes no attestations",
        "type=oci,dest=a,source-date-epoch=false    | SOURCE_DATE_EPOCH sets the time",
        "type=docker,context=x                      | no docker daemon",
        "type=docker,context=false                  | no docker daemon",
        "type=local,dest=a,mode=delete              | others stay",
        "type=oci,dest=a,mode=copy                  | writes an image, and no files",
        "type=oci,dest=a,source-date-epoch=1        | SOURCE_DATE_EPOCH sets the time",
        "type=oci,dest=a,push-by-digest=true        | it is for what is pushed",
        "type=registry,name=a,name-canonical=true   | names it is given",
        "type=oci,dest=a,prefer-nondist-layers=true | media type",
      })
  void otherFieldsAreMistakesThatAreTold(String typed, String sentence) {
    var failure = assertThrows(BuildFailure.class, () -> Output.parse(typed));
    assertEquals(BuildFailure.Kind.USAGE, failure.kind());
    assertTrue(failure.message().contains(sentence), failure.message());
  }
}
