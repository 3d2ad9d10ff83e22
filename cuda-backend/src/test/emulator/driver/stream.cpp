// Streams, events, capture and graphs. Streams are lazy: work runs only when something waits for
// it, so that whoever forgets to wait sees what was there before.
#include <chrono>

#include "driver.h"

namespace emulator {
namespace {

// Orders the work of all streams by the time of its call.
uint64_t last_number = 0;

double now() {
  auto time = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double, std::milli>(time).count();
}

CUresult record(Context& context, CUevent handle, CUstream stream_handle) {
  auto found = context.events.find(handle);
  Stream* stream = stream_of(context, stream_handle);
  if (found == context.events.end() || !stream) {
    return complain(CUDA_ERROR_INVALID_HANDLE, "cuEventRecord: no such event or stream");
  }
  std::shared_ptr<Event> event = found->second;
  if (stream->capture) {
    event->captured = true;
    return enqueue(*stream, [] { return CUDA_SUCCESS; });
  }
  event->captured = false;
  event->recorded = true;
  event->done = false;
  event->stream = stream == context.default_stream.get() ? context.default_stream
                                                         : context.streams.at(stream_handle);
  uint64_t number = last_number + 1;
  event->number = number;
  return enqueue(*stream, [event, number] {
    if (event->number == number) {
      event->time = now();
      event->done = true;
    }
    return CUDA_SUCCESS;
  });
}

CUresult wait_for(const std::weak_ptr<Stream>& recorded, uint64_t number) {
  auto stream = recorded.lock();
  return stream ? drain(*stream, number) : CUDA_SUCCESS;
}

CUresult synchronize(Stream& stream) {
  if (stream.capture) {
    stream.capture_broken = true;
    return complain(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "cuStreamSynchronize while capturing");
  }
  return drain(stream, ~(uint64_t)0);
}

// The handles 1 and 2 name the default stream as well.
bool is_default(CUstream handle) { return (uintptr_t)handle <= 2; }

}  // namespace

Stream* stream_of(Context& context, CUstream handle) {
  return is_default(handle) ? context.default_stream.get() : find(context.streams, handle);
}

CUresult enqueue(Stream& stream, Work work, bool wait) {
  if (stream.capture) {
    if (wait) {
      stream.capture_broken = true;
      return complain(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "a call that waits, while capturing");
    }
    stream.capture->work.push_back(std::move(work));
    return CUDA_SUCCESS;
  }
  uint64_t number = ++last_number;
  stream.queue.emplace_back(number, std::move(work));
  return wait || settings().eager ? drain(stream, number) : CUDA_SUCCESS;
}

CUresult drain(Stream& stream, uint64_t up_to) {
  Context& context = *stream.context;
  while (!stream.queue.empty() && stream.queue.front().first <= up_to) {
    auto [number, work] = std::move(stream.queue.front());
    stream.queue.pop_front();
    if (&stream == context.default_stream.get()) {
      for (auto& [handle, other] : context.streams) {
        if (other->blocking) {
          drain(*other, number);
        }
      }
    } else if (stream.blocking) {
      drain(*context.default_stream, number);
    }
    // What is left of a lost context is dropped.
    if (!context.lost) {
      CUresult result = work();
      if (result) {
        lose(context, result);
      }
    }
  }
  return context.lost;
}

CUresult drain_all(Context& context) {
  drain(*context.default_stream, ~(uint64_t)0);
  for (auto& [handle, stream] : context.streams) {
    drain(*stream, ~(uint64_t)0);
  }
  return context.lost;
}

CUresult lose(Context& context, CUresult code) {
  if (!context.lost) {
    context.lost = code;
  }
  return code;
}

}  // namespace emulator

using namespace emulator;

EMULATOR_API cuStreamCreate(CUstream* stream, unsigned flags) {
  return in_context(__func__, [&](Context& context) {
    bool blocking = !(flags & 1);
    *stream = keep(context.streams, std::make_shared<Stream>(Stream{&context, blocking, {}, {}}));
    return CUDA_SUCCESS;
  });
}

EMULATOR_API cuStreamCreateWithPriority(CUstream* stream, unsigned flags, int) {
  return cuStreamCreate(stream, flags);
}

EMULATOR_API cuStreamDestroy_v2(CUstream handle) {
  return in_context(__func__, [&](Context& context) {
    Stream* stream = find(context.streams, handle);
    if (!stream) {
      return complain(CUDA_ERROR_INVALID_HANDLE, "cuStreamDestroy: no such stream");
    }
    CUresult result = drain(*stream, ~(uint64_t)0);
    context.streams.erase(handle);
    return result;
  });
}

EMULATOR_API cuStreamSynchronize(CUstream handle) {
  return in_context(__func__, [&](Context& context) {
    if (is_default(handle)) {
      // It waits for the streams that take turns with it, even with nothing queued itself.
      for (auto& [other, stream] : context.streams) {
        if (stream->blocking) {
          drain(*stream, ~(uint64_t)0);
        }
      }
    }
    Stream* stream = stream_of(context, handle);
    return stream ? synchronize(*stream)
                  : complain(CUDA_ERROR_INVALID_HANDLE, "cuStreamSynchronize: no such stream");
  });
}

// Each query lets one piece of work run, so that polling ends.
EMULATOR_API cuStreamQuery(CUstream handle) {
  return in_context(__func__, [&](Context& context) {
    Stream* stream = stream_of(context, handle);
    if (!stream) {
      return complain(CUDA_ERROR_INVALID_HANDLE, "cuStreamQuery: no such stream");
    }
    if (stream->queue.empty()) {
      return CUDA_SUCCESS;
    }
    CUresult result = drain(*stream, stream->queue.front().first);
    return result ? result : CUDA_ERROR_NOT_READY;
  });
}

EMULATOR_API cuStreamWaitEvent(CUstream handle, CUevent event_handle, unsigned) {
  return in_context(__func__, [&](Context& context) {
    Stream* stream = stream_of(context, handle);
    Event* event = find(context.events, event_handle);
    if (!stream || !event) {
      return complain(CUDA_ERROR_INVALID_HANDLE, "cuStreamWaitEvent: no such stream or event");
    }
    if (event->captured && !stream->capture) {
      return complain(CUDA_ERROR_NOT_SUPPORTED, "a capture that spreads to a second stream");
    }
    if (!event->recorded || event->captured) {
      return CUDA_SUCCESS;
    }
    return enqueue(*stream, [recorded = event->stream, number = event->number] {
      return wait_for(recorded, number);
    });
  });
}

EMULATOR_API cuStreamGetCtx(CUstream handle, CUcontext* result) {
  return in_context(__func__, [&](Context& context) {
    *result = &context;
    return stream_of(context, handle) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_HANDLE;
  });
}

EMULATOR_API cuEventCreate(CUevent* event, unsigned flags) {
  return in_context(__func__, [&](Context& context) {
    auto created = std::make_shared<Event>();
    created->timing = !(flags & 2);
    *event = keep(context.events, std::move(created));
    return CUDA_SUCCESS;
  });
}

EMULATOR_API cuEventDestroy_v2(CUevent event) {
  return in_context(__func__, [&](Context& context) {
    return context.events.erase(event)
               ? CUDA_SUCCESS
               : complain(CUDA_ERROR_INVALID_HANDLE, "cuEventDestroy: no such event");
  });
}

EMULATOR_API cuEventRecord(CUevent event, CUstream stream) {
  return in_context(__func__, [&](Context& context) { return record(context, event, stream); });
}

EMULATOR_API cuEventRecordWithFlags(CUevent event, CUstream stream, unsigned) {
  return cuEventRecord(event, stream);
}

EMULATOR_API cuEventSynchronize(CUevent handle) {
  return in_context(__func__, [&](Context& context) {
    Event* event = find(context.events, handle);
    if (!event) {
      return complain(CUDA_ERROR_INVALID_HANDLE, "cuEventSynchronize: no such event");
    }
    if (event->captured) {
      return CUDA_ERROR_CAPTURED_EVENT;
    }
    return event->recorded ? wait_for(event->stream, event->number) : CUDA_SUCCESS;
  });
}

EMULATOR_API cuEventQuery(CUevent handle) {
  return in_context(__func__, [&](Context& context) {
    Event* event = find(context.events, handle);
    if (!event) {
      return complain(CUDA_ERROR_INVALID_HANDLE, "cuEventQuery: no such event");
    }
    if (!event->recorded || event->done) {
      return CUDA_SUCCESS;
    }
    CUresult result = wait_for(event->stream, event->number);
    return result ? result : CUDA_ERROR_NOT_READY;
  });
}

EMULATOR_API cuEventElapsedTime(float* milliseconds, CUevent start, CUevent end) {
  return in_context(__func__, [&](Context& context) {
    Event* first = find(context.events, start);
    Event* second = find(context.events, end);
    if (!first || !second || !first->timing || !second->timing || !first->recorded ||
        !second->recorded) {
      return complain(CUDA_ERROR_INVALID_HANDLE, "cuEventElapsedTime: events without a time");
    }
    if (!first->done || !second->done) {
      return CUDA_ERROR_NOT_READY;
    }
    *milliseconds = (float)(second->time - first->time);
    return CUDA_SUCCESS;
  });
}

EMULATOR_API cuStreamBeginCapture_v2(CUstream handle, int mode) {
  return in_context(__func__, [&](Context& context) {
    Stream* stream = find(context.streams, handle);
    if (!stream || stream->capture) {
      return complain(
          is_default(handle) ? CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED : CUDA_ERROR_ILLEGAL_STATE,
          "cuStreamBeginCapture: not a stream that can begin to capture");
    }
    stream->capture = std::make_shared<Graph>();
    stream->capture_mode = mode;
    stream->capture_broken = false;
    return CUDA_SUCCESS;
  });
}

EMULATOR_API cuStreamEndCapture(CUstream handle, CUgraph* graph) {
  return in_context(__func__, [&](Context& context) {
    Stream* stream = find(context.streams, handle);
    if (!stream || !stream->capture) {
      return complain(CUDA_ERROR_ILLEGAL_STATE, "cuStreamEndCapture: the stream is not capturing");
    }
    auto captured = std::move(stream->capture);
    stream->capture.reset();
    if (stream->capture_broken) {
      *graph = nullptr;
      return CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
    }
    *graph = keep(context.graphs, std::move(captured));
    return CUDA_SUCCESS;
  });
}

EMULATOR_API cuStreamIsCapturing(CUstream handle, int* status) {
  return in_context(__func__, [&](Context& context) {
    Stream* stream = stream_of(context, handle);
    if (!stream) {
      return CUDA_ERROR_INVALID_HANDLE;
    }
    *status = !stream->capture ? 0 : stream->capture_broken ? 2 : 1;
    return CUDA_SUCCESS;
  });
}

EMULATOR_API cuGraphInstantiateWithFlags(CUgraphExec* executable, CUgraph handle,
                                         unsigned long long) {
  return in_context(__func__, [&](Context& context) {
    Graph* graph = find(context.graphs, handle);
    if (!graph) {
      return complain(CUDA_ERROR_INVALID_VALUE, "cuGraphInstantiate: no such graph");
    }
    *executable = keep(context.executables, std::make_shared<Graph>(*graph));
    return CUDA_SUCCESS;
  });
}

EMULATOR_API cuGraphLaunch(CUgraphExec executable, CUstream stream_handle) {
  return in_context(__func__, [&](Context& context) -> CUresult {
    auto found = context.executables.find(executable);
    Stream* stream = stream_of(context, stream_handle);
    if (found == context.executables.end() || !stream) {
      return complain(CUDA_ERROR_INVALID_HANDLE, "cuGraphLaunch: no such graph or stream");
    }
    // The work may still run when the graph has been destroyed.
    return enqueue(*stream, [graph = found->second]() -> CUresult {
      for (const Work& work : graph->work) {
        if (CUresult result = work()) {
          return result;
        }
      }
      return CUDA_SUCCESS;
    });
  });
}

EMULATOR_API cuGraphDestroy(CUgraph graph) {
  return in_context(__func__, [&](Context& context) {
    return context.graphs.erase(graph)
               ? CUDA_SUCCESS
               : complain(CUDA_ERROR_INVALID_VALUE, "cuGraphDestroy: no such graph");
  });
}

EMULATOR_API cuGraphExecDestroy(CUgraphExec executable) {
  return in_context(__func__, [&](Context& context) {
    return context.executables.erase(executable)
               ? CUDA_SUCCESS
               : complain(CUDA_ERROR_INVALID_VALUE, "cuGraphExecDestroy: no such graph");
  });
}

EMULATOR_API cuGraphUpload(CUgraphExec executable, CUstream) {
  return in_context(__func__, [&](Context& context) {
    return find(context.executables, executable) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
  });
}
