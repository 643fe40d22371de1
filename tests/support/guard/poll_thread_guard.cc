// The poll thread guard: a library to preload into vedette. A thread that has sealed itself (dataplane/seal.h)
// and then allocates, frees, locks a mutex or makes a system call ends the process with words that say what it
// called and from where. Allowed are the system calls of DPDK's port drivers (librte_net_*), and naps and
// yields, which are the idle policy of the configuration; both are counted and told when the seal is lifted.
//
// How: malloc, operator new, their kin and pthread_mutex_lock are interposed. For system calls each sealed
// thread gets a seccomp filter that turns every call into a SIGSYS, except calls from this library's own
// trampoline; the handler looks at who called, and either makes the call in the thread's place or reports.
#include <cxxabi.h>
#include <dlfcn.h>
#include <execinfo.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>

#include "dataplane/seal.h"

// long guard_system_call(long number, long a, long b, long c, long d, long e, long f): the one place in a
// sealed thread from which the filter lets a system call through.
asm(R"(
  .text
  .type guard_system_call, @function
guard_system_call:
  mov %rdi, %rax
  mov %rsi, %rdi
  mov %rdx, %rsi
  mov %rcx, %rdx
  mov %r8, %r10
  mov %r9, %r8
  mov 8(%rsp), %r9
  syscall
guard_system_call_end:
  ret
  .size guard_system_call, . - guard_system_call
)");
extern "C" long guard_system_call(long number, long a, long b, long c, long d, long e, long f);
extern "C" const char guard_system_call_end[];

namespace {

enum class Watch : uint8_t {
  kOff,      // Not sealed, or not any more.
  kOn,       // Sealed.
  kPaused,   // Sealed, and the guard itself is at work.
};

constexpr size_t kFramesMax = 32;

thread_local Watch watch [[gnu::tls_model("initial-exec")]] = Watch::kOff;
thread_local bool filtered [[gnu::tls_model("initial-exec")]] = false;
thread_local uint64_t driver_calls [[gnu::tls_model("initial-exec")]] = 0;
thread_local uint64_t idle_calls [[gnu::tls_model("initial-exec")]] = 0;

// ---- Who called ----

// The file name of the library that holds an address.
const char* library_of(const void* address) {
  Dl_info info;
  if (dladdr(address, &info) == 0 || info.dli_fname == nullptr) return "";
  const char* slash = std::strrchr(info.dli_fname, '/');
  return slash != nullptr ? slash + 1 : info.dli_fname;
}

bool begins_with(const char* text, const char* prefix) {
  return std::strncmp(text, prefix, std::strlen(prefix)) == 0;
}

// The innermost caller that is neither this library nor the C library.
const char* caller_library() {
  static const char* const own = library_of(reinterpret_cast<const void*>(&begins_with));
  std::array<void*, kFramesMax> frames;
  const int count = backtrace(frames.data(), kFramesMax);
  for (int i = 0; i < count; ++i) {
    const char* library = library_of(frames[static_cast<size_t>(i)]);
    if (std::strcmp(library, own) != 0 && !begins_with(library, "libc.so") && !begins_with(library, "libc-")) {
      return library;
    }
  }
  return "";
}

[[noreturn]] void report(const char* what, long detail) {
  watch = Watch::kPaused;
  std::array<char, 160> text;
  const int length =
      std::snprintf(text.data(), text.size(), "poll thread guard: a sealed thread called %s (%ld) from %s\n", what,
                    detail, caller_library());
  (void)!write(STDERR_FILENO, text.data(), static_cast<size_t>(length));
  std::array<void*, kFramesMax> frames;
  backtrace_symbols_fd(frames.data(), backtrace(frames.data(), kFramesMax), STDERR_FILENO);
  // Not through pthread_sigmask: what the handler does to the mask in a thread's place ends with the handler.
  const uint64_t abort_alone = uint64_t{1} << (SIGABRT - 1);
  guard_system_call(SYS_rt_sigprocmask, SIG_UNBLOCK, reinterpret_cast<long>(&abort_alone), 0, sizeof abort_alone, 0, 0);
  std::abort();
}

// ---- System calls ----

bool is_idle_call(int number) {
  return number == SYS_sched_yield || number == SYS_nanosleep || number == SYS_clock_nanosleep;
}

void on_system_call(int, siginfo_t* signal, void* context) {
  auto& registers = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
  if (watch == Watch::kOn) {
    watch = Watch::kPaused;
    if (is_idle_call(signal->si_syscall)) {
      ++idle_calls;
    } else if (begins_with(caller_library(), "librte_net_")) {
      ++driver_calls;
    } else {
      report("the system call", signal->si_syscall);
    }
    watch = Watch::kOn;
  }
  registers[REG_RAX] = guard_system_call(signal->si_syscall, registers[REG_RDI], registers[REG_RSI],
                                         registers[REG_RDX], registers[REG_R10], registers[REG_R8],
                                         registers[REG_R9]);
}

bool install_filter() {
  const auto end = reinterpret_cast<uintptr_t>(&guard_system_call_end);
  constexpr uint32_t kCall = offsetof(seccomp_data, nr);
  constexpr uint32_t kPointer = offsetof(seccomp_data, instruction_pointer);
  std::array<sock_filter, 8> program = {{
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kCall),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_rt_sigreturn, 5, 0),      // The end of the handler.
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kPointer),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(end), 0, 2),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kPointer + 4),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(end >> 32), 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  }};
  const sock_fprog filter = {static_cast<uint16_t>(program.size()), program.data()};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) == 0;
}

void tell(const char* what) {
  std::array<char, 16> name{};
  pthread_getname_np(pthread_self(), name.data(), name.size());
  std::fprintf(stderr, "poll thread guard: %s %s, %llu driver calls, %llu idle calls\n", what, name.data(),
               static_cast<unsigned long long>(driver_calls), static_cast<unsigned long long>(idle_calls));
}

// ---- Allocation and locks: the real ones, behind us ----

template <typename Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

// Only the arena may take locks: they are its own and nobody contends for them.
void on_lock(const char* what) {
  if (watch != Watch::kOn) return;
  watch = Watch::kPaused;
  if (!begins_with(caller_library(), "libjemalloc")) report(what, 0);
  watch = Watch::kOn;
}

void on_heap(const char* what, size_t size) {
  if (watch == Watch::kOn) report(what, static_cast<long>(size));
}

}  // namespace

extern "C" {

void vedette_poll_thread_sealed() {
  if (!filtered) {
    struct sigaction action = {};
    action.sa_sigaction = on_system_call;
    action.sa_flags = SA_SIGINFO | SA_NODEFER;    // The guard's own calls trap, too, and pass.
    sigaction(SIGSYS, &action, nullptr);
    sigset_t trap;
    sigemptyset(&trap);
    sigaddset(&trap, SIGSYS);
    pthread_sigmask(SIG_UNBLOCK, &trap, nullptr);   // A poll thread blocks all signals.
    caller_library();                             // What loads lazily loads now.
    if (!install_filter()) {
      std::perror("poll thread guard: seccomp");
      std::abort();
    }
    filtered = true;
  }
  tell("sealed");
  watch = Watch::kOn;
}

void vedette_poll_thread_unsealed() {
  watch = Watch::kOff;
  tell("unsealed");
}

void* malloc(size_t size) {
  static auto* const real = next<void*(size_t)>("malloc");
  on_heap("malloc", size);
  return real(size);
}

void* realloc(void* old, size_t size) {
  static auto* const real = next<void*(void*, size_t)>("realloc");
  on_heap("realloc", size);
  return real(old, size);
}

void* calloc(size_t count, size_t size) {
  static auto* const real = next<void*(size_t, size_t)>("calloc");
  on_heap("calloc", count * size);
  return real(count, size);
}

void* aligned_alloc(size_t alignment, size_t size) {
  static auto* const real = next<void*(size_t, size_t)>("aligned_alloc");
  on_heap("aligned_alloc", size);
  return real(alignment, size);
}

int posix_memalign(void** out, size_t alignment, size_t size) {
  static auto* const real = next<int(void**, size_t, size_t)>("posix_memalign");
  on_heap("posix_memalign", size);
  return real(out, alignment, size);
}

void free(void* memory) {
  static auto* const real = next<void(void*)>("free");
  if (memory != nullptr) on_heap("free", 0);
  real(memory);
}

int pthread_mutex_lock(pthread_mutex_t* mutex) {
  static auto* const real = next<int(pthread_mutex_t*)>("pthread_mutex_lock");
  on_lock("pthread_mutex_lock");
  return real(mutex);
}

int pthread_mutex_trylock(pthread_mutex_t* mutex) {
  static auto* const real = next<int(pthread_mutex_t*)>("pthread_mutex_trylock");
  on_lock("pthread_mutex_trylock");
  return real(mutex);
}

}  // extern "C"

// jemalloc's own operator new goes past malloc; this one does not.
void* operator new(size_t size) {
  void* memory = malloc(size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void* operator new[](size_t size) { return operator new(size); }
void* operator new(size_t size, const std::nothrow_t&) noexcept { return malloc(size); }
void* operator new[](size_t size, const std::nothrow_t&) noexcept { return malloc(size); }
void* operator new(size_t size, std::align_val_t alignment) {
  void* memory = nullptr;
  if (posix_memalign(&memory, static_cast<size_t>(alignment), size) != 0) throw std::bad_alloc();
  return memory;
}
void* operator new[](size_t size, std::align_val_t alignment) { return operator new(size, alignment); }
void operator delete(void* memory) noexcept { free(memory); }
void operator delete[](void* memory) noexcept { free(memory); }
void operator delete(void* memory, size_t) noexcept { free(memory); }
void operator delete[](void* memory, size_t) noexcept { free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { free(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { free(memory); }
void operator delete(void* memory, size_t, std::align_val_t) noexcept { free(memory); }
void operator delete[](void* memory, size_t, std::align_val_t) noexcept { free(memory); }
