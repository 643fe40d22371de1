// See sip_identities.h.
#include "engine/control/sip_identities.h"

#include <openssl/x509v3.h>

#include <algorithm>
#include <memory>

#include "engine/control/host_name.h"
#include "parsers/param.h"
#include "parsers/uri.h"

namespace vedette::control {
namespace {

struct NamesDeleter {
  void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
};
using Names = std::unique_ptr<GENERAL_NAMES, NamesDeleter>;

std::string_view text_of(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)), static_cast<size_t>(ASN1_STRING_length(text))};
}

// Anything but a name, a NUL in its middle above all, is nobody's.
bool is_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return is_letter || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '*';
  });
}

void add(std::string_view name, std::vector<std::string>& out) {
  if (is_name(name)) out.push_back(lower_case(name));
}

// RFC 5922 §7.1: "If the scheme of the URI is not "sip", then the implementation MUST NOT accept the value as a SIP
// domain identity"; one with a user part "identifies an individual user, not a domain".
void add_uri(std::string_view text, std::vector<std::string>& out) {
  parsers::Uri uri;
  if (parsers::parse_uri(text, uri) != parsers::ParseError::kOk) return;
  if (uri.scheme == parsers::UriScheme::kSip && !uri.has_user) add(uri.host, out);
}

// A certificate without subjectAltName may have its domain there: "If a valid DNS name is found there, the
// implementation MAY accept this value".
void add_common_name(const X509* certificate, std::vector<std::string>& out) {
  const X509_NAME* subject = X509_get_subject_name(certificate);
  const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (at >= 0) add(text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at))), out);
}

}  // namespace

std::vector<std::string> sip_identities(const X509* certificate) {
  std::vector<std::string> out;
  int found = -1;
  const Names names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, &found, nullptr)));
  if (found == -1) add_common_name(certificate, out);   // -2: there are several, and none counts.
  const int count = names == nullptr ? 0 : sk_GENERAL_NAME_num(names.get());
  for (int i = 0; i < count; ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type == GEN_URI) add_uri(text_of(name->d.uniformResourceIdentifier), out);
  }
  // "An implementation MUST accept a domain name system identifier as a SIP domain identity if and only if no other
  // identity is found that matches the "sip" URI type".
  const bool has_uri = !out.empty();
  for (int i = 0; i < count && !has_uri; ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type == GEN_DNS) add(text_of(name->d.dNSName), out);
  }
  return out;
}

// RFC 5922 §7.2: case-insensitive, "in their entirety", and never by a wildcard: "*.example.com" is not
// "foo.example.com".
bool has_sip_identity(const X509* certificate, std::string_view domain) {
  const std::vector<std::string> all = sip_identities(certificate);
  return std::any_of(all.begin(), all.end(),
                     [&](const std::string& one) { return parsers::equal_ignoring_case(one, domain); });
}

}  // namespace vedette::control
