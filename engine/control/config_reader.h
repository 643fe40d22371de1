// The parts of the configuration file, one function each; config.cc puts them together. Each reads its keys
// from `top`, leaves the defaults where a key is absent, and says what is wrong. Cold start-up code.
#pragma once

#include "dataplane/config.h"
#include "engine/config.h"
#include "engine/control/config.h"
#include "engine/control/toml_reader.h"

namespace vedette::control {

void read_domains(TableReader& top, engine::EngineConfig& out);
// After read_domains: a user needs its domain. Passwords are wiped from `top` as soon as they are hashed.
void read_users(TableReader& top, engine::EngineConfig& out);
void read_sip(TableReader& top, Config& out);
void read_expiries(TableReader& top, engine::EngineConfig& out);
void read_pace(TableReader& top, engine::PacePolicy& out);
void read_limits(TableReader& top, engine::Limits& out);
void read_flood(TableReader& top, engine::EngineConfig& out);
void read_dataplane(TableReader& top, dataplane::DataplaneConfig& out);
// After read_sip, read_limits and read_dataplane: connections are taken where datagrams are, unless told otherwise.
void read_streams(TableReader& top, Config& out);

}  // namespace vedette::control
