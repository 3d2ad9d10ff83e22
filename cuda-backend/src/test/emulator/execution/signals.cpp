// A kernel that accesses memory that is not there ends with an error instead of ending the process.
#include <signal.h>
#include <ucontext.h>

#include <cstdio>
#include <mutex>

#include "worker.h"

namespace emulator {
namespace {

constexpr int SIGNALS[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL};
struct sigaction previous[64];

// The Java VM uses these signals too, for its own threads.
void pass_on(int signal, siginfo_t* info, void* context) {
  const struct sigaction& before = previous[signal];
  if (before.sa_flags & SA_SIGINFO) {
    before.sa_sigaction(signal, info, context);
  } else if (before.sa_handler == SIG_DFL) {
    // The instruction runs again and ends the process as it would have.
    sigaction(signal, &before, nullptr);
  } else if (before.sa_handler != SIG_IGN) {
    before.sa_handler(signal);
  }
}

void handle(int signal, siginfo_t* info, void* context) {
  Worker* worker = Worker::current;
  if (!worker || !worker->leave_kernel(signal, info, context)) {
    pass_on(signal, info, context);
  }
}

}  // namespace

void install_signal_handlers() {
  static std::once_flag once;
  std::call_once(once, [] {
    for (int signal : SIGNALS) {
      sigaction(signal, nullptr, &previous[signal]);
      struct sigaction action = previous[signal];
      action.sa_sigaction = handle;
      action.sa_flags |= SA_SIGINFO | SA_ONSTACK;
      action.sa_flags &= ~(int)SA_RESETHAND;
      sigaction(signal, &action, nullptr);
    }
  });
}

bool Worker::leave_kernel(int signal, siginfo_t* info, void* context) {
  // Sent by the pool to end a kernel, rather than raised by an instruction.
  bool sent = info->si_code <= 0;
  if (!in_kernel_) {
    return sent;
  }
  auto* machine = &((ucontext_t*)context)->uc_mcontext;
  constexpr int write_bit = 2;
  bool write = machine->gregs[REG_ERR] & write_bit;
  if (sent) {
    set_fault(702, 0, "the kernel does not end");
  } else if (signal == SIGFPE) {
    set_fault(719, 0, "integer division by zero");
  } else if (signal == SIGILL) {
    set_fault(715, 0, "illegal instruction or __builtin_trap()");
  } else if (stacks_.overflowed(info->si_addr)) {
    set_fault(719, 0, "a thread needs too much local memory");
  } else if (info->si_code == SI_KERNEL) {
    // The processor names no address; vector instructions on unaligned addresses end here.
    set_fault(716, 0, "a misaligned vector access, or a wild pointer");
  } else {
    set_fault(700, (uintptr_t)info->si_addr, write ? "write" : "read");
  }
  // Goes on where the block began. What the fibers held is abandoned with their stacks.
  machine->gregs[REG_RSP] = (greg_t)scheduler_;
  machine->gregs[REG_RIP] = (greg_t)(void*)&emulator_resume;
  return true;
}

}  // namespace emulator
