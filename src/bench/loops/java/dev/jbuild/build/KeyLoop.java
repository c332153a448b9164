package dev.jbuild.build;

import dev.jbuild.context.Selection;
import dev.jbuild.context.SourceMatch;
import dev.jbuild.image.Digest;
import dev.jbuild.loops.Loop;
import java.io.IOException;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Setup;

/// The cache key of a `COPY` of 20,000 files of which everything is known, their hashes included:
/// walk over the tree, manifest, its digest, key. The floor is SHA-256 over a manifest of that
/// length.
public class KeyLoop extends Loop {

  private List<Piece> pieces = List.of();
  private byte[] manifest = {};

  /// Makes the tree.
  @Setup
  public void prepare() throws IOException {
    var match = Selection.of(List.of("/")).in(new KnownTree(200, 100)).getFirst();
    if (!(match instanceof SourceMatch.Matched(_, var selected))) {
      throw new IllegalStateException("a tree without a root");
    }
    pieces = List.of(new Piece.Files(selected.getFirst(), 0));
    manifest = CopyInputs.manifest(pieces).bytes();
  }

  /// The key.
  @Benchmark
  public Digest copyKey() throws IOException {
    var files = CopyInputs.manifest(pieces).contentKey();
    return new StepInputs("copy").with(StepInputs.FILES, files.toString()).key();
  }

  /// The hash alone.
  @Benchmark
  public Digest copyKeyFloor() {
    return Digest.of(manifest);
  }
}
