package dev.jbuild.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.build.Secrets;
import dev.jbuild.failure.BuildFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// `--secret`: dockerfile-rules.md 5, where a value comes from.
class SecretOptionTest {

  @TempDir Path temp;

  private final List<String> warnings = new ArrayList<>();

  private Secrets read(Map<String, String> environment, String... given) {
    return SecretOption.read(List.of(given), environment, warnings::add);
  }

  private String value(Map<String, String> environment, String given) {
    return new String(read(environment, given).find("s").orElseThrow(), UTF_8);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "id=s,src=FILE | of the file",
        "id=s,source=FILE,type=file | of the file",
        "src=FILE,ID=s | of the file",
        "id=s,env=V | of V",
        "id=s,type=env,src=V | of V",
        "id=s,type=env | of s",
        "id=s | of s",
        "\"id=s\",\"src=FILE\" | of the file",
      })
  void aValueComesFromAFileOrAVariable(String given, String expected) throws IOException {
    var file = Files.writeString(temp.resolve("a,file"), "of the file");
    var option = given.replace("\"src=FILE\"", "\"src=" + file + "\"");
    if (option.contains("FILE")) {
      file = Files.move(file, temp.resolve("file"));
      option = option.replace("FILE", file.toString());
    }
    assertEquals(expected, value(Map.of("V", "of V", "s", "of s"), option));
  }

  @Test
  void withoutSourceTheVariableOfThatNameWinsAndThenTheFile() throws IOException {
    var file = Files.writeString(temp.resolve("file"), "x").toString();
    assertEquals(
        "x", new String(read(Map.of(), "id=" + file).find(file).orElseThrow(), UTF_8), file);
    var both = read(Map.of(file, "y"), "id=" + file);
    assertEquals("y", new String(both.find(file).orElseThrow(), UTF_8));
  }

  @Test
  void anyBytesAndNoneAreAValue() throws IOException {
    byte[] bytes = {0, (byte) 0xFF, '\n'};
    Files.write(temp.resolve("file"), bytes);
    var secrets = read(Map.of(), "id=s,src=" + temp.resolve("file"), "id=none,env=UNSET");
    assertArrayEquals(bytes, secrets.find("s").orElseThrow());
    assertArrayEquals(new byte[0], secrets.find("none").orElseThrow());
    assertEquals(List.of("the secret none is empty: the variable UNSET is not set"), warnings);
    assertTrue(secrets.find("other").isEmpty());
  }

  @Test
  void theLargestIsTakenAndALargerOneIsNot() throws IOException {
    var file = temp.resolve("file");
    Files.write(file, new byte[Secrets.LARGEST]);
    assertEquals(Secrets.LARGEST, value(Map.of(), "id=s,src=" + file).length());
    Files.write(file, new byte[Secrets.LARGEST + 1]);
    assertThrows(BuildFailure.class, () -> value(Map.of(), "id=s,src=" + file));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "S3CR3T",
        "src=/etc/hostname,value=S3CR3T",
        "id=s,value=S3CR3T",
        "id=,env=V",
        "id=s,src=/does/not/exist",
        "id=s,src=/",
        "id=s,type=other",
        "id=s,src=a,env=V",
        "id=s,type=file,env=V",
        "id=s,type=file",
        "id=s",
        "id=s,env=BROKEN",
      })
  void whatIsWrongIsSaidWithoutTheValue(String given) { // case 79
    var environment = Map.of("V", "S3CR3T", "BROKEN", "S3CR3T\uFFFD");
    var failure = assertThrows(BuildFailure.class, () -> read(environment, given));
    assertEquals(BuildFailure.Kind.USAGE, failure.kind());
    assertTrue(failure.message().startsWith("--secret"), failure.message());
    assertFalse((failure.message() + failure.hint()).contains("S3CR3T"), failure.message());
  }

  @Test
  void secretsDoNotTellTheirValues() {
    assertEquals("secrets [s]", read(Map.of("s", "S3CR3T"), "id=s").toString());
  }

  @Test
  void copyGivesNoRegistryTheLoginOfAnother(@TempDir Path store) { // case 49
    var run = new Jbuild(store).run("copy", "--creds", "me:pw7", "127.0.0.1:1/a", "127.0.0.1:2/a");
    assertEquals(2, run.code(), run.err());
    assertTrue(run.err().contains("--creds is for one registry"), run.err());
    assertFalse(run.err().contains("pw7"), run.err());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "pull --creds me:pw7 a.example/app b.example/app",
        "--creds me:pw7 -t a.example/app --push --cache-from b.example/c .",
        "--creds me:pw7 .",
        "--creds me:pw7 -t app:1 .",
        "--creds me:pw7 -t a.example/app -t b.example/app .",
        "--creds me:pw7 -t a.example/app -o type=registry,name=b.example/x --push ."
      })
  void aLoginIsForTheOneRegistryThatTheCommandLineNames(
      String line, @TempDir Path store) { // case 49
    var run = new Jbuild(store).run(line.split(" ", -1));
    assertEquals(2, run.code(), run.err());
    assertTrue(run.err().contains("--creds is for one registry, and the names say"), run.err());
    assertFalse(run.err().contains("pw7"), run.err());
  }
}
