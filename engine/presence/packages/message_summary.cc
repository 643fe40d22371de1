// Message summaries (RFC 3842): what the voice mail last published.
#include "engine/presence/packages/package.h"
#include "parsers/message_summary.h"

namespace vedette::engine::packages {
namespace {

constexpr std::string_view kNothingWaits = "Messages-Waiting: no\r\n";

// RFC 3842 §3.12 leaves it open what a state agent makes of several sources: here the newest publication alone counts.
bool compose_summary(const PackageState& state, parsers::Writer& out, uint32_t& version_offset) {
  version_offset = 0;
  out.put(state.publications.empty() ? kNothingWaits : state.publications.front().bytes);
  return !out.overflowed();
}

size_t summary_bytes_max(const PackageState& state) {
  size_t bytes = kNothingWaits.size();
  for (const PublishedFragments& publication : state.publications) {
    if (publication.bytes.size() > bytes) bytes = publication.bytes.size();
  }
  return bytes;
}

}  // namespace

// RFC 3842 §6: very private, so for the account's owner.
const EventPackage kMessageSummary = {.name = "message-summary",
                                      .type = "application",
                                      .subtype = "simple-message-summary",
                                      .media_type = "application/simple-message-summary",
                                      .audience = PackageAudience::kNobodyElse,
                                      .normalise = parsers::normalise_message_summary,
                                      .bad_body = Reason::kBadBody,
                                      .compose = compose_summary,
                                      .bytes_max = summary_bytes_max};

}  // namespace vedette::engine::packages
