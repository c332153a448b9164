package dev.jbuild.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The small program and the tables it walks.
class StepProgramTest {

  private static final int EINVAL = 22;

  @TempDir Path temp;
  private Path program;

  @BeforeEach
  void writeProgram() throws IOException {
    program = temp.resolve("program");
    Files.write(program, StepProgram.forProcessor(Processor.current()));
    assertTrue(program.toFile().setExecutable(true));
  }

  private record Result(int code, String output, byte[] errors) {}

  /// Runs a table whose report goes to standard error.
  private Result run(CallTable calls) throws IOException, InterruptedException {
    return run(calls.encode(Processor.current()));
  }

  private Result run(byte[] table) throws IOException, InterruptedException {
    var process = new ProcessBuilder(program.toString()).start();
    try (var input = process.getOutputStream()) {
      input.write(table);
    }
    var output = new String(process.getInputStream().readAllBytes(), UTF_8);
    var errors = process.getErrorStream().readAllBytes();
    return new Result(process.waitFor(), output, errors);
  }

  private static CallTable reporting() {
    var calls = new CallTable();
    calls.call(SystemCall.DUP3, "moving the report", 2, CallTable.REPORT, 0);
    return calls;
  }

  private static void print(CallTable calls, String text) {
    calls.call(SystemCall.WRITE, "printing", 1, calls.text(text), text.length());
  }

  private static CallTable.Failure onlyFailure(CallTable calls, Result result) {
    assertEquals(16, result.errors().length);
    var report = ByteBuffer.wrap(result.errors()).order(ByteOrder.LITTLE_ENDIAN);
    return calls.failure(report.getLong(), report.getLong());
  }

  @Test
  void itMakesTheCallsInTheirOrder() throws Exception {
    var calls = new CallTable();
    print(calls, "first ");
    print(calls, "second");
    calls.call(SystemCall.EXIT_GROUP, "ending", 7);
    var result = run(calls);
    assertEquals("first second", result.output());
    assertEquals(7, result.code());
  }

  @Test
  void itStopsAtACallThatFailsAndReportsIt() throws Exception {
    var calls = reporting();
    calls.call(SystemCall.DUP3, "what cannot be", 1, 1, 0);
    print(calls, "never");
    var result = run(calls);
    assertEquals("", result.output());
    assertEquals(125, result.code());
    assertEquals(
        new CallTable.Failure(SystemCall.DUP3, "what cannot be", EINVAL, true),
        onlyFailure(calls, result));
  }

  @Test
  void itReportsAnAttemptThatFailsAndGoesOn() throws Exception {
    var calls = reporting();
    calls.attempt(SystemCall.DUP3, "what cannot be", 1, 1, 0);
    print(calls, "later");
    calls.call(SystemCall.EXIT_GROUP, "ending", 0);
    var result = run(calls);
    assertEquals("later", result.output());
    assertEquals(0, result.code());
    assertEquals(
        new CallTable.Failure(SystemCall.DUP3, "what cannot be", EINVAL, false),
        onlyFailure(calls, result));
  }

  @Test
  void afterAForkParentAndChildGoTheirOwnWays() throws Exception {
    var calls = new CallTable();
    int sigchld = 17;
    int fork = calls.fork("forking", sigchld, 0, 0);
    print(calls, "child ");
    calls.call(SystemCall.EXIT_GROUP, "ending", 3);
    calls.parentGoesOnHere(fork);
    calls.call(SystemCall.WAIT4, "waiting", -1, 0, 0, 0);
    print(calls, "parent");
    calls.call(SystemCall.EXIT_GROUP, "ending", 4);
    var result = run(calls);
    assertEquals("child parent", result.output());
    assertEquals(4, result.code());
  }

  @Test
  void itReadsATableThatComesInPieces() throws Exception {
    var calls = new CallTable();
    calls.bytes(new byte[3_000_000]);
    print(calls, "read");
    calls.call(SystemCall.EXIT_GROUP, "ending", 0);
    assertEquals("read", run(calls).output());
  }

  @Test
  void itDoesNothingWithATableThatIsCutShort() throws Exception {
    var calls = new CallTable();
    print(calls, "never");
    var table = calls.encode(Processor.current());
    for (int length : new int[] {0, 8, 16, 60, table.length - 1}) {
      var result = run(Arrays.copyOf(table, length));
      assertEquals(125, result.code());
      assertEquals("", result.output());
    }
  }

  @Test
  void descriptorsHaveTheNumbersThatWereForetold() throws Exception {
    var calls = new CallTable();
    calls.call(SystemCall.CLOSE_RANGE, "closing", 3, 0xFFFF_FFFFL);
    calls.call(SystemCall.DUP3, "moving the report", 2, CallTable.REPORT, 0);
    long path = calls.text(program.toString());
    int first = calls.open(SystemCall.OPENAT, "opening", -100, path, 0, 0);
    int second = calls.open(SystemCall.OPENAT, "opening", -100, path, 0, 0);
    assertEquals(first + 1, second);
    calls.call(SystemCall.DUP3, "using the first", first, 20, 0);
    calls.call(SystemCall.DUP3, "using the second", second, 21, 0);
    calls.attempt(SystemCall.DUP3, "using the next", second + 1, 22, 0);
    calls.call(SystemCall.EXIT_GROUP, "ending", 0);
    var failure = onlyFailure(calls, run(calls));
    assertEquals("using the next", failure.about());
    assertEquals(9, failure.errno()); // EBADF
  }

  @Test
  void textKeepsItsBytes() {
    var calls = new CallTable();
    long address = calls.text("a\udcffä");
    calls.call(SystemCall.EXIT_GROUP, "ending", address);
    var table = calls.encode(Processor.X86_64);
    int offset = (int) (address - CallTable.ADDRESS);
    assertArrayEquals(
        new byte[] {'a', (byte) 0xFF, (byte) 0xC3, (byte) 0xA4, 0},
        Arrays.copyOfRange(table, offset, offset + 5));
  }

  @ParameterizedTest
  @EnumSource
  void itIsAStaticElfFileWhoseCodeIsNotWritable(Processor processor) {
    var elf = ByteBuffer.wrap(StepProgram.forProcessor(processor)).order(ByteOrder.LITTLE_ENDIAN);
    assertEquals(0x464C_457F, elf.getInt(0));
    assertEquals(2, elf.getShort(16)); // executable
    assertEquals(processor.elfMachine(), elf.getShort(18));
    int headers = 64 + 3 * 56;
    assertEquals(elf.getLong(64 + 16) + headers, elf.getLong(24)); // entry
    assertEquals(5, elf.getInt(64 + 4)); // the code: read, execute
    assertEquals(elf.capacity(), elf.getLong(64 + 32));
    assertEquals(6, elf.getInt(64 + 56 + 4)); // the table: read, write
    assertEquals(CallTable.ADDRESS, elf.getLong(64 + 56 + 16));
    assertEquals(headers + processor.code().length, elf.capacity());
  }
}
