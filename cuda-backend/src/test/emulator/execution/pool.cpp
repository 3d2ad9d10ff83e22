// The worker threads. Kernels run on these alone: a Java thread's stack and signals are the VM's.
#include <pthread.h>
#include <signal.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "worker.h"

namespace emulator {
namespace {

class Pool {
 public:
  Failure run(const Launch& launch) {
    std::lock_guard<std::mutex> one_launch(launches_);
    std::unique_lock<std::mutex> lock(mutex_);
    uint64_t blocks = (uint64_t)launch.grid.x * launch.grid.y * launch.grid.z;
    unsigned wanted = blocks < launch.workers ? (unsigned)blocks : launch.workers;
    while (threads_.size() < wanted) {
      unsigned index = (unsigned)threads_.size();
      std::thread thread([this, index] { serve(index); });
      threads_.push_back(thread.native_handle());
      thread.detach();
    }
    launch_ = &launch;
    next_block_ = 0;
    failed_ = false;
    failure_ = {};
    wanted_ = wanted;
    busy_ = wanted;
    generation_++;
    work_.notify_all();
    wait_until_done(lock, launch.seconds_allowed);
    launch_ = nullptr;
    return failure_;
  }

 private:
  void serve(unsigned index) {
    prepare_signals();
    Worker::current = new Worker();
    uint64_t seen = 0;
    std::unique_lock<std::mutex> lock(mutex_);
    for (;;) {
      work_.wait(lock, [&] { return generation_ != seen; });
      seen = generation_;
      if (index >= wanted_ || !launch_) {
        continue;
      }
      const Launch& launch = *launch_;
      lock.unlock();
      Failure failure;
      bool failed = Worker::current->run(launch, next_block_, failed_, &failure);
      lock.lock();
      if (failed && !failed_) {
        failed_ = true;
        failure_ = failure;
      }
      if (--busy_ == 0) {
        done_.notify_one();
      }
    }
  }

  // The handler cannot use the stack that overflowed; signals meant for the process go elsewhere.
  static void prepare_signals() {
    constexpr size_t bytes = 64 << 10;
    stack_t alternate = {};
    alternate.ss_sp = new char[bytes];
    alternate.ss_size = bytes;
    sigaltstack(&alternate, nullptr);
    sigset_t blocked;
    sigfillset(&blocked);
    for (int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL}) {
      sigdelset(&blocked, signal);
    }
    pthread_sigmask(SIG_SETMASK, &blocked, nullptr);
  }

  void wait_until_done(std::unique_lock<std::mutex>& lock, double seconds) {
    auto done = [this] { return busy_ == 0; };
    while (!done_.wait_for(lock, std::chrono::duration<double>(seconds), done)) {
      // A worker between two blocks pays no heed: then again.
      for (unsigned i = 0; i < wanted_; i++) {
        pthread_kill(threads_[i], SIGILL);
      }
      seconds = 0.1;
    }
  }

  std::mutex launches_;
  std::mutex mutex_;
  std::condition_variable work_;
  std::condition_variable done_;
  std::vector<pthread_t> threads_;
  const Launch* launch_ = nullptr;
  std::atomic<uint64_t> next_block_{0};
  std::atomic<bool> failed_{false};
  Failure failure_;
  unsigned wanted_ = 0;
  unsigned busy_ = 0;
  uint64_t generation_ = 0;
};

}  // namespace

Failure run(const Launch& launch) {
  // Never destroyed: workers wait on its condition variables when the process exits.
  static Pool& pool = *new Pool();
  install_signal_handlers();
  return pool.run(launch);
}

}  // namespace emulator
