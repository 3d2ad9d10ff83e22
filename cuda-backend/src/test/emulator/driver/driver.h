// The state of the stand-in driver. One lock guards it all, and is held while work runs.
#pragma once

#include <cstdint>
#include <cstdio>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "../execution/execution.h"
#include "results.h"
#include "settings.h"

using CUdevice = int;
using CUdeviceptr = unsigned long long;
using CUcontext = void*;
using CUmodule = void*;
using CUfunction = void*;
using CUstream = void*;
using CUevent = void*;
using CUgraph = void*;
using CUgraphExec = void*;

#define EMULATOR_API extern "C" __attribute__((visibility("default"))) CUresult

namespace emulator {

struct Context;
using Work = std::function<CUresult()>;

// Work that was recorded instead of queued.
struct Graph {
  std::vector<Work> work;
};

struct Stream {
  Context* context;
  // Takes turns with the default stream.
  bool blocking;
  std::deque<std::pair<uint64_t, Work>> queue;
  std::shared_ptr<Graph> capture;
  // 0 global, 1 thread-local, 2 relaxed.
  int capture_mode = 0;
  bool capture_broken = false;
};

struct Event {
  bool timing = true;
  // What was recorded last: a place in a stream's queue.
  std::weak_ptr<Stream> stream;
  uint64_t number = 0;
  bool recorded = false;
  bool captured = false;
  // In milliseconds, set when the queue gets there.
  double time = 0;
  bool done = false;
};

struct Function {
  std::string name;
  Context* context;
  EmulatorKernel kernel;
  // Set if the kernel has static shared memory.
  void* library = nullptr;
  unsigned static_bytes = 0;
  unsigned max_dynamic_bytes = 48 << 10;
  unsigned max_threads = 1024;
  int ptx = 0;
  unsigned launches = 0;
};

struct Module {
  std::map<std::string, std::shared_ptr<Function>> functions;
};

// Handles are the addresses of what they stand for.
template <class T>
using Handles = std::map<void*, std::shared_ptr<T>>;

struct Context {
  int device = 0;
  bool primary = false;
  // Once set, every call returns it.
  CUresult lost = CUDA_SUCCESS;
  std::shared_ptr<Stream> default_stream;
  Handles<Stream> streams;
  Handles<Event> events;
  Handles<Module> modules;
  // Those of the modules.
  Handles<Function> functions;
  Handles<Graph> graphs;
  Handles<Graph> executables;

  explicit Context(int device);
};

template <class T>
T* find(const Handles<T>& handles, void* handle) {
  auto found = handles.find(handle);
  return found == handles.end() ? nullptr : found->second.get();
}

template <class T>
void* keep(Handles<T>& handles, std::shared_ptr<T> thing) {
  void* handle = thing.get();
  handles[handle] = std::move(thing);
  return handle;
}

// Says on stderr why a call fails, since a code alone tells little; returns the code.
CUresult complain(CUresult code, const char* format, ...) __attribute__((format(printf, 2, 3)));

// ---- calls (calls.cpp)

// Every call goes through one of these: they take the lock, apply the settings that make calls fail
// and check what the call needs. `name` is the exported name.
CUresult any_time(const char* name, const std::function<CUresult()>& body);
CUresult initialized(const char* name, const std::function<CUresult()>& body);
CUresult on_device(const char* name, CUdevice device, const std::function<CUresult()>& body);
CUresult in_context(const char* name, const std::function<CUresult(Context&)>& body);
// Calls that CUDA forbids while a stream captures, unless its mode is relaxed.
CUresult not_capturing(const char* name, const std::function<CUresult(Context&)>& body);

// ---- devices and contexts (device.cpp)

void initialize();
bool is_initialized();
int compute_capability(int device);
unsigned max_shared_bytes(int device);
Context* current_context();
// Calls for each context there is.
void for_each_context(const std::function<void(Context&)>& visit);

// ---- streams (stream.cpp)

// Returns the stream, null if the handle is not one of the context's.
Stream* stream_of(Context& context, CUstream handle);
// Queues work; a capturing stream records it. With `wait`, runs it and all before it.
CUresult enqueue(Stream& stream, Work work, bool wait = false);
// Runs a stream's work up to a number, and what the rules of the default stream put before it.
CUresult drain(Stream& stream, uint64_t up_to);
CUresult drain_all(Context& context);
CUresult lose(Context& context, CUresult code);

// ---- memory (memory.cpp)

// Returns success if the range lies within one live allocation, else says what is wrong.
CUresult check_device_range(const char* call, CUdeviceptr address, size_t bytes);
void free_all(Context& context);
// Says where an address lies relative to the allocations.
std::string describe_address(uintptr_t address);
// Looks at the margins of those allocations whose addresses are among the words.
CUresult check_margins(const char* who, const uint64_t* words, size_t count);

}  // namespace emulator
