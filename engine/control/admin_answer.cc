// See admin_answer.h. Control thread only.
#include "engine/control/admin_answer.h"

#include <utility>

namespace vedette::control {
namespace {

using Json = nlohmann::ordered_json;

// What clients wrote need not be UTF-8, as JSON must be: it is replaced, never thrown over.
std::string line_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string result_line(Json result) { return line_of({{"ok", true}, {"result", std::move(result)}}); }

std::string error_line(std::string_view what) { return line_of({{"ok", false}, {"error", what}}); }

}  // namespace vedette::control
