package dev.jbuild.tar;

import dev.jbuild.loops.Loop;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Setup;

/// [TarWriter] into memory. The floor is memcpy of as many bytes, from where the content is.
public class TarWriterLoop extends Loop {

  private static final int FILES = 1000;
  private static final int SMALL = 1 << 10;
  private static final int LARGE = 64 << 20;

  /// What content is read in, as a layer is written.
  private static final int PIECE = 1 << 17;

  private final List<TarEntry> small = new ArrayList<>();
  private final TarEntry large = file("large", LARGE);
  private final byte[] content = new byte[PIECE];
  private final Memory memory = new Memory();
  private int smallTar;

  /// Where the tar goes.
  private static final class Memory extends OutputStream {
    private final byte[] bytes = new byte[LARGE + (1 << 20)];
    private int size;

    @Override
    public void write(int b) {
      bytes[size++] = (byte) b;
    }

    @Override
    public void write(byte[] from, int offset, int length) {
      System.arraycopy(from, offset, bytes, size, length);
      size += length;
    }
  }

  private static TarEntry file(String path, long size) {
    return TarEntry.file(ArchivePath.of(path), 0644, 0, 0, size, 1_700_000_000);
  }

  /// Makes the entries.
  @Setup
  public void prepare() throws IOException {
    new Random(1).nextBytes(content);
    for (int i = 0; i < FILES; i++) {
      small.add(file("srv/app/module" + i / 50 + "/Source" + i + ".java", SMALL));
    }
    smallTar = smallFiles();
  }

  /// A thousand files of 1 KiB.
  @Benchmark
  public int smallFiles() throws IOException {
    memory.size = 0;
    var tar = new TarWriter(memory);
    for (var entry : small) {
      tar.begin(entry);
      tar.write(content, 0, SMALL);
    }
    tar.finish();
    return memory.size;
  }

  /// The bytes of that tar.
  @Benchmark
  public byte[] smallFilesFloor() {
    return copied(smallTar);
  }

  /// One file of 64 MiB.
  @Benchmark
  public int largeFile() throws IOException {
    memory.size = 0;
    var tar = new TarWriter(memory);
    tar.begin(large);
    for (int done = 0; done < LARGE; done += PIECE) {
      tar.write(content, 0, PIECE);
    }
    tar.finish();
    return memory.size;
  }

  /// The bytes of the file.
  @Benchmark
  public byte[] largeFileFloor() {
    return copied(LARGE);
  }

  private byte[] copied(int size) {
    for (int at = 0; at < size; at += PIECE) {
      System.arraycopy(content, 0, memory.bytes, at, Math.min(PIECE, size - at));
    }
    return memory.bytes;
  }
}
