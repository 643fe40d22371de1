// vedettectl's end of the admin socket: one request, one answer (engine/control/admin_commands.h has the
// protocol).
#pragma once

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

namespace vedette::tools {

// Why there is no answer, in words that say what to do.
class AdminError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The answer's "result". Throws AdminError.
nlohmann::ordered_json ask_engine(const std::string& socket_path, const nlohmann::ordered_json& request);

}  // namespace vedette::tools
