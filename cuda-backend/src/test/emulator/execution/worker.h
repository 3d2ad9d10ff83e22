// One worker thread: runs blocks, one after the other, each CUDA thread of a block as a fiber.
#pragma once

#include <signal.h>

#include <atomic>
#include <vector>

#include "execution.h"
#include "fiber.h"

namespace emulator {

// Why a kernel was left; written in a signal handler, so there is no memory to manage.
struct Fault {
  int code;
  char what[240];
  uintptr_t address;
  bool write;
};

class Worker {
 public:
  Worker();

  // The worker of this thread, null on others.
  static __thread Worker* current __attribute__((tls_model("initial-exec")));

  // Runs blocks until `next_block` is beyond the last or `failed` is set; returns whether one
  // failed, which it then describes in *failure.
  bool run(const Launch& launch, std::atomic<uint64_t>& next_block, std::atomic<bool>& failed,
           Failure* failure);

  // What the fiber that runs asks for.
  int barrier(int id, unsigned threads, int predicate, int line);
  uint64_t shuffle(unsigned mask, uint64_t value, unsigned source, int line);
  unsigned ballot(unsigned mask, int predicate, int line);
  void gather(unsigned mask, const void* mine, unsigned bytes, void* all, int line);
  void spin();
  void copy_async(void* target, const void* source, unsigned bytes, unsigned valid);
  void commit();
  void wait(size_t groups_left);
  void wait_all();

  // Ends the block with an error.
  [[noreturn]] void fail(int code, const char* format, ...) __attribute__((format(printf, 3, 4)));

  // Leaves the kernel from a signal handler; false if no kernel runs.
  bool leave_kernel(int signal, siginfo_t* info, void* context);

 private:
  enum class State : uint8_t { NEW, READY, RUNNING, AT_BARRIER, IN_WARP, SPINNING, ENDED };
  enum class Operation : uint8_t { SHUFFLE, BALLOT, GATHER };

  struct Copy {
    void* target;
    const void* source;
    unsigned bytes;
    unsigned valid;
  };

  struct Fiber {
    void* context;
    int stack;
    State state;
    uint8_t barrier;
    std::vector<Copy> copies;
    // How many copies each committed group has.
    std::vector<unsigned> groups;
    unsigned uncommitted;
  };

  // What a lane brings to a warp operation, and takes away.
  struct Lane {
    uint32_t mask;
    Operation operation;
    int line;
    unsigned source;
    uint64_t value;
    uint64_t result;
    const void* mine;
    unsigned char* all;
    unsigned bytes;
  };

  // Sets of lanes are bit masks.
  struct Warp {
    uint32_t ready;
    uint32_t spinning;
    uint32_t arrived;
    uint32_t alive;
    Lane lanes[32];
  };

  struct Barrier {
    unsigned arrived;
    unsigned predicates;
    int line;
    int result;
  };

  static constexpr int NOBODY = -1;
  static constexpr int BARRIERS = 16;

  static void fiber_entry();
  void run_threads();
  void run_block(uint64_t block);
  void poison_shared(unsigned variant);
  void check_shared_end(unsigned variant);

  unsigned thread_at(unsigned place) const { return reversed_ ? threads_ - 1 - place : place; }
  void become(unsigned thread);
  int pick();
  int pick_ready(unsigned first_warp);
  void start_on(unsigned thread, int stack);
  void switch_to(int thread, void** save);
  void suspend(State state);
  void end_thread();

  void release(int id);
  void arrive(unsigned mask, Operation operation, int line);
  void complete_warp(unsigned warp);
  void complete(Warp& warp, uint32_t lanes);
  void finish_copies(Fiber& fiber, size_t count);
  void describe_deadlock();
  void set_fault(int code, uintptr_t address, const char* what);
  Lane& lane();

  Stacks stacks_;
  Fiber fibers_[MAX_THREADS];
  Warp warps_[MAX_THREADS / 32];
  Barrier barriers_[BARRIERS];
  const Launch* launch_ = nullptr;
  void* scheduler_ = nullptr;
  unsigned threads_ = 0;
  unsigned warp_count_ = 0;
  unsigned started_ = 0;
  unsigned running_ = 0;
  unsigned alive_ = 0;
  bool reversed_ = false;
  volatile bool in_kernel_ = false;
  // The dynamic shared memory lies before a page that cannot be accessed.
  unsigned char* shared_end_;
  Fault fault_;
  void* library_ = nullptr;
  void* static_shared_ = nullptr;
  size_t static_bytes_ = 0;
};

// The handlers that let a worker survive what a kernel does; others' signals go on to who had them.
void install_signal_handlers();

}  // namespace emulator
