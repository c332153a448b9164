package dev.jbuild.dockerfile;

import dev.jbuild.failure.Utf8;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/// Dockerfiles by chance: good ones, damaged ones, and heaps of pieces.
public final class RandomDockerfile {

  private static final List<String> PIECES =
      List.of(
          "FROM x",
          "FROM --platform=$P a:b AS c",
          "RUN",
          "run",
          "COPY",
          "ADD",
          "ENV",
          "LABEL",
          "ARG",
          "CMD",
          "ENTRYPOINT",
          "SHELL",
          "HEALTHCHECK",
          "NONE",
          "ONBUILD",
          "WORKDIR",
          "USER",
          "EXPOSE",
          "VOLUME",
          "STOPSIGNAL",
          "MAINTAINER",
          "--",
          "--mount=",
          "type=cache",
          "type=",
          "target=/",
          "id=",
          "--from=",
          "--link",
          "--interval=1s",
          "=",
          "a",
          "b=c",
          "/x",
          "$",
          "${",
          "}",
          "${a:-b}",
          "${a^^}",
          "$a",
          ":?",
          "#",
          "# escape=`",
          "# syntax=x",
          "#!",
          "%",
          "/",
          "*",
          "\"",
          "'",
          "\\",
          "`",
          "[",
          "]",
          "[\"a\",",
          "\"b\"]",
          "{",
          ",",
          "<<",
          "<<A",
          "<<-\"B\"",
          "A",
          "B",
          "\n",
          "\n",
          "\n",
          "\n",
          "\r\n",
          "\r",
          "\t",
          " ",
          " ",
          " ",
          "\\\n",
          "`\n",
          "\u00a0",
          "é",
          "\uD83D\uDE00",
          "\uDC80",
          "\0",
          "\uFEFF",
          "0",
          "99999999999999999999");

  private final Random random;
  private final StringBuilder text = new StringBuilder();
  private final List<String> keywords = new ArrayList<>();
  private final String lineEnd;
  private final char escape;

  private RandomDockerfile(Random random) {
    this.random = random;
    this.lineEnd = random.nextInt(4) == 0 ? "\r\n" : "\n";
    this.escape = random.nextInt(4) == 0 ? '`' : '\\';
  }

  /// A file that is good, and the keywords of its instructions in upper case.
  record Good(String text, List<String> keywords) {}

  static Good good(Random random) {
    var file = new RandomDockerfile(random);
    file.write();
    return new Good(file.text.toString(), file.keywords);
  }

  /// Any text; some of it is a Dockerfile.
  public static String any(Random random) {
    return switch (random.nextInt(8)) {
      case 0 -> good(random).text();
      case 1, 2, 3 -> damaged(random, good(random).text());
      case 4 -> noise(random);
      default -> heap(random);
    };
  }

  private static String heap(Random random) {
    var heap = new StringBuilder(random.nextInt(4) == 0 ? "" : "FROM x\n");
    for (int n = random.nextInt(30); n > 0; n--) {
      heap.append(pick(random, PIECES));
    }
    return heap.toString();
  }

  private static String noise(Random random) {
    byte[] bytes = new byte[random.nextInt(80)];
    random.nextBytes(bytes);
    return (random.nextBoolean() ? "FROM x\nENV a=" : "") + Utf8.decode(bytes);
  }

  private static String damaged(Random random, String good) {
    var damaged = new StringBuilder(good);
    for (int n = random.nextInt(4); n >= 0; n--) {
      int at = random.nextInt(damaged.length() + 1);
      int to = Math.min(damaged.length(), at + 1 + random.nextInt(20));
      switch (random.nextInt(5)) {
        case 0 -> damaged.delete(at, to);
        case 1 -> damaged.insert(at, pick(random, PIECES));
        case 2 -> damaged.insert(at, damaged.substring(at, to));
        case 3 -> damaged.setLength(at);
        default -> damaged.append(damaged.substring(at, to));
      }
    }
    return Utf8.decode(
        damaged
            .toString()
            .replaceAll("[\uD800-\uDBFF](?![\uDC00-\uDFFF])", "?")
            .getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }

  private void write() {
    text.append(chance(8) ? "\uFEFF" : "");
    if (escape == '`') {
      line("#" + pick(" ", "") + "escape=`");
    }
    if (chance(3)) {
      line("# syntax=docker/dockerfile:1");
    }
    for (int n = random.nextInt(3); n > 0; n--) {
      trivia();
    }
    if (chance(3)) {
      instruction("ARG", "v=1");
    }
    instruction("FROM", pick("", "--platform=$P ") + "base" + pick("", " AS b", " as C.x"));
    for (int n = random.nextInt(8); n > 0; n--) {
      trivia();
      any();
    }
    if (chance(3) && text.toString().endsWith(lineEnd)) {
      text.setLength(text.length() - lineEnd.length());
    }
  }

  private void any() {
    switch (random.nextInt(18)) {
      case 0 ->
          instruction("RUN", flags("--network=none ", "--mount=type=tmpfs,target=/t ") + script());
      case 1 -> instruction("RUN", json());
      case 2 -> document("RUN", flags("--security=sandbox ", ""), "");
      case 3 -> document("RUN", "cat ", pick("", " > /x", " | sh"));
      case 4 -> document(pick("COPY", "ADD"), flags("--chown=1:2 ", "--link "), " /x/");
      case 5 ->
          instruction(
              pick("COPY", "ADD"), flags("--chmod=644 ", "--exclude=*.md ") + "a b/ $c /x/");
      case 6 -> instruction(pick("COPY", "ADD"), "[\"a b\", \"/x\"]");
      case 7 ->
          instruction(
              pick("ENV", "LABEL"), "a=1" + blank() + "b=\"two words\"" + blank() + "c='$d'");
      case 8 -> instruction(pick("ENV", "LABEL"), "key some value");
      case 9 -> instruction("ARG", pick("x", "x=", "x=$y" + blank() + "z"));
      case 10 -> instruction(pick("CMD", "ENTRYPOINT"), pick(json(), script(), ""));
      case 11 -> instruction("SHELL", json());
      case 12 ->
          instruction(
              "HEALTHCHECK", pick("NONE", "--interval=1m30s CMD " + script(), "cmd " + json()));
      case 13 -> instruction("EXPOSE", "80" + blank() + "53/udp $P");
      case 14 -> instruction("VOLUME", pick("/a" + blank() + "/b", "[\"/a\"]"));
      case 15 ->
          instruction(
              pick("WORKDIR", "USER", "STOPSIGNAL", "MAINTAINER"), pick("a", "/a b", "$x:${y:-z}"));
      case 16 -> instruction("ONBUILD", pick("RUN ", "workdir ", "CMD ") + script());
      default -> document("ONBUILD", "COPY ", " /x");
    }
  }

  private void trivia() {
    switch (random.nextInt(5)) {
      case 0 -> line(pick("", "  ", "\t"));
      case 1 -> line(pick("#", " # a comment " + escape, "# checked"));
      default -> {}
    }
  }

  private String script() {
    return pick("make", "echo 'a b' \"$c\"", "[ -f /x ]")
        + blank()
        + pick("&& make install", "y # é", "x");
  }

  private String json() {
    return "["
        + pick("", "\"a\"", "\"a\", \"b c\"", "\"\\u0041\\n\" ,\"$x\"").replaceFirst("^$", "\"x\"")
        + "]";
  }

  private String flags(String... some) {
    return chance(2) ? pick(some) : "";
  }

  /// What separates two words: blanks, or the end of a line that goes on.
  private String blank() {
    return switch (random.nextInt(6)) {
      case 0 -> " " + escape + lineEnd + pick("", "  ");
      case 1 -> " " + escape + pick("", " ") + lineEnd + "  # inner " + escape + lineEnd + "\t";
      case 2 -> " " + escape + lineEnd + lineEnd + " ";
      default -> pick(" ", "  ", "\t");
    };
  }

  private void document(String keyword, String before, String after) {
    var name = pick("EOF", "x", "A_1");
    var mark = pick("<<", "<<-", "3<<") + pick(name, "\"" + name + "\"", "'" + name + "'");
    instruction(keyword, before + mark + after);
    var tabs = mark.contains("-") ? pick("", "\t", "\t\t") : "";
    for (int n = random.nextInt(3); n > 0; n--) {
      line(pick("#!/bin/sh", "$a \\", "# no comment", "", "\tx ", "FROM y"));
    }
    line(tabs + name);
  }

  private void instruction(String keyword, String arguments) {
    var cased = chance(4) ? keyword.toLowerCase(Locale.ROOT) : keyword;
    line(pick("", "", " ") + cased + (arguments.isEmpty() ? "" : blank() + arguments));
    keywords.add(keyword);
  }

  private void line(String line) {
    text.append(line).append(lineEnd);
  }

  private boolean chance(int in) {
    return random.nextInt(in) == 0;
  }

  private String pick(String... some) {
    return some[random.nextInt(some.length)];
  }

  private static String pick(Random random, List<String> list) {
    return list.get(random.nextInt(list.size()));
  }
}
