package dev.jbuild.build;

import dev.jbuild.image.Digest;
import dev.jbuild.layer.LayerReader;
import java.io.IOException;
import java.util.List;

/// The key of a step that asks indexes of layers what is below. As long as one of these is only
/// claimed to be its layer's, the claim is part of the key: what was made with a false one is not
/// found any more when the layer was read.
///
/// @param below the layers that are asked
record StepKey(StepInputs inputs, List<Digest> below, LayerReader layers) {

  StepKey {
    below = List.copyOf(below);
  }

  /// The inputs with what is claimed at this moment.
  StepInputs now() throws IOException {
    var claims = layers.claims(below);
    return claims.isEmpty() ? inputs : inputs.with("claimed", claims.toString());
  }

  /// Learns what is claimed of layers that are elsewhere: another machine may have made the step
  /// with the same claims.
  void ask() throws IOException {
    layers.ask(below);
  }

  /// Whether the inputs alone decide: what was claimed has turned out to be true.
  boolean isCertain() {
    return layers.isCertain(below);
  }
}
