// Which CPUs the workers run on.
#pragma once

#include <string>
#include <vector>

namespace vedette::dataplane {

// The CPUs this process may use, ascending.
std::vector<unsigned> allowed_cpus();

// One list of CPUs per worker. `text` is "auto" or a list like "2,3,6-8" with as many CPUs as workers; "auto"
// gives each worker one of `allowed`, or all of them to all when there are fewer than workers. Throws
// SetupError.
std::vector<std::vector<unsigned>> place_workers(const std::string& text, unsigned workers,
                                                 const std::vector<unsigned>& allowed);

// Of the calling thread. Throws SetupError.
void run_on(const std::vector<unsigned>& cpus);

}  // namespace vedette::dataplane
