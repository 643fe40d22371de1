// Certificates made on the spot, for tests and benches.
#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <memory>
#include <string>

#include "engine/control/stream_config.h"

namespace vedette::support {

// Signs itself; says who it is for in subjectAltName. Its serial number tells it from others of that name.
// False: OpenSSL or the disk would not.
[[nodiscard]] inline bool write_certificate(const control::TlsCertificate& files, const std::string& domain,
                                            long serial) {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const std::unique_ptr<X509, decltype(&X509_free)> x509(X509_new(), X509_free);
  X509_set_version(x509.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(x509.get()), serial);
  X509_gmtime_adj(X509_getm_notBefore(x509.get()), -3'600);
  X509_gmtime_adj(X509_getm_notAfter(x509.get()), 3'600);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(x509.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(domain.c_str()), -1, -1, 0);
  X509_set_issuer_name(x509.get(), X509_get_subject_name(x509.get()));
  X509_set_pubkey(x509.get(), key.get());
  X509_EXTENSION* names = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, ("DNS:" + domain).c_str());
  X509_add_ext(x509.get(), names, -1);
  X509_EXTENSION_free(names);
  if (X509_sign(x509.get(), key.get(), EVP_sha256()) <= 0) return false;
  struct Close {
    void operator()(FILE* file) const { fclose(file); }
  };
  const std::unique_ptr<FILE, Close> chain(fopen(files.chain.c_str(), "w"));
  const std::unique_ptr<FILE, Close> secret(fopen(files.key.c_str(), "w"));
  return chain != nullptr && secret != nullptr && PEM_write_X509(chain.get(), x509.get()) == 1 &&
         PEM_write_PrivateKey(secret.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1;
}

}  // namespace vedette::support
