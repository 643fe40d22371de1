// The two shapes of an answer to an operator, each a line with its end. Control thread only.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace vedette::control {

// {"ok":true,"result":{...}}
std::string result_line(nlohmann::ordered_json result);
// {"ok":false,"error":"what is wrong; what to do"}
std::string error_line(std::string_view what);

}  // namespace vedette::control
