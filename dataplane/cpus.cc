#include "dataplane/cpus.h"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <string_view>

#include "dataplane/setup_error.h"

namespace vedette::dataplane {
namespace {

bool parse_number(std::string_view text, unsigned& out) {
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && rest == text.data() + text.size() && out < CPU_SETSIZE;
}

std::vector<unsigned> parse_list(const std::string& text) {
  std::vector<unsigned> cpus;
  std::string_view rest = text;
  while (true) {
    const std::string_view item = rest.substr(0, rest.find(','));
    const size_t dash = item.find('-');
    unsigned first = 0;
    unsigned last = 0;
    if (!parse_number(item.substr(0, dash), first) ||
        !parse_number(dash == std::string_view::npos ? item : item.substr(dash + 1), last) || last < first) {
      throw SetupError("cpus = \"" + text + "\" is no list of CPUs; write it like \"2,3,6-8\", or \"auto\"");
    }
    for (unsigned cpu = first; cpu <= last; ++cpu) cpus.push_back(cpu);
    if (item.size() == rest.size()) return cpus;
    rest.remove_prefix(item.size() + 1);
  }
}

}  // namespace

std::vector<unsigned> allowed_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  sched_getaffinity(0, sizeof set, &set);
  std::vector<unsigned> cpus;
  for (unsigned cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &set)) cpus.push_back(cpu);
  }
  return cpus;
}

std::vector<std::vector<unsigned>> place_workers(const std::string& text, unsigned workers,
                                                 const std::vector<unsigned>& allowed) {
  if (text == "auto" && allowed.size() < workers) return std::vector(workers, allowed);
  const std::vector<unsigned> cpus = text == "auto" ? allowed : parse_list(text);
  if (text != "auto" && cpus.size() != workers) {
    throw SetupError("cpus = \"" + text + "\" names " + std::to_string(cpus.size()) + " CPUs for " +
                     std::to_string(workers) + " workers; name one for each, or write \"auto\"");
  }
  std::vector<std::vector<unsigned>> places;
  for (unsigned worker = 0; worker < workers; ++worker) {
    if (std::find(allowed.begin(), allowed.end(), cpus[worker]) == allowed.end()) {
      throw SetupError("CPU " + std::to_string(cpus[worker]) + " of cpus = \"" + text +
                       "\" is not one that this process may use");
    }
    places.push_back({cpus[worker]});
  }
  return places;
}

void run_on(const std::vector<unsigned>& cpus) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const unsigned cpu : cpus) CPU_SET(cpu, &set);
  if (const int error = pthread_setaffinity_np(pthread_self(), sizeof set, &set)) {
    throw SetupError(std::string("a worker cannot be bound to its CPU: ") + std::strerror(error));
  }
}

}  // namespace vedette::dataplane
