// Each typed value as the parts it was taken into, and written anew from them: what the laws of value_laws compare.
// For tests and fuzzers.
#pragma once

#include "parsers/address.h"
#include "parsers/auth_params.h"
#include "parsers/cseq.h"
#include "parsers/event.h"
#include "parsers/identity.h"
#include "parsers/media_type.h"
#include "parsers/subscription_state.h"
#include "parsers/uri.h"
#include "parsers/via.h"
#include "parsers/writer.h"
#include "tests/support/value_laws.h"

namespace vedette::support {

// For values that are a number, or nothing but right or wrong.
struct Number {
  uint64_t value = 0;
};
struct Verdict {
  std::string_view text;
};

void collect(const parsers::Address& address, Reading& out);
void collect(const parsers::AuthParams& auth, Reading& out);
void collect(const parsers::CSeq& cseq, Reading& out);
void collect(const parsers::Event& event, Reading& out);
void collect(const parsers::Identity& identity, Reading& out);
void collect(const parsers::MediaType& media, Reading& out);
void collect(const Number& number, Reading& out);
void collect(const parsers::Param& param, Reading& out);
void collect(const parsers::SubscriptionState& state, Reading& out);
void collect(std::string_view token, Reading& out);
void collect(const parsers::Uri& uri, Reading& out);
void collect(const Verdict& verdict, Reading& out);
void collect(const parsers::Via& via, Reading& out);

void write(const parsers::Address& address, parsers::Writer& writer);
void write(const parsers::AuthParams& auth, parsers::Writer& writer);
void write(const parsers::CSeq& cseq, parsers::Writer& writer);
void write(const parsers::Event& event, parsers::Writer& writer);
void write(const parsers::Identity& identity, parsers::Writer& writer);
void write(const parsers::MediaType& media, parsers::Writer& writer);
void write(const Number& number, parsers::Writer& writer);
void write(const parsers::Param& param, parsers::Writer& writer);
void write(const parsers::SubscriptionState& state, parsers::Writer& writer);
void write(std::string_view token, parsers::Writer& writer);
void write(const parsers::Uri& uri, parsers::Writer& writer);
void write(const Verdict& verdict, parsers::Writer& writer);
void write(const parsers::Via& via, parsers::Writer& writer);

}  // namespace vedette::support
