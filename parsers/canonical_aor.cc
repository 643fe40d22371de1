// The canonical address of record (RFC 3261 §10.3 step 5): one spelling for each, so that it can be hashed
// and compared byte by byte.
#include "parsers/chars.h"
#include "parsers/host.h"
#include "parsers/param.h"
#include "parsers/uri.h"
#include "parsers/writer.h"

namespace vedette::parsers {
namespace {

// Escapes are undone once where the character may stand there itself. Others stay, in capital digits: a
// "@", a "%" or a NUL that was hidden by its escape must not come to mean something (RFC 4475 §3.1.1.3,
// §3.1.1.4).
void put_user(Writer& writer, std::string_view user) {
  for (size_t i = 0; i < user.size(); ++i) {
    if (user[i] != '%' || user.size() - i < 3) {
      writer.put(user[i]);
      continue;
    }
    const unsigned octet = hex_value(user[i + 1]) << 4 | hex_value(user[i + 2]);
    i += 2;
    const char c = static_cast<char>(octet);
    if (is(kUserChar, c)) {
      writer.put(c);
    } else {
      constexpr std::string_view kDigits = "0123456789ABCDEF";
      writer.put('%').put(kDigits[octet >> 4]).put(kDigits[octet & 0xf]);
    }
  }
}

void put_lower(Writer& writer, std::string_view text) {
  for (const char c : text) writer.put(to_lower(c));
}

// An IPv6 reference has many spellings: eight groups without zeros before them or "::" are the same for all.
void put_host(Writer& writer, std::string_view host) {
  Ipv6Bytes address;
  if (!host.starts_with('[') || !parse_ipv6(host.substr(1, host.size() - 2), address)) {
    if (host.ends_with('.')) host.remove_suffix(1);  // The root's dot adds nothing to a full name.
    put_lower(writer, host);
    return;
  }
  for (size_t i = 0; i < address.size(); i += 2) {
    const unsigned group = static_cast<unsigned>(address[i]) << 8 | address[i + 1];
    const unsigned digits = group > 0xfff ? 4 : group > 0xff ? 3 : group > 0xf ? 2 : 1;
    writer.put(i == 0 ? '[' : ':').put_hex(group, digits);
  }
  writer.put(']');
}

void put_number(Writer& writer, const Uri& uri) {
  const auto put_digits = [&writer](std::string_view number) {
    for (const char c : number) {
      if (!is(kSeparatorChar, c)) writer.put(to_lower(c));
    }
  };
  put_digits(uri.user);
  Param context;
  if (uri.user.starts_with('+') || !find_uri_param(uri, "phone-context", context)) return;
  // RFC 3966 §5.1.5: a local number is another one in another context.
  writer.put(";phone-context=");
  if (context.value.starts_with('+')) {
    put_digits(context.value);
  } else {
    put_lower(writer, context.value);
  }
}

}  // namespace

ParseError write_canonical_aor(const Uri& uri, char* out, size_t capacity, size_t& length) {
  length = 0;
  if (uri.scheme == UriScheme::kOther) return ParseError::kUriScheme;
  if (!uri.has_user) return ParseError::kUri;
  Writer writer(out, capacity);
  if (uri.scheme == UriScheme::kTel) {
    put_number(writer, uri);
  } else {
    put_user(writer, uri.user);
    writer.put('@');
    put_host(writer, uri.host);
  }
  if (writer.overflowed()) return ParseError::kMessageTooLong;
  length = writer.length();
  return ParseError::kOk;
}

}  // namespace vedette::parsers
