// The parts of the configuration file, one function each; config.cc puts them together. Each reads its keys
// from `top`, leaves the defaults where a key is absent, and says what is wrong. Cold start-up code.
#pragma once

#include "dataplane/config.h"
#include "engine/config.h"
#include "engine/control/config.h"
#include "engine/control/toml_reader.h"

namespace vedette::control {

// After read_peers: a domain says whom of them it refuses.
void read_domains(TableReader& top, engine::EngineConfig& out);
// After read_domains: a user needs its domain. Passwords are wiped from `top` as soon as they are hashed.
void read_users(TableReader& top, engine::EngineConfig& out);
void read_sip(TableReader& top, Config& out);
void read_expiries(TableReader& top, engine::EngineConfig& out);
void read_pace(TableReader& top, engine::PacePolicy& out);
void read_limits(TableReader& top, engine::Limits& out);
void read_flood(TableReader& top, Config& out);
void read_dataplane(TableReader& top, dataplane::DataplaneConfig& out);
void read_peers(TableReader& top, engine::Peers& out);
// After read_domains and read_peers, which read what they say of it.
void read_identity(TableReader& top, Config& out);
bool read_identity_policy(TableReader& table, std::string_view key, engine::IdentityPolicy& out);
// Of the table of a domain.
void read_refused_peers(TableReader& table, const engine::Peers& peers, engine::Domain& out);
// "192.0.2.1", "192.0.2.1:5080", "2001:db8::1", "[2001:db8::1]:5080"; `port` for those without.
bool parse_endpoint(std::string_view text, uint16_t port, engine::Endpoint& out);
inline constexpr uint16_t kTlsPort = 5'061;   // RFC 3261 §19.1.2.
// After read_sip, read_limits, read_dataplane and read_peers: connections are taken where datagrams are, unless told
// otherwise.
void read_streams(TableReader& top, Config& out);

}  // namespace vedette::control
