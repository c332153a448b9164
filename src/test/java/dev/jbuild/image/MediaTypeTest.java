package dev.jbuild.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MediaTypeTest {

  @Test
  void ofDockerHasAnOciName() {
    assertEquals(MediaType.OCI_LAYER_GZIP, MediaType.DOCKER_LAYER_GZIP.oci());
    assertEquals(MediaType.OCI_MANIFEST, MediaType.DOCKER_MANIFEST.oci());
    assertEquals(MediaType.OCI_CONFIG, MediaType.OCI_CONFIG.oci());
    assertEquals(new MediaType("text/x"), new MediaType("text/x").oci());
  }

  @Test
  void isALayerOnlyIfWeCanUnpackIt() {
    assertTrue(MediaType.DOCKER_LAYER.isLayer());
    assertTrue(MediaType.OCI_LAYER_ZSTD.isLayer());
    assertFalse(MediaType.OCI_CONFIG.isLayer());
    assertFalse(new MediaType("application/vnd.oci.image.layer.v1.tar+lz4").isLayer());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a\u001b[2J", "a\nb", "\udc80"})
  void refusesWhatCannotBePrinted(String name) {
    assertThrows(IllegalArgumentException.class, () -> new MediaType(name));
  }
}
