// The scheduler of a block's threads. A fiber runs until it waits, then switches straight to the
// next one; the scheduler's own context is left when a block begins and resumed when it ends.
#include "worker.h"

#include <dlfcn.h>
#include <link.h>
#include <sched.h>
#include <sys/mman.h>

#include <cstdarg>
#include <cstdio>
#include <cstdlib>

extern "C" {
__attribute__((visibility("default"))) __thread EmulatorThread emulator_thread
    __attribute__((tls_model("initial-exec")));
__attribute__((visibility("default"))) __thread EmulatorBlock emulator_block
    __attribute__((tls_model("initial-exec")));
}

namespace emulator {

__thread Worker* Worker::current = nullptr;

Worker::Worker() : stacks_(MAX_THREADS) {
  constexpr size_t page = 4096;
  auto* memory = (unsigned char*)mmap(nullptr, MAX_SHARED + 2 * page, PROT_READ | PROT_WRITE,
                                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    fprintf(stderr, "cuda-emulator: no memory for a worker\n");
    abort();
  }
  shared_end_ = memory + page + MAX_SHARED;
  mprotect(memory, page, PROT_NONE);
  mprotect(shared_end_, page, PROT_NONE);
}

bool Worker::run(const Launch& launch, std::atomic<uint64_t>& next_block, std::atomic<bool>& failed,
                 Failure* failure) {
  launch_ = &launch;
  threads_ = launch.block.x * launch.block.y * launch.block.z;
  warp_count_ = (threads_ + 31) / 32;
  fault_.code = 0;
  // Aligned as a GPU aligns it for a kernel without static shared memory. What is left up to the
  // end is poisoned too, and looked at after the block.
  uintptr_t shared = ((uintptr_t)shared_end_ - launch.dynamic_bytes) & ~(uintptr_t)1023;
  emulator_block.size = launch.block;
  emulator_block.grid = launch.grid;
  emulator_block.dynamic_shared = (unsigned char*)shared;
  emulator_block.dynamic_bytes = launch.dynamic_bytes;
  uint64_t blocks = (uint64_t)launch.grid.x * launch.grid.y * launch.grid.z;
  // Small pieces in order: a block may wait for one before it, which then runs or has run.
  uint64_t piece = blocks / (launch.workers * 64) + 1;
  while (!failed.load(std::memory_order_relaxed)) {
    uint64_t first = next_block.fetch_add(piece);
    if (first >= blocks) {
      break;
    }
    for (uint64_t block = first; block < first + piece && block < blocks; block++) {
      run_block(block);
      if (fault_.code != 0) {
        *failure = {fault_.code, fault_.what, fault_.address};
        return true;
      }
    }
  }
  return false;
}

void Worker::run_block(uint64_t block) {
  const Launch& launch = *launch_;
  emulator_block.index = {(unsigned)(block % launch.grid.x),
                          (unsigned)(block / launch.grid.x % launch.grid.y),
                          (unsigned)(block / launch.grid.x / launch.grid.y)};
  reversed_ = launch.order == Order::REVERSED ||
              (launch.order == Order::ALTERNATE && ((block + launch.number) & 1));
  unsigned variant = (unsigned)block + launch.number;
  poison_shared(variant);
  run_threads();
  if (fault_.code == 0) {
    check_shared_end(variant);
  }
}

void Worker::run_threads() {
  started_ = 0;
  alive_ = threads_;
  for (Barrier& barrier : barriers_) {
    barrier.arrived = 0;
    barrier.predicates = 0;
  }
  for (unsigned i = 0; i < warp_count_; i++) {
    Warp& warp = warps_[i];
    unsigned lanes = threads_ - i * 32;
    warp.ready = warp.spinning = warp.arrived = 0;
    warp.alive = lanes >= 32 ? 0xffffffffu : (1u << lanes) - 1;
  }
  for (unsigned i = 0; i < threads_; i++) {
    fibers_[i].state = State::NEW;
    fibers_[i].copies.clear();
    fibers_[i].groups.clear();
    fibers_[i].uncommitted = 0;
  }
  running_ = thread_at(0);
  in_kernel_ = true;
  switch_to(pick(), &scheduler_);
  in_kernel_ = false;
  if (fault_.code == 0 && alive_ > 0) {
    describe_deadlock();
  }
  if (alive_ > 0) {
    stacks_.reset();
  }
}

// ---- which thread runs

void Worker::become(unsigned thread) {
  running_ = thread;
  uint3 size = emulator_block.size;
  if (size.y == 1 && size.z == 1) {
    emulator_thread.index = {thread, 0, 0};
  } else {
    emulator_thread.index = {thread % size.x, thread / size.x % size.y, thread / size.x / size.y};
  }
  emulator_thread.lane = thread & 31;
  emulator_thread.warp = thread >> 5;
}

// Stays within the warp as long as it can: threads of a warp mostly wait for each other.
int Worker::pick() {
  unsigned warp = running_ >> 5;
  for (;;) {
    if (started_ < threads_ && thread_at(started_) >> 5 == warp) {
      return (int)thread_at(started_++);
    }
    int ready = pick_ready(warp);
    if (ready != NOBODY) {
      return ready;
    }
    if (started_ < threads_) {
      return (int)thread_at(started_++);
    }
    bool polled = false;
    for (unsigned i = 0; i < warp_count_; i++) {
      polled |= warps_[i].spinning != 0;
      warps_[i].ready |= warps_[i].spinning;
      warps_[i].spinning = 0;
    }
    if (!polled) {
      return NOBODY;
    }
    // They may wait for a block of another worker.
    sched_yield();
  }
}

int Worker::pick_ready(unsigned first_warp) {
  for (unsigned i = 0; i < warp_count_; i++) {
    unsigned index =
        reversed_ ? (first_warp + warp_count_ - i) % warp_count_ : (first_warp + i) % warp_count_;
    Warp& warp = warps_[index];
    if (warp.ready) {
      unsigned lane = reversed_ ? 31 - __builtin_clz(warp.ready) : __builtin_ctz(warp.ready);
      warp.ready &= ~(1u << lane);
      return (int)(index * 32 + lane);
    }
  }
  return NOBODY;
}

void Worker::start_on(unsigned thread, int stack) {
  fibers_[thread].stack = stack;
  fibers_[thread].state = State::RUNNING;
  become(thread);
}

// Goes on with a thread, or with the scheduler if there is none, and saves this context.
void Worker::switch_to(int thread, void** save) {
  if (thread == NOBODY) {
    if (save != &scheduler_) {
      emulator_switch(save, scheduler_);
    }
    return;
  }
  Fiber& fiber = fibers_[thread];
  if (fiber.state == State::NEW) {
    int stack = stacks_.take();
    start_on((unsigned)thread, stack);
    fiber.context = stacks_.prepare(stack, fiber_entry);
  } else {
    fiber.state = State::RUNNING;
    become((unsigned)thread);
  }
  emulator_switch(save, fiber.context);
}

void Worker::suspend(State state) {
  unsigned self = running_;
  fibers_[self].state = state;
  int next = pick();
  if (next == (int)self) {
    fibers_[self].state = State::RUNNING;
    become(self);
    return;
  }
  switch_to(next, &fibers_[self].context);
}

void Worker::fiber_entry() {
  Worker& worker = *current;
  for (;;) {
    worker.launch_->kernel->invoke(worker.launch_->parameters);
    int stack = worker.fibers_[worker.running_].stack;
    worker.end_thread();
    int next = worker.pick();
    if (next != NOBODY && worker.fibers_[next].state == State::NEW) {
      // A thread that has not begun takes over this stack as it is: most kernels never switch.
      worker.start_on((unsigned)next, stack);
      continue;
    }
    worker.stacks_.give_back(stack);
    void* ended;
    worker.switch_to(next, &ended);
    __builtin_unreachable();
  }
}

void Worker::end_thread() {
  Fiber& fiber = fibers_[running_];
  finish_copies(fiber, fiber.copies.size());
  fiber.state = State::ENDED;
  alive_--;
  Warp& warp = warps_[running_ >> 5];
  warp.alive &= ~(1u << (running_ & 31));
  if (warp.arrived) {
    complete_warp(running_ >> 5);
  }
}

// ---- faults

void Worker::set_fault(int code, uintptr_t address, const char* what) {
  fault_.code = code;
  fault_.address = address;
  uint3 block = emulator_block.index;
  uint3 thread = emulator_thread.index;
  snprintf(fault_.what, sizeof fault_.what, "%s, block (%u, %u, %u), thread (%u, %u, %u)", what,
           block.x, block.y, block.z, thread.x, thread.y, thread.z);
}

void Worker::fail(int code, const char* format, ...) {
  char what[160];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(what, sizeof what, format, arguments);
  va_end(arguments);
  set_fault(code, 0, what);
  void* abandoned;
  emulator_switch(&abandoned, scheduler_);
  __builtin_unreachable();
}

void Worker::describe_deadlock() {
  unsigned ended = threads_ - alive_;
  unsigned in_warp = 0;
  int line = 0;
  for (unsigned i = 0; i < threads_; i++) {
    State state = fibers_[i].state;
    if (state == State::IN_WARP) {
      in_warp++;
      line = warps_[i >> 5].lanes[i & 31].line;
    }
  }
  unsigned waiting = 0;
  for (Barrier& barrier : barriers_) {
    waiting += barrier.arrived;
    line = barrier.arrived ? barrier.line : line;
  }
  fault_.code = 719;
  fault_.address = 0;
  uint3 block = emulator_block.index;
  snprintf(
      fault_.what, sizeof fault_.what,
      "deadlock in block (%u, %u, %u), last in line %d: of %u threads %u wait at a barrier, %u "
      "in a warp operation, and %u have ended",
      block.x, block.y, block.z, line, threads_, waiting, in_warp, ended);
}

// ---- shared memory

namespace {

struct Segment {
  void* library;
  size_t bytes;
};

int find_segment(dl_phdr_info* info, size_t, void* data) {
  auto* segment = (Segment*)data;
  link_map* map = nullptr;
  if (dlinfo(segment->library, RTLD_DI_LINKMAP, &map) != 0 || map->l_addr != info->dlpi_addr) {
    return 0;
  }
  for (int i = 0; i < info->dlpi_phnum; i++) {
    if (info->dlpi_phdr[i].p_type == PT_TLS) {
      segment->bytes = info->dlpi_phdr[i].p_memsz;
    }
  }
  return 1;
}

}  // namespace

void Worker::poison_shared(unsigned variant) {
  if (launch_->dynamic_bytes) {
    unsigned char* dynamic = emulator_block.dynamic_shared;
    poison(dynamic, (size_t)(shared_end_ - dynamic), variant);
  }
  void* library = launch_->static_shared_library;
  if (!library) {
    return;
  }
  if (library != library_) {
    auto touch = (void* (*)())dlsym(library, "emulator_touch_shared");
    Segment segment{library, 0};
    if (touch) {
      touch();
      dl_iterate_phdr(find_segment, &segment);
    }
    static_shared_ = nullptr;
    dlinfo(library, RTLD_DI_TLS_DATA, &static_shared_);
    static_bytes_ = static_shared_ ? segment.bytes : 0;
    library_ = library;
  }
  poison(static_shared_, static_bytes_, variant);
}

void Worker::check_shared_end(unsigned variant) {
  unsigned char* end = emulator_block.dynamic_shared + launch_->dynamic_bytes;
  if (launch_->dynamic_bytes && !is_poison(end, (size_t)(shared_end_ - end), variant)) {
    uint3 block = emulator_block.index;
    fault_.code = 700;
    fault_.address = 0;
    snprintf(fault_.what, sizeof fault_.what,
             "a write beyond the %u bytes of dynamic shared memory, block (%u, %u, %u)",
             launch_->dynamic_bytes, block.x, block.y, block.z);
  }
}

}  // namespace emulator
