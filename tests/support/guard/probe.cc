// What the poll thread guard is tried on: seals one thread and does there what its argument says. Not a test
// itself; poll_thread_guard_test runs it once with the guard and once without.
#include <jemalloc/jemalloc.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "dataplane/seal.h"

extern "C" long probe_driver_call();    // A system call made by librte_net_probe.

namespace {

void* volatile kept = nullptr;          // So that the compiler leaves allocations alone.
std::mutex mutex;

bool keep(void* memory) {
  kept = memory;
  return memory != nullptr;
}

bool act(std::string_view what, void* before, unsigned arena) {
  if (what == "nothing") return true;
  if (what == "malloc") return keep(std::malloc(100));
  if (what == "calloc") return keep(std::calloc(10, 10));
  if (what == "new") return keep(new int);
  if (what == "string") return std::string(100, 'x').size() == 100;
  if (what == "free") return std::free(before), true;
  if (what == "getppid") return getppid() > 0;
  if (what == "write") return write(STDERR_FILENO, "", 0) == 0;
  if (what == "printf") return std::printf("hello\n") > 0;
  if (what == "lock") return std::lock_guard<std::mutex>(mutex), true;
  if (what == "sleep") return std::this_thread::sleep_for(std::chrono::milliseconds(1)), true;
  if (what == "driver") return probe_driver_call() > 0;
  if (what == "arena") return keep(mallocx(100, MALLOCX_ARENA(arena) | MALLOCX_TCACHE_NONE));
  std::fprintf(stderr, "probe: what is %s?\n", std::string(what).c_str());
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view what = argc > 1 ? argv[1] : "";
  bool done = false;
  std::thread worker([&] {
    unsigned arena = 0;
    size_t size = sizeof(arena);
    mallctl("arenas.create", &arena, &size, nullptr, 0);
    // The arena's first extent is mapped before the seal.
    dallocx(mallocx(100, MALLOCX_ARENA(arena) | MALLOCX_TCACHE_NONE), MALLOCX_TCACHE_NONE);
    void* before = std::malloc(100);
    keep(before);   // Else the compiler drops both it and its free().
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, nullptr);    // As poll threads do.
    vedette::dataplane::seal_poll_thread();
    done = act(what, before, arena);
    vedette::dataplane::unseal_poll_thread();
    std::printf("unsealed, print as you like\n");
  });
  worker.join();
  return done ? EXIT_SUCCESS : EXIT_FAILURE;
}
