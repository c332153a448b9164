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
      e87e000000                 call fill
      488b2c2500000010           mov rbp,[0x10000000]
      e871000000                 call fill
      488b1c2508000010           mov rbx,[0x10000008]
      ; walk: the next record
      488b03                     mov rax,[rbx]
      488b7b08                   mov rdi,[rbx+0x8]
      488b7310                   mov rsi,[rbx+0x10]
      488b5318                   mov rdx,[rbx+0x18]
      4c8b5320                   mov r10,[rbx+0x20]
      4c8b4328                   mov r8,[rbx+0x28]
      4c8b4b30                   mov r9,[rbx+0x30]
      85c0                       test eax,eax
      7864                       js sweep
      0f05                       syscall
      4885c0                     test rax,rax
      7816                       js failed
      7409                       je next
      488b4b38                   mov rcx,[rbx+0x38]
      4885c9                     test rcx,rcx
      7506                       jne take
      ; next: it answered 0, or there is nowhere else to go
      4883c348                   add rbx,0x48
      ebc9                       jmp walk
      ; take: go where rcx points
      4889cb                     mov rbx,rcx
      ebc4                       jmp walk
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
      ; sweep: no call but the end of all children: read their list, a text of decimal numbers
      4889fe                     mov rsi,rdi
      31d2                       xor edx,edx
      bf9cffffff                 mov edi,0xffffff9c
      b801010000                 mov eax,0x101
      0f05                       syscall
      85c0                       test eax,eax
      78a4                       js failed
      89c5                       mov ebp,eax
      89c7                       mov edi,eax
      488b7310                   mov rsi,[rbx+0x10]
      488b5318                   mov rdx,[rbx+0x18]
      31c0                       xor eax,eax
      0f05                       syscall
      4c8b7310                   mov r14,[rbx+0x10]
      4d8d3c06                   lea r15,[r14+rax]
      89ef                       mov edi,ebp
      b803000000                 mov eax,0x3
      0f05                       syscall
      31ff                       xor edi,edi
      ; digit: the next character of the list
      4d39fe                     cmp r14,r15
      732a                       jae await
      410fb606                   movzx eax,byte ptr [r14]
      49ffc6                     inc r14
      83e830                     sub eax,0x30
      83f809                     cmp eax,0x9
      7707                       ja kill
      6bff0a                     imul edi,edi,0xa
      01c7                       add edi,eax
      ebe5                       jmp digit
      ; kill: after the last digit of a number
      85ff                       test edi,edi
      74e1                       je digit
      be09000000                 mov esi,0x9
      b83e000000                 mov eax,0x3e
      0f05                       syscall
      31ff                       xor edi,edi
      ebd1                       jmp digit
      ; await: one child that has ended; as long as there is one, once more
      48c7c7ffffffff             mov rdi,-1
      31f6                       xor esi,esi
      ba00000040                 mov edx,0x40000000
      4531d2                     xor r10d,r10d
      b83d000000                 mov eax,0x3d
      0f05                       syscall
      4885c0                     test rax,rax
      0f89f5feffff               jns walk
      e921ffffff                 jmp next
      """;

  private X8664Code() {}
}
