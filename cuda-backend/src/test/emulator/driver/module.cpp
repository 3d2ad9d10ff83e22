// Modules: which compiled kernels PTX text stands for.
#include <dirent.h>
#include <dlfcn.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "driver.h"
#include "ptx.h"

namespace emulator {
namespace {

struct Library {
  std::string path;
  void* handle;
};

// The folder of this very library.
std::string own_folder() {
  Dl_info info;
  dladdr((const void*)&own_folder, &info);
  std::string path = info.dli_fname;
  size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

// Kernels are in libraries named FAMILY.ARCH.kernels.so, where ARCH is that of the PTX: a source
// may hold other code for another.
std::vector<Library> open_libraries(const std::string& arch) {
  std::string folder = settings().kernels.empty() ? own_folder() : settings().kernels;
  std::string ending = "." + arch + ".kernels.so";
  std::vector<std::string> names;
  if (DIR* directory = opendir(folder.c_str())) {
    while (dirent* entry = readdir(directory)) {
      std::string name = entry->d_name;
      if (name.size() > ending.size() &&
          name.compare(name.size() - ending.size(), ending.size(), ending) == 0) {
        names.push_back(name);
      }
    }
    closedir(directory);
  }
  std::sort(names.begin(), names.end());
  std::vector<Library> libraries;
  for (const std::string& name : names) {
    std::string path = folder + "/" + name;
    void* handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!handle) {
      throw std::runtime_error(dlerror());
    }
    libraries.push_back({path, handle});
  }
  return libraries;
}

const std::vector<Library>& libraries_for(const std::string& arch) {
  static auto& opened = *new std::map<std::string, std::vector<Library>>;
  auto found = opened.find(settings().kernels + ":" + arch);
  if (found == opened.end()) {
    found = opened.emplace(settings().kernels + ":" + arch, open_libraries(arch)).first;
  }
  return found->second;
}

// A failed load: the code, and what goes into the log.
struct LoadError : std::runtime_error {
  CUresult code;
  LoadError(CUresult code, const std::string& what) : std::runtime_error(what), code(code) {}
};

std::string dotted(int version) {
  return std::to_string(version / 10) + "." + std::to_string(version % 10);
}

void check_target(const Ptx& ptx, int device) {
  int compute = compute_capability(device);
  if (ptx.version > settings().ptx) {
    throw LoadError(CUDA_ERROR_UNSUPPORTED_PTX_VERSION,
                    "Unsupported .version " + dotted(ptx.version) + "; current version is '" +
                        dotted((int)settings().ptx) + "'");
  }
  if (ptx.exact_target ? ptx.target != compute : ptx.target > compute) {
    throw LoadError(CUDA_ERROR_INVALID_PTX, "SM version specified by .target " + ptx.target_name +
                                                " is higher than default SM version assumed, sm_" +
                                                std::to_string(compute));
  }
}

std::shared_ptr<Function> find_kernel(Context& context, const Ptx& ptx, const PtxEntry& entry) {
  std::string symbol = "emulator_kernel_" + entry.name;
  for (const Library& library : libraries_for(ptx.target_name.substr(3))) {
    auto* kernel = (const EmulatorKernel*)dlsym(library.handle, symbol.c_str());
    if (!kernel) {
      continue;
    }
    std::vector<unsigned> sizes(kernel->sizes, kernel->sizes + kernel->parameters);
    if (sizes != entry.parameter_bytes) {
      auto list = [](const std::vector<unsigned>& all) {
        std::string text;
        for (unsigned size : all) {
          text += " " + std::to_string(size);
        }
        return text;
      };
      throw LoadError(CUDA_ERROR_INVALID_PTX, "the sizes of the parameters of " + entry.name +
                                                  " are" + list(entry.parameter_bytes) +
                                                  " in the PTX and" + list(sizes) +
                                                  " in the host build");
    }
    auto function = std::make_shared<Function>();
    function->name = entry.name;
    function->context = &context;
    function->kernel = *kernel;
    function->library = entry.static_shared_bytes ? library.handle : nullptr;
    function->static_bytes = entry.static_shared_bytes;
    function->max_threads = entry.max_threads ? entry.max_threads : MAX_THREADS;
    function->ptx = ptx.version;
    return function;
  }
  throw LoadError(CUDA_ERROR_INVALID_PTX,
                  "there is no host build of the entry " + entry.name + " for " + ptx.target_name);
}

std::shared_ptr<Module> load(Context& context, const char* image) {
  // Binaries (cubin, fatbin) begin with other bytes than text.
  if (!image || (*image != '/' && *image != '.' && !isspace((unsigned char)*image))) {
    throw LoadError(CUDA_ERROR_INVALID_IMAGE, "the emulator loads PTX text only");
  }
  Ptx ptx;
  try {
    ptx = parse_ptx(image);
  } catch (const std::runtime_error& wrong) {
    throw LoadError(CUDA_ERROR_INVALID_PTX, wrong.what());
  }
  check_target(ptx, context.device);
  auto module = std::make_shared<Module>();
  for (const PtxEntry& entry : ptx.entries) {
    module->functions[entry.name] = find_kernel(context, ptx, entry);
  }
  return module;
}

enum JitOption { INFO_BUFFER = 3, INFO_BYTES = 4, ERROR_BUFFER = 5, ERROR_BYTES = 6 };

// Fills the log buffers that the options name; their sizes become what was written.
void write_logs(unsigned count, const int* options, void** values, const std::string& error) {
  auto write = [&](int buffer, int bytes, const std::string& text) {
    char* target = nullptr;
    void** size = nullptr;
    for (unsigned i = 0; i < count; i++) {
      target = options[i] == buffer ? (char*)values[i] : target;
      size = options[i] == bytes ? &values[i] : size;
    }
    if (target && size && (size_t)*size > 0) {
      size_t written = std::min(text.size(), (size_t)(unsigned)(uintptr_t)*size - 1);
      std::memcpy(target, text.data(), written);
      target[written] = 0;
      *size = (void*)(uintptr_t)written;
    }
  };
  write(ERROR_BUFFER, ERROR_BYTES, error);
  write(INFO_BUFFER, INFO_BYTES, "");
}

CUresult load_module(Context& context, CUmodule* module, const char* image, unsigned count,
                     const int* options, void** values) {
  try {
    auto loaded = load(context, image);
    for (auto& [name, function] : loaded->functions) {
      keep(context.functions, function);
    }
    *module = keep(context.modules, std::move(loaded));
    write_logs(count, options, values, "");
    return CUDA_SUCCESS;
  } catch (const LoadError& error) {
    write_logs(count, options, values, std::string("emulated ptxas: ") + error.what());
    return complain(error.code, "cuModuleLoadData: %s", error.what());
  } catch (const std::exception& error) {
    return complain(CUDA_ERROR_OPERATING_SYSTEM, "cuModuleLoadData: %s", error.what());
  }
}

}  // namespace
}  // namespace emulator

using namespace emulator;

EMULATOR_API cuModuleLoadDataEx(CUmodule* module, const void* image, unsigned count, int* options,
                                void** values) {
  return in_context(__func__, [&](Context& context) {
    return load_module(context, module, (const char*)image, count, options, values);
  });
}

EMULATOR_API cuModuleLoadData(CUmodule* module, const void* image) {
  return in_context(__func__, [&](Context& context) {
    return load_module(context, module, (const char*)image, 0, nullptr, nullptr);
  });
}

EMULATOR_API cuModuleUnload(CUmodule module) {
  return in_context(__func__, [&](Context& context) {
    Module* found = find(context.modules, module);
    if (!found) {
      return complain(CUDA_ERROR_INVALID_HANDLE, "cuModuleUnload: no such module");
    }
    CUresult result = drain_all(context);
    for (auto& [name, function] : found->functions) {
      context.functions.erase(function.get());
    }
    context.modules.erase(module);
    return result;
  });
}

EMULATOR_API cuModuleGetFunction(CUfunction* function, CUmodule handle, const char* name) {
  return in_context(__func__, [&](Context& context) {
    Module* module = find(context.modules, handle);
    if (!module) {
      return complain(CUDA_ERROR_INVALID_HANDLE, "cuModuleGetFunction: no such module");
    }
    auto found = module->functions.find(name);
    if (found == module->functions.end()) {
      return complain(CUDA_ERROR_NOT_FOUND, "cuModuleGetFunction: no entry '%s'", name);
    }
    *function = found->second.get();
    return CUDA_SUCCESS;
  });
}
