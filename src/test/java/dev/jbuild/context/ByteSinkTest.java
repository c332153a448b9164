package dev.jbuild.context;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/// The pieces of a sink are nobody's affair: seen from outside it is one array.
class ByteSinkTest {

  @Test
  void itIsOneRowOfBytesHoweverManyPiecesItHas() throws IOException {
    var random = new Random(3);
    var sink = new ByteSink();
    var expected = new ByteArrayOutputStream();
    for (int i = 0; i < 900; i++) {
      var bytes = new byte[random.nextInt(3000)];
      random.nextBytes(bytes);
      sink.put(bytes);
      expected.writeBytes(bytes);
      sink.putByte(i);
      expected.write(i);
    }
    assertEquals(expected.size(), sink.length());
    assertArrayEquals(expected.toByteArray(), sink.toBytes());
    var written = new ByteArrayOutputStream();
    sink.writeTo(written);
    assertArrayEquals(expected.toByteArray(), written.toByteArray());
    var sum = new CRC32C();
    sum.update(expected.toByteArray());
    var ofSink = new CRC32C();
    sink.addTo(ofSink);
    assertEquals(sum.getValue(), ofSink.getValue());
    var pieces = new ByteArrayOutputStream();
    sink.buffers()
        .forEach(piece -> pieces.write(piece.array(), piece.arrayOffset(), piece.limit()));
    assertArrayEquals(expected.toByteArray(), pieces.toByteArray());
    var drained = new ByteArrayOutputStream();
    sink.drainTo(drained, new CRC32C());
    assertEquals(0, sink.length());
    sink.putInt(7);
    sink.setInt(0, 8);
    sink.drainTo(drained, new CRC32C());
    expected.writeBytes(new byte[] {0, 0, 0, 8});
    assertArrayEquals(expected.toByteArray(), drained.toByteArray());
  }

  /// At the ends of pieces too, which begin at 1024, 3072 and 7168.
  @Test
  void aNumberCanBeSetAnywhere() {
    var plain = new byte[20_000];
    for (int at : new int[] {0, 1020, 1022, 1023, 1024, 3069, 3072, 7167, 7168, 19_996}) {
      var sink = new ByteSink();
      sink.put(plain);
      sink.setInt(at, 0x01020304);
      assertEquals(0x01020304, new ByteSource(sink.toBytes(), at, plain.length).getInt(), "" + at);
      assertEquals(plain.length, sink.length());
    }
  }
}
