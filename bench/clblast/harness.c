// Runs the matrix products of a plan (see MatmulPlan.java) on one OpenCL device and checks every result against a
// sum in long double. In the mode "speed" it then times each beside CLBlastSgemm, in turns, and prints medians.
//
// Usage: harness info PLATFORM_PART                             prints what MatmulPlan needs to know of the device
//        harness check|speed PLATFORM_PART KERNELS [BUILD_OPTION] < plan      KERNELS: the folder of the kernel sources
#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#ifdef WITH_CLBLAST
#include <clblast_c.h>
#endif

#define MOST 64
#define MOST_SOURCE (1 << 20)
#define SENTINEL 0x7fa5a5a5u

typedef struct {
  long size, offset, s[3];
} View;

typedef struct {
  cl_kernel kernel;
  size_t global[3], local[3];
} Launch;

static cl_context context;
static cl_device_id device;
static cl_command_queue queue;
static char source[MOST_SOURCE + 1];
static const char *extra = "";
static struct {
  char options[512];
  cl_program program;
} programs[512];
static int program_count;

static void check(cl_int code, const char *what) {
  if (code != CL_SUCCESS) {
    fprintf(stderr, "harness: %s: error %d\n", what, code);
    exit(2);
  }
}

static void ask(cl_device_info what, size_t size, void *answer) {
  check(clGetDeviceInfo(device, what, size, answer, NULL), "clGetDeviceInfo");
}

static void print_info(void) {
  cl_device_type type;
  cl_uint units, width;
  size_t group;
  cl_ulong local;
  ask(CL_DEVICE_TYPE, sizeof type, &type);
  ask(CL_DEVICE_MAX_COMPUTE_UNITS, sizeof units, &units);
  ask(CL_DEVICE_NATIVE_VECTOR_WIDTH_FLOAT, sizeof width, &width);
  ask(CL_DEVICE_MAX_WORK_GROUP_SIZE, sizeof group, &group);
  ask(CL_DEVICE_LOCAL_MEM_SIZE, sizeof local, &local);
  printf("%s %u %u %zu %lu\n", type & CL_DEVICE_TYPE_GPU ? "gpu" : "processor", units, 4 * width, group,
         (unsigned long)local);
}

static void print_device(void) {
  char name[256], driver[256];
  ask(CL_DEVICE_NAME, sizeof name, name);
  ask(CL_DRIVER_VERSION, sizeof driver, driver);
  printf("device: %s, driver %s\n", name, driver);
}

// Appends a kernel file with what it includes, as Quern's drivers do.
static void append(const char *folder, const char *name) {
  static const char *const PLACES[] = {"opencl", "common"};
  FILE *file = NULL;
  for (int i = 0; i < 2 && file == NULL; i++) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s/%s", folder, PLACES[i], name);
    file = fopen(path, "r");
  }
  if (file == NULL) {
    fprintf(stderr, "harness: no %s in %s\n", name, folder);
    exit(2);
  }
  char line[1024], included[256];
  while (fgets(line, sizeof line, file)) {
    if (sscanf(line, "#include \"%255[^\"]\"", included) == 1) {
      append(folder, included);
    } else if (strlen(source) + strlen(line) < MOST_SOURCE) {
      strcat(source, line);
    } else {
      fprintf(stderr, "harness: the sources are too long\n");
      exit(2);
    }
  }
  fclose(file);
}

static void open_device(const char *part) {
  cl_platform_id platforms[16];
  cl_uint count = 0;
  check(clGetPlatformIDs(16, platforms, &count), "clGetPlatformIDs");
  for (cl_uint i = 0; i < count; i++) {
    char name[256];
    check(clGetPlatformInfo(platforms[i], CL_PLATFORM_NAME, sizeof name, name, NULL), "clGetPlatformInfo");
    if (strstr(name, part) && clGetDeviceIDs(platforms[i], CL_DEVICE_TYPE_ALL, 1, &device, NULL) == CL_SUCCESS) {
      cl_int code;
      context = clCreateContext(NULL, 1, &device, NULL, NULL, &code);
      check(code, "clCreateContext");
      queue = clCreateCommandQueue(context, device, 0, &code);
      check(code, "clCreateCommandQueue");
      return;
    }
  }
  fprintf(stderr, "harness: no platform is called %s\n", part);
  exit(2);
}

static cl_kernel kernel(const char *entry, const char *options) {
  int i = 0;
  while (i < program_count && strcmp(programs[i].options, options) != 0) {
    i++;
  }
  cl_int code;
  if (i == program_count) {
    const char *all = source;
    cl_program program = clCreateProgramWithSource(context, 1, &all, NULL, &code);
    check(code, "clCreateProgramWithSource");
    char all_options[1024];
    snprintf(all_options, sizeof all_options, "%s %s", options, extra);
    code = clBuildProgram(program, 1, &device, all_options, NULL, NULL);
    if (code != CL_SUCCESS) {
      char log[20000] = "";
      clGetProgramBuildInfo(program, device, CL_PROGRAM_BUILD_LOG, sizeof log, log, NULL);
      fprintf(stderr, "%s\n", log);
    }
    check(code, "clBuildProgram");
    programs[i].program = program;
    snprintf(programs[i].options, sizeof programs[i].options, "%s", options);
    program_count++;
  }
  cl_kernel made = clCreateKernel(programs[i].program, entry, &code);
  check(code, entry);
  return made;
}

static void start(const Launch *l, int count) {
  for (int i = 0; i < count; i++) {
    check(clEnqueueNDRangeKernel(queue, l[i].kernel, 3, NULL, l[i].global, l[i].local, 0, NULL, NULL), "launch");
  }
}

static uint64_t state = 1;

static double random_value(void) {
  state = state * 6364136223846793005u + 1442695040888963407u;
  return (double)(state >> 40) / (1 << 23) - 1;
}

static double at(const void *data, int f64, long i) {
  return f64 ? ((const double *)data)[i] : ((const float *)data)[i];
}

static long place(const View *v, long l, long i, long j) {
  return v->offset + l * v->s[0] + i * v->s[1] + j * v->s[2];
}

static long double activate(long double x, int activation) {
  switch (activation) {
    case 1:
      return x < 0 ? 0 : x;
    case 2:
      return 1 / (1 + expl(-x));
    case 3:
      return tanhl(x);
    default:
      return x;
  }
}

// Returns how many elements are wrong, and the largest error as a part of what is allowed.
static long compare_result(
    const View *v, void *const *data, int f64, const long *dims, int activation, double *worst, long sampled) {
  long batches = dims[0], m = dims[1], n = dims[2], k = dims[3], wrong = 0;
  double epsilon = f64 ? 0x1p-52 : 0x1p-23;
  char *written = calloc(1, (size_t)v[3].size);
  long every = sampled > 0 && batches * m * n > sampled ? batches * m * n / sampled | 1 : 1;
  for (long e = 0; e < batches * m * n; e++) {
    long l = e / m / n, i = e / n % m, j = e % n;
    long double sum = 0, magnitude = 0;
    long target = place(&v[3], l, i, j);
    written[target] = 1;
    if (e % every != 0) {
      continue;
    }
    for (long d = 0; d < k; d++) {
      long double x = at(data[0], f64, place(&v[0], l, i, d));
      long double y = at(data[1], f64, place(&v[1], l, d, j));
      sum += x * y;
      magnitude += fabsl(x * y);
    }
    double allowed = (double)((long double)k * epsilon * magnitude);
    if (v[2].size > 0) {
      sum += at(data[2], f64, place(&v[2], l, i, j));
      allowed += epsilon * (double)fabsl(sum);
    }
    long double wanted = activate(sum, activation);
    if (activation > 1) {
      allowed += 3 * epsilon * (double)fabsl(wanted);
    }
    double got = at(data[3], f64, target);
    double error = fabs((double)(got - wanted));
    if (!(error <= allowed)) {
      if (wrong++ == 0) {
        printf("  [%ld, %ld, %ld]: got %.9g, wanted %.9Lg, allowed error %g\n", l, i, j, got, wanted, allowed);
      }
    } else if (allowed > 0 && error / allowed > *worst) {
      *worst = error / allowed;
    }
  }
  for (long i = 0; i < v[3].size; i++) {
    uint32_t bits;
    memcpy(&bits, (char *)data[3] + i * (f64 ? 8 : 4), 4);
    if (!written[i] && bits != SENTINEL) {
      printf("  element %ld lies outside of the view and was written\n", i);
      wrong++;
    }
  }
  free(written);
  return wrong;
}

#ifdef WITH_CLBLAST
static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int compare(const void *x, const void *y) {
  double a = *(const double *)x, b = *(const double *)y;
  return (a > b) - (a < b);
}

static int clblast(const View *v, cl_mem *memory, const long *d) {
  int at = v[0].s[2] != 1 && d[3] > 1, bt = v[1].s[2] != 1 && d[2] > 1;
  return CLBlastSgemm(
      CLBlastLayoutRowMajor, at ? CLBlastTransposeYes : CLBlastTransposeNo,
      bt ? CLBlastTransposeYes : CLBlastTransposeNo, (size_t)d[1], (size_t)d[2], (size_t)d[3], 1.0f, memory[0],
      (size_t)v[0].offset, (size_t)(at ? v[0].s[2] : v[0].s[1]), memory[1], (size_t)v[1].offset,
      (size_t)(bt ? v[1].s[2] : v[1].s[1]), 0.0f, memory[3], (size_t)v[3].offset, (size_t)v[3].s[1], &queue, NULL);
}

static double timed(const View *v, cl_mem *memory, const long *d, const Launch *l, int count) {
  double begin = now();
  if (count > 0) {
    start(l, count);
  } else {
    check(clblast(v, memory, d), "CLBlastSgemm");
  }
  check(clFinish(queue), "clFinish");
  return now() - begin;
}

static void race(const char *name, const View *v, cl_mem *memory, const long *d, const Launch *l, int count) {
  enum { ROUNDS = 41 };
  double ours[ROUNDS], theirs[ROUNDS];
  for (int i = -3; i < ROUNDS; i++) {
    double q, c;
    // Who goes first changes.
    if (i & 1) {
      q = timed(v, memory, d, l, count);
      c = timed(v, memory, d, l, 0);
    } else {
      c = timed(v, memory, d, l, 0);
      q = timed(v, memory, d, l, count);
    }
    if (i >= 0) {
      ours[i] = q;
      theirs[i] = c;
    }
  }
  qsort(ours, ROUNDS, sizeof(double), compare);
  qsort(theirs, ROUNDS, sizeof(double), compare);
  double work = 2e-9 * (double)d[1] * (double)d[2] * (double)d[3];
  double q = ours[ROUNDS / 2], c = theirs[ROUNDS / 2];
  printf("%-26s quern %9.3f ms %7.1f GFLOP/s   CLBlast %9.3f ms %7.1f GFLOP/s   ratio %6.2f\n", name, q * 1e3,
         work / q, c * 1e3, work / c, c / q);
  fflush(stdout);
}
#endif

int main(int argc, char **argv) {
  if (argc == 3 && strcmp(argv[1], "info") == 0) {
    open_device(argv[2]);
    print_info();
    return 0;
  }
  if (argc < 4) {
    fprintf(stderr, "usage: harness info|check|speed PLATFORM_PART [KERNELS [BUILD_OPTION] < plan]\n");
    return 2;
  }
  if (argc > 4) {
    extra = argv[4];
  }
  int speed = strcmp(argv[1], "speed") == 0;
  open_device(argv[2]);
  print_device();
  append(argv[3], "matmul.cl");

  static char line[8192];
  char type[8], name[256] = "";
  View v[4];
  void *data[4];
  cl_mem memory[MOST] = {0};
  Launch launches[MOST];
  int count = 0, views = 0, activation = 0, f64 = 0;
  long dims[4], cases = 0, failed = 0;
  double worst = 0;
  cl_int code;
  while (fgets(line, sizeof line, stdin)) {
    if (sscanf(line, "case %7s %ld %ld %ld %ld %d", type, &dims[0], &dims[1], &dims[2], &dims[3], &activation) == 6) {
      f64 = strcmp(type, "F64") == 0;
      views = count = 0;
    } else if (sscanf(line, "name %255s", name) == 1) {
      // taken
    } else if (strncmp(line, "view", 4) == 0) {
      View *w = &v[views];
      sscanf(line, "view %ld %ld %ld %ld %ld", &w->size, &w->offset, &w->s[0], &w->s[1], &w->s[2]);
      size_t bytes = (size_t)w->size * (f64 ? 8 : 4);
      data[views] = malloc(bytes + 8);
      for (long i = 0; i < w->size; i++) {
        if (views == 3) {
          for (size_t part = 0; part < (f64 ? 2 : 1); part++) {
            ((uint32_t *)data[3])[(size_t)i * (f64 ? 2 : 1) + part] = SENTINEL;
          }
        } else if (f64) {
          ((double *)data[views])[i] = random_value();
        } else {
          ((float *)data[views])[i] = (float)random_value();
        }
      }
      memory[views] = NULL;
      if (bytes > 0) {
        memory[views] =
            clCreateBuffer(context, CL_MEM_READ_WRITE | CL_MEM_COPY_HOST_PTR, bytes, data[views], &code);
        check(code, "clCreateBuffer");
      }
      views++;
    } else if (strncmp(line, "alloc", 5) == 0) {
      long id, bytes;
      sscanf(line, "alloc %ld %ld", &id, &bytes);
      memory[id] = clCreateBuffer(context, CL_MEM_READ_WRITE, (size_t)bytes, NULL, &code);
      check(code, "clCreateBuffer");
    } else if (strncmp(line, "launch", 6) == 0) {
      Launch *l = &launches[count++];
      char entry[64];
      long groups[3], size[2];
      int arguments, read, words;
      sscanf(line, "launch %63s %ld %ld %ld %ld %ld %d%n", entry, &groups[0], &groups[1], &groups[2], &size[0],
             &size[1], &arguments, &read);
      char *rest = line + read;
      long ids[8], values[64];
      for (int i = 0; i < arguments; i++) {
        ids[i] = strtol(rest, &rest, 10);
      }
      words = (int)strtol(rest, &rest, 10);
      for (int i = 0; i < words; i++) {
        values[i] = strtol(rest, &rest, 10);
      }
      rest[strcspn(rest, "\n")] = 0;
      l->kernel = kernel(entry, rest);
      for (int i = 0; i < arguments; i++) {
        check(clSetKernelArg(l->kernel, (cl_uint)i, sizeof(cl_mem), &memory[ids[i]]), "clSetKernelArg");
      }
      check(clSetKernelArg(l->kernel, (cl_uint)arguments, (size_t)words * 8, values), "clSetKernelArg");
      for (int i = 0; i < 3; i++) {
        l->local[i] = i < 2 ? (size_t)size[i] : 1;
        l->global[i] = (size_t)groups[i] * l->local[i];
      }
    } else if (strncmp(line, "end", 3) == 0) {
      start(launches, count);
      check(clEnqueueReadBuffer(queue, memory[3], CL_TRUE, 0, (size_t)v[3].size * (f64 ? 8 : 4), data[3], 0, NULL, NULL),
            "clEnqueueReadBuffer");
      double part = 0;
      long wrong = compare_result(v, data, f64, dims, activation, &part, speed ? 3000 : 0);
      worst = part > worst ? part : worst;
      cases++;
      if (wrong > 0) {
        failed++;
        printf("WRONG: %s %s: %ld elements\n", name, type, wrong);
      }
#ifdef WITH_CLBLAST
      if (speed && wrong == 0) {
        race(name, v, memory, dims, launches, count);
      }
#endif
      for (int i = 0; i < count; i++) {
        clReleaseKernel(launches[i].kernel);
      }
      for (int i = 0; i < MOST; i++) {
        if (memory[i] != NULL) {
          clReleaseMemObject(memory[i]);
          memory[i] = NULL;
        }
      }
      for (int i = 0; i < views; i++) {
        free(data[i]);
      }
    }
  }
  printf("%ld products, %ld wrong; largest error %.3f of what is allowed; %d programs\n", cases, failed, worst,
         program_count);
  return cases == 0 || failed > 0;
}
