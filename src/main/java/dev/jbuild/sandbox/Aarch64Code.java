package dev.jbuild.sandbox;

/// What [StepProgram] does, for aarch64.
///
/// `x19` points to where bytes are read to, then to the record at hand (laid out by [CallTable]);
/// `x20` counts the bytes that are still to come. Each line is one instruction, its bytes first.
final class Aarch64Code {

  static final String CODE =
      """
      ; start: the 16 bytes of the header, then as many as it says
      1300a2d2   mov x19, #0x10000000
      140280d2   mov x20, #0x10
      20000094   bl fill
      0900a2d2   mov x9, #0x10000000
      340140f9   ldr x20, [x9]
      1d000094   bl fill
      0900a2d2   mov x9, #0x10000000
      330540f9   ldr x19, [x9, #8]
      ; walk: the next record
      680240f9   ldr x8, [x19]
      608640a9   ldp x0, x1, [x19, #8]
      628e41a9   ldp x2, x3, [x19, #24]
      649642a9   ldp x4, x5, [x19, #40]
      2804f8b7   tbnz x8, #63, sweep
      010000d4   svc #0x0
      0001f8b7   tbnz x0, #63, failed
      600000b4   cbz x0, next
      691e40f9   ldr x9, [x19, #56]
      690000b5   cbnz x9, take
      ; next: it answered 0, or there is nowhere else to go
      73220191   add x19, x19, #0x48
      f5ffff17   b walk
      ; take: go where x9 points
      f30309aa   mov x19, x9
      f3ffff17   b walk
      ; failed: tell descriptor 3 which record failed, and how
      f303bfa9   stp x19, x0, [sp, #-16]!
      600080d2   mov x0, #0x3
      e1030091   mov x1, sp
      020280d2   mov x2, #0x10
      080880d2   mov x8, #0x40
      010000d4   svc #0x0
      ff430091   add sp, sp, #0x10
      692240f9   ldr x9, [x19, #64]
      c9feffb5   cbnz x9, take
      ; end: leave with code 125
      a00f80d2   mov x0, #0x7d
      c80b80d2   mov x8, #0x5e
      010000d4   svc #0x0
      ; fill: read x20 bytes to where x19 points
      000080d2   mov x0, #0x0
      e10313aa   mov x1, x19
      e20314aa   mov x2, x20
      e80780d2   mov x8, #0x3f
      010000d4   svc #0x0
      1f0000f1   cmp x0, #0x0
      edfeff54   b.le end
      7302008b   add x19, x19, x0
      940200eb   subs x20, x20, x0
      e1feff54   b.ne fill
      c0035fd6   ret
      ; sweep: no call but the end of all children: read their list, a text of decimal numbers
      e10300aa   mov x1, x0
      600c8092   mov x0, #-100
      020080d2   mov x2, #0x0
      080780d2   mov x8, #0x38
      010000d4   svc #0x0
      80fcffb7   tbnz x0, #63, failed
      f40300aa   mov x20, x0
      610a41a9   ldp x1, x2, [x19, #16]
      e80780d2   mov x8, #0x3f
      010000d4   svc #0x0
      750a40f9   ldr x21, [x19, #16]
      b602008b   add x22, x21, x0
      e00314aa   mov x0, x20
      280780d2   mov x8, #0x39
      010000d4   svc #0x0
      000080d2   mov x0, #0x0
      4a0180d2   mov x10, #0xa
      ; digit: the next character of the list
      bf0216eb   cmp x21, x22
      a2010054   b.hs await
      a9164038   ldrb w9, [x21], #1
      29c10051   sub w9, w9, #0x30
      3f250071   cmp w9, #0x9
      68000054   b.hi kill
      00240a9b   madd x0, x0, x10, x9
      f9ffff17   b digit
      ; kill: after the last digit of a number
      00ffffb4   cbz x0, digit
      210180d2   mov x1, #0x9
      281080d2   mov x8, #0x81
      010000d4   svc #0x0
      000080d2   mov x0, #0x0
      f3ffff17   b digit
      ; await: one child that has ended; as long as there is one, once more
      00008092   mov x0, #-1
      010080d2   mov x1, #0x0
      0200a8d2   mov x2, #0x40000000
      030080d2   mov x3, #0x0
      882080d2   mov x8, #0x104
      010000d4   svc #0x0
      c0f6ffb6   tbz x0, #63, walk
      bfffff17   b next
      """;

  private Aarch64Code() {}
}
