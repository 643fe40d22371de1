// Whether a DataplaneConfig makes sense, before anything is touched.
#pragma once

#include <cstdint>
#include <string>

#include "dataplane/config.h"
#include "dataplane/mac_address.h"

namespace vedette::dataplane {

// Throws SetupError at the first thing that cannot be.
void check_config(const DataplaneConfig& config, uint32_t datagram_bytes_max);
// "02:00:00:00:00:02".
bool parse_mac(const std::string& text, MacAddress& mac);

}  // namespace vedette::dataplane
