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
      1f000094   bl fill
      0900a2d2   mov x9, #0x10000000
      340140f9   ldr x20, [x9]
      1c000094   bl fill
      0900a2d2   mov x9, #0x10000000
      330540f9   ldr x19, [x9, #8]
      ; walk: the next record
      680240f9   ldr x8, [x19]
      608640a9   ldp x0, x1, [x19, #8]
      628e41a9   ldp x2, x3, [x19, #24]
      649642a9   ldp x4, x5, [x19, #40]
      010000d4   svc #0x0
      0001f8b7   tbnz x0, #63, failed
      600000b4   cbz x0, next
      691e40f9   ldr x9, [x19, #56]
      690000b5   cbnz x9, take
      ; next: it answered 0, or there is nowhere else to go
      73220191   add x19, x19, #0x48
      f6ffff17   b walk
      ; take: go where x9 points
      f30309aa   mov x19, x9
      f4ffff17   b walk
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
      """;

  private Aarch64Code() {}
}
