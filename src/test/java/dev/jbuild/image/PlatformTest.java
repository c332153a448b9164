package dev.jbuild.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Platforms: their normal form (dockerfile-rules.md 2.3) and what runs on them.
class PlatformTest {

  @ParameterizedTest(name = "2.3 {0}")
  @CsvSource({
    "linux/amd64, linux/amd64",
    "LINUX/X86_64, linux/amd64",
    "linux/amd64/v1, linux/amd64",
    "linux/amd64/v3, linux/amd64/v3",
    "linux/aarch64, linux/arm64",
    "linux/arm64/v8, linux/arm64",
    "linux/arm, linux/arm/v7",
    "linux/arm/7, linux/arm/v7",
    "linux/armhf, linux/arm/v7",
    "linux/armel, linux/arm/v6",
    "linux/i386, linux/386",
    "arm64, linux/arm64",
    "windows/amd64, windows/amd64",
    "linux/arm64/9, linux/arm64/v9",
    "macOS/arm64, darwin/arm64",
  })
  void haveANormalForm(String text, String normal) {
    assertEquals(normal, Platform.parse(text).toString());
  }

  @Test
  void aWordAloneIsASystemOrAnArchitecture() {
    var here = Platform.host().architecture();
    assertEquals(new Platform("windows", here), Platform.parse("Windows"));
    assertEquals(new Platform("linux", here), Platform.parse("linux"));
    assertEquals("linux/arm/v7", Platform.parse("armhf").toString());
  }

  @ParameterizedTest(name = "2.3 {0} is no platform")
  @ValueSource(
      strings = {
        "",
        "/",
        "linux/",
        "linux//v7",
        "a/b/c/d",
        "linux/amd64 ",
        "linux/am\u001b",
        "amd",
        "windows(1.2)/x"
      })
  void refuseOtherText(String text) {
    assertThrows(IllegalArgumentException.class, () -> Platform.parse(text));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "linux/amd64    | linux/amd64 linux/386",
        "linux/amd64/v3 | linux/amd64/v3 linux/amd64/v2 linux/amd64 linux/386",
        "linux/386      | linux/386",
        "linux/arm      | linux/arm/v7 linux/arm/v6 linux/arm/v5",
        "linux/arm64    | linux/arm64 linux/arm/v8 linux/arm/v7 linux/arm/v6 linux/arm/v5",
        "linux/riscv64  | linux/riscv64",
      })
  void runWhatTheirProcessorRuns(String platform, String runs) {
    var found = Platform.parse(platform).runs().stream().map(Platform::toString);
    assertEquals(runs, found.collect(Collectors.joining(" ")));
  }
}
