// See hard_state_document.h. Control thread only.
#include "engine/control/hard_state_document.h"

#include <utility>
#include <vector>

namespace vedette::control {
namespace {

// No datagram carries more.
constexpr size_t kNormalisedBytesMax = 65'536;

}  // namespace

std::string normalise_document(std::string_view document, NormalisedDocument& out) {
  std::vector<char> normalised(kNormalisedBytesMax);
  parsers::PidfDocument read;
  const parsers::ParseError error = parsers::normalise_pidf(document, normalised, read);
  if (error != parsers::ParseError::kOk) {
    return "the document was not taken, and nothing has changed: " + std::string(to_string(error)) +
           "; give one of type application/pidf+xml (RFC 3863)";
  }
  auto bytes = std::make_shared<std::string>(engine::PublishedState::text_bytes(read), '\0');
  out.lent.state = engine::PublishedState::write(read, {normalised.data(), read.length}, bytes->data());
  out.lent.document_bytes = static_cast<uint32_t>(document.size());
  out.parts_left_out = read.left_out;
  out.bytes = std::move(bytes);
  return "";
}

}  // namespace vedette::control
