package dev.jbuild.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The person's own config.json.
class SettingsTest {

  @TempDir Path temp;

  private Jbuild run(String config, String root, String... words) throws IOException {
    var file = temp.resolve(".config/jbuild/config.json");
    Files.createDirectories(file.getParent());
    Files.writeString(file, config);
    return new Jbuild(temp.resolve("unused"))
        .with("JBUILD_ROOT", root)
        .with("HOME", temp.toString())
        .run(words);
  }

  @Test
  void sayWhereTheStoreIsAndHowProgressIsShown() throws IOException {
    var context = Files.createDirectory(temp.resolve("context"));
    Files.writeString(context.resolve("Dockerfile"), "FROM scratch\nCOPY Dockerfile /\n");
    var store = temp.resolve("chosen");
    var config = "{\"root\": \"" + store + "\", \"progress\": \"quiet\", \"more\": 1}";

    var quiet = run(config, "", "build", context.toString());

    assertEquals(0, quiet.code(), quiet::err);
    assertTrue(quiet.out().matches("sha256:[0-9a-f]{64}\n"), quiet::out);
    assertEquals("", quiet.err());
    assertTrue(Files.exists(store.resolve("version")));
    var plain = run(config, "", "build", "--progress=plain", context.toString());
    assertTrue(plain.err().contains("COPY Dockerfile /"), plain::err);

    var other = temp.resolve("other");
    assertEquals(0, run(config, other.toString(), "images").code(), "the environment comes first");
    assertEquals(
        0, run(config, "", "--root", other.toString(), "build", context.toString()).code());
    assertTrue(Files.exists(other.resolve("version")));
    assertFalse(Files.exists(temp.resolve("unused")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'root': 'here'}|root is not an absolute path: here",
        "{'progress': 'loud'}|progress is auto, tty, plain, json, rawjson or quiet, not loud",
        "{'root': 1}|root",
        "{|config.json: ",
      },
      quoteCharacter = '`')
  void whatIsWrongInItIsToldWithItsName(String config, String said) throws IOException {
    var run = run(config.replace('\'', '"'), "", "build", temp.toString());
    assertEquals(2, run.code(), run::err);
    assertTrue(run.err().contains("config.json: "), run::err);
    assertTrue(run.err().contains(said), run::err);
  }
}
