package dev.jbuild.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.failure.BuildFailure;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TemplateTest {

  private static Fields image() {
    var config = new LinkedHashMap<String, Object>();
    config.put("Env", List.of("A=1", "B=2"));
    config.put("Cmd", Nothing.LIST);
    config.put("Healthcheck", Nothing.OBJECT);
    config.put("Labels", Map.of("b.c", "x", "a", "y"));
    var image = new LinkedHashMap<String, Object>();
    image.put("Id", "sha256:1");
    image.put("Size", 42L);
    image.put("Config", new Fields(config));
    return new Fields(image);
  }

  private static String render(String template) {
    return Template.parse(template).render(image());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{{.Id}}|sha256:1",
        "{{ .Id }} {{.Size}}|sha256:1 42",
        "{{.Config.Env}}|[A=1 B=2]",
        "{{json .Config.Env}}|[\"A=1\",\"B=2\"]",
        "{{index .Config.Env 1}}|B=2",
        "{{index .Config.Labels \"b.c\"}}|x",
        "{{index .Config.Labels `none`}}x|x",
        "{{.Config.Labels}}|map[a:y b.c:x]",
        "{{.Config.Labels.a}}|y",
        "{{.Config.Labels.none}}|<no value>",
        "{{.Config.Cmd}}|[]",
        "{{json .Config.Cmd}}|null",
        "{{.Config.Healthcheck}}|<nil>",
        "{{.Config.Healthcheck.Test}}|<no value>",
        "no field|no field"
      })
  void fieldsAreShownAsGoShowsThem(String template, String shown) {
    assertEquals(shown, render(template));
  }

  @Test
  void tabsAndNewLinesCanBeTyped() {
    assertEquals("a\tsha256:1\n", render("a\\t{{.Id}}\\n"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{{range .Config.Env}}", "{{.Id", "{{}}", "{{json}}", "{{index .Config.Env}}",
        "{{.Id | upper}}", "{{upper .Id}}", "{{json .Id 1}}", "{{index .Config.Env x}}", "{{.1}}"
      })
  void whatIsNotUnderstoodIsNamed(String template) {
    var failure = assertThrows(BuildFailure.class, () -> Template.parse(template));

    assertEquals(BuildFailure.Kind.USAGE, failure.kind());
    assertTrue(failure.message().contains(template.substring(0, 2)), failure.message());
    assertTrue(failure.hint().isPresent());
  }

  @Test
  void anUnknownFieldIsToldWithThoseThatAreThere() {
    var failure = assertThrows(BuildFailure.class, () -> render("{{.Config.Environment}}"));

    assertEquals(
        "--format {{.Config.Environment}}: there is no field Environment", failure.message());
    assertEquals(Optional.of("there are Cmd, Env, Healthcheck, Labels"), failure.hint());
    assertThrows(BuildFailure.class, () -> render("{{index .Config.Env 2}}"));
    assertThrows(BuildFailure.class, () -> render("{{.Id.Length}}"));
  }

  /// Reliability case 85: labels and instructions are strangers' text.
  @Test
  void valuesArePrintable() {
    var evil = new Fields(Map.of("Label", "\u001b[2J\u202e\nx"));

    assertEquals("\\x1b[2J\\u{202e}\\nx", Template.parse("{{.Label}}").render(evil));
    assertEquals(
        "\"\\u001b[2J\\u202e\\nx\"",
        Template.parse("{{json .Label}}").render(evil).replace("\\u001B", "\\u001b"));
  }

  @Test
  void aLongValueIsWhole() {
    var text = "é🎉x".repeat(5_000);

    assertEquals(text, Template.parse("{{.T}}").render(new Fields(Map.of("T", text))));
  }
}
