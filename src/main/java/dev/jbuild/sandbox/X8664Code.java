package dev.jbuild.sandbox;

/// What [StepProgram] does, for x86-64.
///
/// `rbx` points to where bytes are read to, then to the record at hand (laid out by [CallTable]);
/// `rbp` counts the bytes that are still to come. Each line is one instruction, its bytes first.
final class X8664Code {

  static final String CODE =
      """
      ; start: the 16 bytes of the header, then as many as it says
      bb00000010                 mov ebx,0x10000000
      bd10000000                 mov ebp,0x10
      e87a000000                 call fill
      488b2c2500000010           mov rbp,[0x10000000]
      e86d000000                 call fill
      488b1c2508000010           mov rbx,[0x10000008]
      ; walk: the next record
      488b03                     mov rax,[rbx]
      488b7b08                   mov rdi,[rbx+0x8]
      488b7310                   mov rsi,[rbx+0x10]
      488b5318                   mov rdx,[rbx+0x18]
      4c8b5320                   mov r10,[rbx+0x20]
      4c8b4328                   mov r8,[rbx+0x28]
      4c8b4b30                   mov r9,[rbx+0x30]
      0f05                       syscall
      4885c0                     test rax,rax
      7816                       js failed
      7409                       je next
      488b4b38                   mov rcx,[rbx+0x38]
      4885c9                     test rcx,rcx
      7506                       jne take
      ; next: it answered 0, or there is nowhere else to go
      4883c348                   add rbx,0x48
      ebcd                       jmp walk
      ; take: go where rcx points
      4889cb                     mov rbx,rcx
      ebc8                       jmp walk
      ; failed: tell descriptor 3 which record failed, and how
      50                         push rax
      53                         push rbx
      bf03000000                 mov edi,0x3
      4889e6                     mov rsi,rsp
      ba10000000                 mov edx,0x10
      b801000000                 mov eax,0x1
      0f05                       syscall
      58                         pop rax
      58                         pop rax
      488b4b40                   mov rcx,[rbx+0x40]
      4885c9                     test rcx,rcx
      75da                       jne take
      ; end: leave with code 125
      bf7d000000                 mov edi,0x7d
      b8e7000000                 mov eax,0xe7
      0f05                       syscall
      ; fill: read rbp bytes to where rbx points
      31c0                       xor eax,eax
      31ff                       xor edi,edi
      4889de                     mov rsi,rbx
      4889ea                     mov rdx,rbp
      0f05                       syscall
      4885c0                     test rax,rax
      7ee3                       jle end
      4801c3                     add rbx,rax
      4829c5                     sub rbp,rax
      75e7                       jne fill
      c3                         ret
      """;

  private X8664Code() {}
}
