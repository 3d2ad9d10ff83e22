// What threads do together: barriers, warp operations, polling; and each thread's own cp.async.
#include "worker.h"

namespace emulator {

// ---- barriers

int Worker::barrier(int id, unsigned threads, int predicate, int line) {
  if ((unsigned)id >= BARRIERS || threads > threads_) {
    fail(719, "line %d: barrier %d of %u threads in a block of %u", line, id, threads, threads_);
  }
  Barrier& barrier = barriers_[id];
  if (barrier.arrived && barrier.line != line) {
    fail(719, "threads of one block wait at the barriers of lines %d and %d", barrier.line, line);
  }
  barrier.line = line;
  barrier.predicates += predicate != 0;
  if (++barrier.arrived == (threads ? threads : threads_)) {
    release(id);
    return barrier.result;
  }
  fibers_[running_].barrier = (uint8_t)id;
  suspend(State::AT_BARRIER);
  return barrier.result;
}

void Worker::release(int id) {
  Barrier& barrier = barriers_[id];
  barrier.result = (int)barrier.predicates;
  barrier.arrived = 0;
  barrier.predicates = 0;
  for (unsigned thread = 0; thread < threads_; thread++) {
    Fiber& fiber = fibers_[thread];
    if (fiber.state == State::AT_BARRIER && fiber.barrier == id) {
      fiber.state = State::READY;
      warps_[thread >> 5].ready |= 1u << (thread & 31);
    }
  }
}

void Worker::spin() {
  warps_[running_ >> 5].spinning |= 1u << (running_ & 31);
  suspend(State::SPINNING);
}

// ---- warp operations

Worker::Lane& Worker::lane() { return warps_[running_ >> 5].lanes[running_ & 31]; }

uint64_t Worker::shuffle(unsigned mask, uint64_t value, unsigned source, int line) {
  Lane& mine = lane();
  mine.value = value;
  mine.source = source & 31;
  arrive(mask, Operation::SHUFFLE, line);
  return mine.result;
}

unsigned Worker::ballot(unsigned mask, int predicate, int line) {
  Lane& mine = lane();
  mine.value = predicate != 0;
  arrive(mask, Operation::BALLOT, line);
  return (unsigned)mine.result;
}

void Worker::gather(unsigned mask, const void* value, unsigned bytes, void* all, int line) {
  Lane& mine = lane();
  mine.mine = value;
  mine.bytes = bytes;
  mine.all = (unsigned char*)all;
  arrive(mask, Operation::GATHER, line);
}

void Worker::arrive(unsigned mask, Operation operation, int line) {
  unsigned index = running_ & 31;
  if (!(mask >> index & 1)) {
    fail(719, "line %d: lane %u is not in its own mask 0x%08x", line, index, mask);
  }
  Warp& warp = warps_[running_ >> 5];
  Lane& mine = warp.lanes[index];
  mine.mask = mask;
  mine.operation = operation;
  mine.line = line;
  warp.arrived |= 1u << index;
  complete_warp(running_ >> 5);
  if (warp.arrived >> index & 1) {
    suspend(State::IN_WARP);
  }
}

// Completes the operations for which all lanes that have not ended are there.
void Worker::complete_warp(unsigned index) {
  Warp& warp = warps_[index];
  for (uint32_t rest = warp.arrived; rest; rest &= rest - 1) {
    uint32_t lanes = warp.lanes[__builtin_ctz(rest)].mask & warp.alive;
    if ((warp.arrived & lanes) != lanes) {
      continue;
    }
    complete(warp, lanes);
    warp.arrived &= ~lanes;
    rest &= ~lanes | (rest & -rest);
    for (uint32_t woken = lanes; woken; woken &= woken - 1) {
      unsigned lane = __builtin_ctz(woken);
      Fiber& fiber = fibers_[index * 32 + lane];
      if (fiber.state == State::IN_WARP) {
        fiber.state = State::READY;
        warp.ready |= 1u << lane;
      }
    }
  }
}

void Worker::complete(Warp& warp, uint32_t lanes) {
  const Lane& first = warp.lanes[__builtin_ctz(lanes)];
  uint32_t votes = 0;
  for (uint32_t rest = lanes; rest; rest &= rest - 1) {
    unsigned index = __builtin_ctz(rest);
    const Lane& lane = warp.lanes[index];
    if (lane.mask != first.mask) {
      fail(719, "lanes of a warp gave the masks 0x%08x (line %d) and 0x%08x (line %d)", first.mask,
           first.line, lane.mask, lane.line);
    }
    if (lane.operation != first.operation || lane.line != first.line) {
      fail(719, "lanes of a warp wait in the different operations of lines %d and %d", first.line,
           lane.line);
    }
    votes |= (uint32_t)(lane.value != 0) << index;
  }
  for (uint32_t rest = lanes; rest; rest &= rest - 1) {
    Lane& lane = warp.lanes[__builtin_ctz(rest)];
    switch (lane.operation) {
      case Operation::BALLOT:
        lane.result = votes;
        break;
      case Operation::SHUFFLE:
        // What a lane that takes no part has is undefined.
        if (lanes >> lane.source & 1) {
          lane.result = warp.lanes[lane.source].value;
        } else {
          poison(&lane.result, sizeof lane.result, launch_->number);
        }
        break;
      case Operation::GATHER:
        for (unsigned from = 0; from < 32; from++) {
          unsigned char* target = lane.all + (size_t)from * lane.bytes;
          if (lanes >> from & 1) {
            std::memcpy(target, warp.lanes[from].mine, lane.bytes);
          } else {
            poison(target, lane.bytes, launch_->number);
          }
        }
        break;
    }
  }
}

// ---- cp.async

void Worker::copy_async(void* target, const void* source, unsigned bytes, unsigned valid) {
  if ((bytes != 4 && bytes != 8 && bytes != 16) || valid > bytes ||
      ((uintptr_t)target | (uintptr_t)source) % bytes != 0) {
    fail(716, "cp.async of %u bytes (%u valid) from %p to %p", bytes, valid, source, target);
  }
  Fiber& fiber = fibers_[running_];
  poison(target, bytes, launch_->number);
  fiber.copies.push_back({target, source, bytes, valid});
  fiber.uncommitted++;
}

void Worker::commit() {
  Fiber& fiber = fibers_[running_];
  fiber.groups.push_back(fiber.uncommitted);
  fiber.uncommitted = 0;
}

void Worker::wait(size_t groups_left) {
  Fiber& fiber = fibers_[running_];
  size_t count = 0;
  while (fiber.groups.size() > groups_left) {
    count += fiber.groups.front();
    fiber.groups.erase(fiber.groups.begin());
  }
  finish_copies(fiber, count);
}

void Worker::wait_all() {
  Fiber& fiber = fibers_[running_];
  finish_copies(fiber, fiber.copies.size());
  fiber.groups.clear();
  fiber.uncommitted = 0;
}

void Worker::finish_copies(Fiber& fiber, size_t count) {
  for (size_t i = 0; i < count; i++) {
    const Copy& copy = fiber.copies[i];
    std::memcpy(copy.target, copy.source, copy.valid);
    std::memset((char*)copy.target + copy.valid, 0, copy.bytes - copy.valid);
  }
  fiber.copies.erase(fiber.copies.begin(), fiber.copies.begin() + (ptrdiff_t)count);
}

}  // namespace emulator

// ---- what kernels call

using emulator::Worker;

#define EXPORT __attribute__((visibility("default")))

extern "C" {

EXPORT int emulator_barrier(int id, unsigned threads, int predicate, int line) {
  return Worker::current->barrier(id, threads, predicate, line);
}

EXPORT uint64_t emulator_shuffle(unsigned mask, uint64_t value, unsigned source, int line) {
  return Worker::current->shuffle(mask, value, source, line);
}

EXPORT unsigned emulator_ballot(unsigned mask, int predicate, int line) {
  return Worker::current->ballot(mask, predicate, line);
}

EXPORT void emulator_gather_bytes(unsigned mask, const void* mine, unsigned bytes, void* all,
                                  int line) {
  Worker::current->gather(mask, mine, bytes, all, line);
}

EXPORT void emulator_spin() { Worker::current->spin(); }

EXPORT void emulator_copy_async_part(void* target, const void* source, unsigned bytes,
                                     unsigned valid) {
  Worker::current->copy_async(target, source, bytes, valid);
}

EXPORT void emulator_commit() { Worker::current->commit(); }

EXPORT void emulator_wait(unsigned groups_left) { Worker::current->wait(groups_left); }

EXPORT void emulator_wait_all() { Worker::current->wait_all(); }

EXPORT void emulator_trap(const char* why, int line) {
  Worker::current->fail(719, "line %d: %s", line, why);
}

}  // extern "C"
