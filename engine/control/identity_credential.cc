// See identity_credential.h. Control thread only.
#include "engine/control/identity_credential.h"

#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <array>
#include <climits>

#include "engine/control/sip_identities.h"

namespace vedette::control {
namespace {

// Certificates that lead to an authority; more of them are not read.
constexpr int kOthersMax = 8;
constexpr size_t kIntegerBytes = 32;

template <typename T, void (*kFree)(T*)>
struct FreeBy {
  void operator()(T* one) const { kFree(one); }
};

std::optional<IdentityCounter> counter_of(long verdict) {
  if (verdict == X509_V_OK) return std::nullopt;
  switch (why_not_believed(verdict)) {
    case StreamCounter::kTlsPeerExpired: return IdentityCounter::kCertificateExpired;
    case StreamCounter::kTlsPeerRevoked: return IdentityCounter::kCertificateRevoked;
    case StreamCounter::kTlsPeerRevocationUnknown: return IdentityCounter::kCertificateRevocationUnknown;
    case StreamCounter::kTlsPeerSelfSigned: return IdentityCounter::kCertificateSelfSigned;
    case StreamCounter::kTlsPeerUnknownIssuer: return IdentityCounter::kCertificateUnknownIssuer;
    default: return IdentityCounter::kCertificateInvalid;
  }
}

// RFC 7518 §3.4: P-256 alone. RFC 5280 §4.2.1.3: what says what it is for has to say signatures.
bool is_key_for_es256(X509* certificate) {
  std::array<char, 32> group{};
  const EVP_PKEY* key = X509_get0_pubkey(certificate);
  if (key == nullptr || EVP_PKEY_get_group_name(key, group.data(), group.size(), nullptr) != 1) return false;
  const bool is_for_signatures = (X509_get_key_usage(certificate) & KU_DIGITAL_SIGNATURE) != 0;
  return std::string_view(group.data()) == "prime256v1" && is_for_signatures;
}

}  // namespace

std::unique_ptr<const IdentityCredential> IdentityCredential::read(std::string_view bytes) {
  if (bytes.size() > INT_MAX) return nullptr;
  auto credential = std::make_unique<IdentityCredential>();
  credential->others_.reset(sk_X509_new_null());
  const std::unique_ptr<BIO, FreeBy<BIO, BIO_free_all>> in(
      BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
  if (in == nullptr || credential->others_ == nullptr) return nullptr;
  if (bytes.find("-----BEGIN") == std::string_view::npos) {
    const auto* next = reinterpret_cast<const unsigned char*>(bytes.data());
    credential->certificate_.reset(d2i_X509(nullptr, &next, static_cast<long>(bytes.size())));
  } else {
    credential->certificate_.reset(PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr));
    for (int i = 0; credential->certificate_ != nullptr && i < kOthersMax; ++i) {
      X509* other = PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr);
      if (other == nullptr) break;
      sk_X509_push(credential->others_.get(), other);
    }
  }
  ERR_clear_error();  // That there are no more.
  return credential->certificate_ == nullptr ? nullptr : std::move(credential);
}

std::optional<IdentityCounter> IdentityCredential::trouble(const TlsTrust& trust) const {
  if (!is_key_for_es256(certificate_.get())) {
    ERR_clear_error();
    return IdentityCounter::kCertificateWrongKey;
  }
  return counter_of(trust.verdict_on(certificate_.get(), others_.get()));
}

bool IdentityCredential::speaks_for(std::string_view domain) const {
  return has_sip_identity(certificate_.get(), domain);
}

bool IdentityCredential::has_signed(std::string_view input, std::string_view signature) const {
  if (signature.size() != 2 * kIntegerBytes) return false;
  const auto* bytes = reinterpret_cast<const unsigned char*>(signature.data());
  const std::unique_ptr<ECDSA_SIG, FreeBy<ECDSA_SIG, ECDSA_SIG_free>> pair(ECDSA_SIG_new());
  BIGNUM* r = BN_bin2bn(bytes, kIntegerBytes, nullptr);
  BIGNUM* s = BN_bin2bn(bytes + kIntegerBytes, kIntegerBytes, nullptr);
  if (pair == nullptr || r == nullptr || s == nullptr || ECDSA_SIG_set0(pair.get(), r, s) != 1) {
    BN_free(r);
    BN_free(s);
    return false;
  }
  unsigned char* der = nullptr;
  const int der_length = i2d_ECDSA_SIG(pair.get(), &der);
  const std::unique_ptr<EVP_MD_CTX, FreeBy<EVP_MD_CTX, EVP_MD_CTX_free>> context(EVP_MD_CTX_new());
  const bool is_right =
      der_length > 0 && context != nullptr &&
      EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, X509_get0_pubkey(certificate_.get())) == 1 &&
      EVP_DigestVerify(context.get(), der, static_cast<size_t>(der_length),
                       reinterpret_cast<const unsigned char*>(input.data()), input.size()) == 1;
  OPENSSL_free(der);
  ERR_clear_error();
  return is_right;
}

}  // namespace vedette::control
