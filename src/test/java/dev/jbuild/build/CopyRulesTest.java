package dev.jbuild.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.failure.BuildFailure;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What COPY and ADD put into an image, a row a rule; the numbers are the sections of the
/// language's reference (6.2 sources, 6.3 destination, 6.4 ownership, 6.5 flags, 6.6 ADD).
///
/// A row says what is there afterwards that was not there before: mode, owner and content of
/// files, `/` behind directories, `->` before the target of a link, `=` before the first name of a
/// hard link, `%` behind fifos; `{}` stands for nothing.
class CopyRulesTest {

  @TempDir static Path temp;
  private static CopyBench bench;

  @BeforeAll
  static void open() throws Exception {
    bench =
        new CopyBench(temp)
            .context(
                """
                umask 022
                printf a > a; printf b > b; printf h > .h; printf x > '[x]'; printf s > 'a*b'
                mkdir -p d/s/deep e/s o; printf c > d/c; printf f > d/s/f; printf 2 > e/s/f
                printf t > d/n.txt; printf m > d/s/n.txt; printf 1 > o/usr; chmod 4755 b
                chmod 700 d/s; chmod 1777 d/s/deep; ln -s c d/l; ln -s ../a d/up; ln -s d ld; ln -s a la
                ln -s /d/s sd; ln -s ../../../../a climb; ln -s none dangling
                mkdir -p h/s; printf k > h/k; ln h/k h/s/z; mkfifo h/p
                mkdir -p c/usr c/lib; printf q > c/lib/q; mkdir t; printf r > t/r; ln -s r t/y
                mkdir t/lib; printf v > t/lib/v; chmod 2751 t/lib; ln t/r t/z
                printf q > t/o; tar -C t --owner=12 --group=34 -cf o.tar o; rm t/o
                tar -C t --owner=12 --group=34 -cf t.tar r y z lib; gzip -k t.tar; : > zero
                printf no | gzip > no.tar.gz; mv t.tar.gz t.txt; ln -s t.tar ltar
                """)
            .below(
                "dir/ 755 0:0, gid/ 2775 7:8, dir/sub/ 700 7:8, dir/sub/f 644 0:0 f, dir/to ->"
                    + " /file, etc/ 755 0:0, etc/passwd 644 0:0 root:x:0:0::/:\\n"
                    + "app:x:1000:1001::/:\\n"
                    + ", etc/group 644 0:0 root:x:0:\\n"
                    + "staff:x:50:\\n"
                    + ", file 644 0:0 o, tmp/ 1777 0:0, usr/ 755 0:0, usr/lib/ 711 7:8, abs ->"
                    + " /usr, gone -> nowhere/x, lib -> usr/lib, loop -> loop, rootdir -> /, out ->"
                    + " ../../../dir");
  }

  @AfterAll
  static void close() throws Exception {
    bench.close();
  }

  @ParameterizedTest(name = "{0}", quoteTextArguments = false)
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\u0001',
      value = {
        // sources
        "6.2 a file                   | COPY a /n | n 644 0:0 a",
        "6.2 ..: the root stops it    | COPY ../../a /n | n 644 0:0 a",
        "6.2 a slash behind a file    | COPY a/ /n | n 644 0:0 a",
        "6.2 cleaned as text          | COPY ld/../b /n | n 4755 0:0 b",
        "6.2 contents of a directory  | COPY e /n | n/ 755 0:0, n/s/ 755 0:0, n/s/f 644 0:0 2",
        "6.2 with a slash             | COPY e/ /n/ | n/ 755 0:0, n/s/ 755 0:0, n/s/f 644 0:0 2",
        "6.2 with a dot               | COPY e/. /n | n/ 755 0:0, n/s/ 755 0:0, n/s/f 644 0:0 2",
        "6.2 directories are merged   | COPY e/s d/s /n/ | n/ 755 0:0, n/deep/ 1777 0:0, n/f 644"
            + " 0:0 f, n/n.txt 644 0:0 m",
        "6.2 the last one wins        | COPY d/s e/s /n/ | n/ 755 0:0, n/deep/ 1777 0:0, n/f 644"
            + " 0:0 2, n/n.txt 644 0:0 m",
        "6.2 a link to a file         | COPY la /n/ | n/ 755 0:0, n/la 644 0:0 a",
        "6.2 a link to a directory    | COPY ld/s /n | n/ 755 0:0, n/deep/ 1777 0:0, n/f 644 0:0 f,"
            + " n/n.txt 644 0:0 m",
        "6.2 an absolute link         | COPY sd/f /n | n 644 0:0 f",
        "6.2 a link that climbs       | COPY climb /n | n 644 0:0 a",
        "6.2 links inside are kept    | COPY --exclude=[cns]* d /n | n/ 755 0:0, n/l -> c, n/up ->"
            + " ../a",
        "6.2 hard links and fifos     | COPY h /n | n/ 755 0:0, n/k 644 0:0 k, n/p% 644 0:0, n/s/"
            + " 755 0:0, n/s/z = n/k",
        "6.2 of one source only       | COPY h/k h/s /n/ | n/ 755 0:0, n/k 644 0:0 k, n/z 644 0:0"
            + " k",
        "6.2 not between matches      | COPY h/[ks]* /n/ | n/ 755 0:0, n/k 644 0:0 k, n/z 644 0:0"
            + " k",
        "6.2 a linked name replaced   | COPY h d/s/f /n/ | n/ 755 0:0, n/f 644 0:0 f, n/k 644 0:0"
            + " k, n/p% 644 0:0, n/s/ 755 0:0, n/s/z = n/k",
        "6.2 set-user-ID is kept      | COPY b /n | n 4755 0:0 b",
        "6.2 * and a dot              | COPY .* /n/ | n/ 755 0:0, n/.h 644 0:0 h",
        "6.2 [[]                      | COPY [[]x] /n/ | n/ 755 0:0, n/[x] 644 0:0 x",
        "6.2 [^a]                     | COPY [^ac-z.]* /n/ | n/ 755 0:0, n/[x] 644 0:0 x, n/b 4755"
            + " 0:0 b",
        "6.2 \\*                      | COPY a\\\\** /n/ | n/ 755 0:0, n/a*b 644 0:0 s",
        "6.2 * stops at slashes       | COPY */*.txt /n/ | n/ 755 0:0, n/n.txt 644 0:0 t",
        "6.2 ** is * without parents  | COPY **/*.txt /n/ | n/ 755 0:0, n/n.txt 644 0:0 t",
        "6.2 a wildcard directory     | COPY [e]* /n | n/ 755 0:0, n/s/ 755 0:0, n/s/f 644 0:0 2",
        "6.2 a wildcard below a link  | COPY ld/s/*.txt /n/ | n/ 755 0:0, n/n.txt 644 0:0 m",
        "6.2 links match, not below   | COPY l*/c /n/ | {}",
        "6.2 one match has a name     | COPY .* /n | n 644 0:0 h",
        "6.2 no match                 | COPY none* /n/ | {}",
        "6.2 several into a directory | COPY a b /usr | usr/a 644 0:0 a, usr/b 4755 0:0 b",
        "6.2 directories, no slash    | COPY e/s a /n |"
            + " n/ 755 0:0, n/a 644 0:0 a, n/f 644 0:0 2",
        "6.6 archives, no slash       | ADD o.tar a /n | n/ 755 0:0, n/a 644 0:0 a, n/o 644 12:34"
            + " q",
        "6.2 one of two matches       | COPY none* a /n | n 644 0:0 a",
        // destinations
        "6.3 into a directory         | COPY a /usr | usr/a 644 0:0 a",
        "6.3 made with a slash        | COPY a /n/m/ | n/ 755 0:0, n/m/ 755 0:0, n/m/a 644 0:0 a",
        "6.3 made with a dot          | COPY a /n/. | n/ 755 0:0, n/a 644 0:0 a",
        "6.3 parents of a name        | COPY a /n/m | n/ 755 0:0, n/m 644 0:0 a",
        "6.3 relative                 | COPY a n | dir/n 644 0:0 a",
        "6.3 dot                      | COPY a . | dir/a 644 0:0 a",
        "6.3 empty                    | COPY a '' | dir/a 644 0:0 a",
        "6.3 above the root           | COPY a ../../../n | n 644 0:0 a",
        "6.3 a link on the way        | COPY a /lib/n | usr/lib/n 644 0:0 a",
        "6.3 a link at the end        | COPY a /lib | usr/lib/a 644 0:0 a",
        "6.3 an absolute link         | COPY a /abs/lib/ | usr/lib/a 644 0:0 a",
        "6.3 a link that climbs       | COPY a /out/ | dir/a 644 0:0 a",
        "6.3 a link to nothing        | COPY a /gone | nowhere/ 755 0:0, nowhere/x 644 0:0 a",
        "6.3 and as a directory       | COPY a /gone/ | nowhere/ 755 0:0, nowhere/x/ 755 0:0,"
            + " nowhere/x/a 644 0:0 a",
        "6.3 a name is not followed   | COPY la /dir/to/../ | dir/la 644 0:0 a",
        "6.3 but a full name is       | COPY b /dir/to | file 4755 0:0 b",
        "6.3 a file over a link       | COPY <<to /dir/\\ny\\nto | dir/to 644 0:0 y\\n",
        "6.3 a file is replaced       | COPY b /file | file 4755 0:0 b",
        "6.3 merged, own mode kept    | COPY d/s /dir/sub | dir/sub/deep/ 1777 0:0, dir/sub/n.txt"
            + " 644 0:0 m",
        "6.3 merged, children's taken | COPY e /usr | usr/s/ 755 0:0, usr/s/f 644 0:0 2",
        "6.3 an empty directory       | COPY d/s/deep /n | n/ 755 0:0",
        "6.3 in a set-group-ID one    | COPY e /gid/n | gid/n/ 2755 0:8, gid/n/s/ 755 0:0,"
            + " gid/n/s/f 644 0:0 2",
        "6.3 also for others          | COPY --chown=5:6 --chmod=700 a /gid/n/m | gid/n/ 2700 5:6,"
            + " gid/n/m 700 5:6 a",
        // owners
        "6.4 a name has its group     | COPY --chown=app a /n/ | n/ 755 1000:1001, n/a 644"
            + " 1000:1001 a",
        "6.4 a number is the group    | COPY --chown=1000 a /n/m | n/ 755 1000:1000, n/m 644"
            + " 1000:1000 a",
        "6.4 root needs no entry      | COPY --chown=root a /n | n 644 0:0 a",
        "6.4 name and number          | COPY --chown=app:7 a /n | n 644 1000:7 a",
        "6.4 number and name          | COPY --chown=7:staff a /n | n 644 7:50 a",
        "6.4 group alone              | COPY --chown=:staff a /n | n 644 0:50 a",
        "6.4 name and colon           | COPY --chown=app: a /n | n 644 1000:1001 a",
        "6.4 links and directories    | COPY --chown=1:2 --exclude=[cn]* --exclude=s/* d /n | n/"
            + " 755 1:2, n/l -> c 1:2, n/s/ 700 1:2, n/up -> ../a 1:2",
        "6.4 what exists keeps its own | COPY --chown=1:2 a /dir/sub/n | dir/sub/n 644 1:2 a",
        "6.4 from an image: kept      | COPY --from=base /usr /n | n/ 755 0:0, n/lib/ 711 7:8",
        "6.4 but for the top          | COPY --from=base /usr/lib /n | n/ 755 0:0",
        "6.4 links of that image      | COPY --from=base /abs/lib/../../etc/group /lib/ |"
            + " usr/lib/group 644 0:0 root:x:0:\\n"
            + "staff:x:50:\\n",
        "6.4 and never out, case 66   | COPY --from=base /rootdir/rootdir/../file /n | n 644 0:0 o",
        // modes
        "6.1 octal, parents too       | COPY --chmod=640 a /n/m | n/ 640 0:0, n/m 640 0:0 a",
        "6.1 octal, with a slash      | COPY --chmod=640 a /n/ | n/ 640 0:0, n/a 640 0:0 a",
        "6.1 octal, of a directory    | COPY --chmod=750 e /n | n/ 750 0:0, n/s/ 750 0:0, n/s/f 750"
            + " 0:0 2",
        "6.1 no special bits for them | COPY --chmod=4755 a /n/ | n/ 755 0:0, n/a 4755 0:0 a",
        "6.1 what exists stays        | COPY --chmod=600 a /usr/lib/ | usr/lib/a 600 0:0 a",
        "6.1 symbolic                 | COPY --chmod=u=rwX,go= e /n/ | n/ 755 0:0, n/s/ 700 0:0,"
            + " n/s/f 600 0:0 2",
        "6.1 links have no mode       | COPY --chmod=600 --exclude=[cns]* d /n | n/ 600 0:0, n/l ->"
            + " c, n/up -> ../a",
        "6.1 both                     | COPY --chown=app --chmod=go+w a /n | n 666 1000:1001 a",
        // --link, --parents, --exclude
        "6.5 link: nothing is below   | COPY --link a /lib/ | lib/ 755 0:0, lib/a 644 0:0 a",
        "6.5 link onto a directory    | COPY --link a /usr/lib | usr/lib 644 0:0 a",
        "6.5 link, parents are named  | COPY --link --chown=3 a /tmp/n | tmp/ 755 3:3, tmp/n 644"
            + " 3:3 a",
        "6.5 link and --chmod         | COPY --link --chmod=600 a /lib/ | usr/lib/a 600 0:0 a",
        "6.5 link of a directory      | COPY --link e /dir | dir/s/ 755 0:0, dir/s/f 644 0:0 2",
        "6.5 parents                  | COPY --parents d/s/f /n/ | n/ 755 0:0, n/d/ 755 0:0, n/d/s/"
            + " 700 0:0, n/d/s/f 644 0:0 f",
        "6.5 parents: no slash needed | COPY --parents a /n | n/ 755 0:0, n/a 644 0:0 a",
        "6.5 a pivot                  | COPY --parents d/./s/f /n/ | n/ 755 0:0, n/s/ 700 0:0,"
            + " n/s/f 644 0:0 f",
        "6.5 two stars                | COPY --parents d/**/*.txt /n/ | n/ 755 0:0, n/d/ 755 0:0,"
            + " n/d/n.txt 644 0:0 t, n/d/s/ 700 0:0, n/d/s/n.txt 644 0:0 m",
        "6.5 stars and a pivot        | COPY --parents ./d/./**/f /n/ | n/ 755 0:0, n/s/ 700 0:0,"
            + " n/s/f 644 0:0 f",
        "6.5 a directory is whole     | COPY --parents e /n/ | n/ 755 0:0, n/e/ 755 0:0, n/e/s/ 755"
            + " 0:0, n/e/s/f 644 0:0 2",
        "6.5 parents keep links       | COPY --parents la d/l /n/ | n/ 755 0:0, n/d/ 755 0:0, n/d/l"
            + " -> c, n/la -> a",
        "6.5 parents keep hard links  | COPY --parents h/**/[kz] h/./s /n/ | n/ 755 0:0, n/h/ 755"
            + " 0:0, n/h/k 644 0:0 k, n/h/s/ 755 0:0, n/h/s/z = n/h/k, n/s/ 755 0:0, n/s/z 644 0:0"
            + " k",
        "6.5 but of one pattern only  | COPY --parents h/k h/s/z /n/ | n/ 755 0:0, n/h/ 755 0:0,"
            + " n/h/k 644 0:0 k, n/h/s/ 755 0:0, n/h/s/z 644 0:0 k",
        "6.5 below one directory only | COPY --parents h*/./k h/[s]/./z /n/ | n/ 755 0:0, n/k 644"
            + " 0:0 k, n/z 644 0:0 k",
        "6.5 no match of a wildcard   | COPY --parents x*/y /n/ | n/ 755 0:0",
        "6.5 nothing matches below    | COPY --parents --chmod=700 d/./x* /n | n/ 700 0:0",
        "6.5 nowhere to look          | COPY --parents x*/./y /n/ | {}",
        "6.5 all is excluded          | COPY --parents --exclude=** d/s /n | n/ 755 0:0",
        "6.5 owner of new parents     | COPY --parents --chown=app e/s /n/ | n/ 755 1000:1001, n/e/"
            + " 755 1000:1001, n/e/s/ 755 1000:1001, n/e/s/f 644 1000:1001 2",
        "6.5 of old ones only the mode | COPY --parents --chown=app c/usr/../../d/./s/f"
            + " /dir/sub/../ | dir/s/ 700 1000:1001, dir/s/f 644 1000:1001 f",
        "6.5 exclude                  | COPY --exclude=*.txt --exclude=s d /n | n/ 755 0:0, n/c 644"
            + " 0:0 c, n/l -> c, n/up -> ../a",
        "6.5 exclude is anchored      | COPY --exclude=f d/s /n | n/ 755 0:0, n/deep/ 1777 0:0,"
            + " n/n.txt 644 0:0 m",
        "6.5 exclude anywhere         | COPY --exclude=**/f --exclude=[lun]* d /n | n/ 755 0:0, n/c"
            + " 644 0:0 c, n/s/ 700 0:0, n/s/deep/ 1777 0:0, n/s/n.txt 644 0:0 m",
        "6.5 exclude but              | COPY --exclude=* --exclude=!s/f d /n | n/ 755 0:0, n/s/ 700"
            + " 0:0, n/s/f 644 0:0 f",
        "6.5 exclude but, onto others | COPY --chown=3 --chmod=600 --exclude=* --exclude=!lib/v"
            + " c/../t /usr | usr/lib/ 2751 7:8, usr/lib/v 600 3:3 v",
        "6.5 exclude, slash in front  | COPY --exclude=/f --exclude=*n* --exclude=!./n.txt d/s /n |"
            + " n/ 755 0:0, n/deep/ 1777 0:0, n/f 644 0:0 f",
        "6.5 exclude of a file        | COPY --exclude=.h .* a /n/ | n/ 755 0:0, n/a 644 0:0 a",
        "6.5 exclude of parents       | COPY --parents --exclude=**/deep --exclude=**/n* d/s /n/ |"
            + " n/ 755 0:0, n/d/ 755 0:0, n/d/s/ 700 0:0, n/d/s/f 644 0:0 f",
        "6.5 a left-out one keeps its owner | COPY --parents --exclude=lib --exclude=!lib/v t/./lib"
            + " /usr | usr/lib/ 2751 7:8, usr/lib/v 644 0:0 v",
        // ADD
        "6.6 an archive               | ADD --exclude=x t.tar /n | n/ 755 0:0, n/lib/ 2751 12:34,"
            + " n/lib/v 644 12:34 v, n/r 644 12:34 r, n/y -> r 12:34, n/z = n/r",
        "6.6 by its content           | ADD --chown=5:6 t.txt /n/ | n/ 755 5:6, n/lib/ 2751 5:6,"
            + " n/lib/v 644 5:6 v, n/r 644 5:6 r, n/y -> r 5:6, n/z = n/r",
        "6.6 through a link, no chmod | ADD --chmod=700 ltar /n | n/ 755 0:0, n/lib/ 2751 12:34,"
            + " n/lib/v 644 12:34 v, n/r 644 12:34 r, n/y -> r 12:34, n/z = n/r",
        "6.6 links in its way go      | ADD t.tar / | lib/ 2751 12:34, lib/v 644 12:34 v, r 644"
            + " 12:34 r, y -> r 12:34, z = r",
        "6.6 not unpacked             | ADD --unpack=false zero /n | n 644 0:0",
        "6.6 COPY may unpack nothing  | COPY zero /n | n 644 0:0",
        "6.6 empty is no archive      | ADD zero /n/ | n/ 755 0:0, n/zero 644 0:0",
        "6.6 compressed, but no tar   | ADD no.tar.gz /n/ | n/ 755 0:0, n/no.tar.gz 644 0:0 (gzip)",
        "6.6 a directory as by COPY   | ADD e /n | n/ 755 0:0, n/s/ 755 0:0, n/s/f 644 0:0 2",
        // here-documents
        "1.10 a document              | COPY <<f /n/\\n$W\\nf | n/ 755 0:0, n/f 644 0:0 w\\n",
        "1.10 under another name      | COPY <<f /n\\nx\\nf | n 644 0:0 x\\n",
        "1.10 quoted, with flags      | ADD --chown=app --chmod=u+x <<'f' /n\\n"
            + "$W\\n"
            + "f | n 744 1000:1001 $W\\n",
        "1.10 with files, several     | COPY a <<f <<-g /n/\\n"
            + "x\\n"
            + "f\\n"
            + "\ty\\n"
            + "\tg | n/ 755 0:0, n/a 644 0:0 a, n/f 644 0:0 x\\n"
            + ", n/g 644 0:0 y\\n",
      })
  void copiesAs(String rule, String instruction, String expected) throws Exception {
    assertEquals(expected, bench.build(instruction));
  }

  @ParameterizedTest(name = "{0}", quoteTextArguments = false)
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\u0001',
      value = {
        "7 in a set-group-ID one      | WORKDIR /gid/n/m | gid/n/ 2755 0:8, gid/n/m/ 2755 0:8",
        "7 made with its parents      | WORKDIR /n/m | n/ 755 0:0, n/m/ 755 0:0",
        "7 relative                   | WORKDIR n | dir/n/ 755 0:0",
        "7 for USER                   | USER app\\n"
            + "WORKDIR /n/m | n/ 755 1000:1001, n/m/ 755 1000:1001",
        "7 a number is the group      | USER 1000\\nWORKDIR /n | n/ 755 1000:1000",
        "7 a group                    | USER app:staff\\nWORKDIR /n | n/ 755 1000:50",
        "7 an unknown USER            | USER who\\nWORKDIR /n | n/ 755 0:0",
        "7 what exists stays          | USER app\\nWORKDIR /dir/sub | {}",
        "7 the root                   | WORKDIR / | {}",
        "7 through a link, case 75    | WORKDIR /rootdir/n | n/ 755 0:0",
        "7 a link that climbs         | WORKDIR /out/n | dir/n/ 755 0:0",
        "7 a link to nothing          | WORKDIR /gone/n |"
            + " nowhere/ 755 0:0, nowhere/x/ 755 0:0, nowhere/x/n/ 755 0:0",
      })
  void makesDirectories(String rule, String instruction, String expected) throws Exception {
    assertEquals(expected, bench.build(instruction));
  }

  @ParameterizedTest(name = "{0}", quoteTextArguments = false)
  @CsvSource(
      delimiter = '|',
      value = {
        "6.7 for its own sake or not  | COPY --parents e/s /n/ | COPY --parents e/s/f /n/ | other",
        "6.7 which pattern finds them | COPY --parents h/**/[kz] o/usr /n/ | COPY --parents h/k"
            + " [ho]/**/[zu]* /n/ | other",
        "6.7 found in another way     | COPY --parents h/k /n/ | COPY --parents h/[k] /n/ | same",
      })
  void filesAreTheSameOrNot(String rule, String one, String another, String expected)
      throws Exception {
    assertEquals(expected, bench.key(one).equals(bench.key(another)) ? "same" : "other");
  }

  @ParameterizedTest(name = "{0}", quoteTextArguments = false)
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\u0001',
      value = {
        "7 WORKDIR onto a file        | WORKDIR /file | /file",
        "6.2 missing                  | COPY nothing /n | nothing",
        "6.2 nowhere to look for a match | COPY ld/nothing/*.x a /n/ | ld/nothing/*.x",
        "6.2 missing, but others match | COPY a* nothing /n/ | nothing",
        "6.2 a link to nothing        | COPY dangling /n | dangling",
        "6.2 several, no slash        | COPY a b /n | /n/",
        "6.2 many matches, no slash   | COPY [ab] /n | /n/",
        "6.2 a file and a directory   | COPY a e /n | /n/",
        "6.2 and of two sources       | COPY .* a /n | /n/",
        "6.3 a directory onto a link  | COPY c / | /lib, which is a link to usr/lib",
        "6.3 a directory onto a file  | COPY e /file | /file",
        "6.3 a file onto a directory  | COPY o / | /usr",
        "6.3 a file is no directory   | COPY a /file/ | /file",
        "6.3 nor on the way           | COPY a /file/x | file",
        "6.3 a link in a circle       | COPY a /loop | loop",
        "6.4 an unknown user          | COPY --chown=who a /n | who",
        "6.4 an unknown group         | COPY --chown=app:app a /n | app",
        "6.5 parents: missing         | COPY --parents d/none /n/ | none",
        "6.6 an archive onto a file   | ADD t.tar /file | file",
      })
  void refuses(String rule, String instruction, String named) {
    var failure = assertThrows(BuildFailure.class, () -> bench.build(instruction));
    var said = failure.getMessage() + failure.hint().orElse("");
    assertTrue(said.contains(named), said);
  }
}
