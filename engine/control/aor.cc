// See aor.h. Control thread only.
#include "engine/control/aor.h"

#include <array>

#include "engine/control_message.h"
#include "parsers/uri.h"

namespace vedette::control {

std::optional<std::string> canonical_aor(std::string_view text) {
  // "sip:" is what people leave out; "alice" alone is then a host without a user, and refused.
  std::string whole = text.find(':') == std::string_view::npos ? "sip:" : "";
  whole += text;
  parsers::Uri uri;
  if (parsers::parse_uri(whole, uri) != parsers::ParseError::kOk) return std::nullopt;
  std::array<char, engine::kAorBytesMax> canonical{};
  size_t length = 0;
  if (parsers::write_canonical_aor(uri, canonical.data(), canonical.size(), length) !=
      parsers::ParseError::kOk) {
    return std::nullopt;
  }
  return std::string(canonical.data(), length);
}

}  // namespace vedette::control
