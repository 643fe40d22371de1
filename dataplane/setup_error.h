// Why the dataplane could not start, in words that say what to do. Start-up only; poll code never throws.
#pragma once

#include <stdexcept>

namespace vedette::dataplane {

class SetupError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace vedette::dataplane
