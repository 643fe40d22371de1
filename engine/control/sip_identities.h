// For whom a certificate speaks in SIP: RFC 5922 §7.1, §7.2. Pure. Any thread.
#pragma once

#include <openssl/x509.h>

#include <string>
#include <string_view>
#include <vector>

namespace vedette::control {

// The SIP domains that stand in it, in lower case and in its order; none when it speaks for nobody. Wildcards are names
// like others, which no domain has.
std::vector<std::string> sip_identities(const X509* certificate);
bool has_sip_identity(const X509* certificate, std::string_view domain);

}  // namespace vedette::control
