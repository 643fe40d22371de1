// Names of hosts and domains as the configuration has them. Pure.
#pragma once

#include <string>
#include <string_view>

namespace vedette::control {

std::string lower_case(std::string_view text);
// RFC 3261 §25.1 host, names and IPv4 addresses, in lower case: letters, digits, hyphens, dots; no empty label.
bool is_host_name(std::string_view name);

}  // namespace vedette::control
