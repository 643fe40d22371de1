// An authority for tests: signs certificates for others and says which of them it has revoked. Files are PEM.
#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "engine/control/stream_config.h"

namespace vedette::support {

// What stands in a certificate. Times are seconds from now.
struct CertificateWish {
  std::string names = "URI:sip:example.org";   // subjectAltName; empty: none.
  long serial = 1;
  long begins = -3'600, ends = 3'600;
  std::string common_name = "nobody";
  std::string usage = "serverAuth,clientAuth";
};

class CertificateAuthority {
 public:
  using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

  CertificateAuthority(std::filesystem::path folder, const std::string& name)
      : folder_(std::move(folder)), key_(EVP_EC_gen("P-256"), EVP_PKEY_free), own_(X509_new(), X509_free) {
    std::filesystem::create_directories(folder_);
    begin(*own_, {.serial = 1, .begins = -7'200, .ends = 7'200, .common_name = name}, *key_);
    X509_set_issuer_name(own_.get(), X509_get_subject_name(own_.get()));
    extend(*own_, NID_basic_constraints, "critical,CA:TRUE");
    extend(*own_, NID_key_usage, "critical,keyCertSign,cRLSign");
    sign(*own_);
    write(file(name + ".pem"), [&](FILE* out) { return PEM_write_X509(out, own_.get()); });
    file_ = file(name + ".pem");
  }

  const std::string& certificate_file() const { return file_; }

  Certificate make(const CertificateWish& wish, EVP_PKEY& key) const {
    Certificate made(X509_new(), X509_free);
    begin(*made, wish, key);
    X509_set_issuer_name(made.get(), X509_get_subject_name(own_.get()));
    extend(*made, NID_basic_constraints, "CA:FALSE");
    extend(*made, NID_ext_key_usage, wish.usage);
    if (!wish.names.empty()) extend(*made, NID_subject_alt_name, wish.names);
    sign(*made);
    return made;
  }
  control::TlsCertificate issue(const std::string& name, const CertificateWish& wish) const {
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
    const Certificate made = make(wish, *key);
    const control::TlsCertificate files{file(name + ".pem"), file(name + ".key")};
    write(files.chain, [&](FILE* out) { return PEM_write_X509(out, made.get()); });
    write(files.key,
          [&](FILE* out) { return PEM_write_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr); });
    return files;
  }
  // The list of what it has revoked, believed until `ends`.
  std::string revoke(const std::string& name, const std::vector<long>& serials, long ends = 3'600) const {
    const std::unique_ptr<X509_CRL, decltype(&X509_CRL_free)> list(X509_CRL_new(), X509_CRL_free);
    X509_CRL_set_version(list.get(), 1);
    X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(own_.get()));
    const std::unique_ptr<ASN1_TIME, decltype(&ASN1_TIME_free)> then(X509_gmtime_adj(nullptr, -7'200), ASN1_TIME_free);
    const std::unique_ptr<ASN1_TIME, decltype(&ASN1_TIME_free)> next(X509_gmtime_adj(nullptr, ends), ASN1_TIME_free);
    X509_CRL_set1_lastUpdate(list.get(), then.get());
    X509_CRL_set1_nextUpdate(list.get(), next.get());
    for (const long serial : serials) {
      X509_REVOKED* entry = X509_REVOKED_new();
      const std::unique_ptr<ASN1_INTEGER, decltype(&ASN1_INTEGER_free)> number(ASN1_INTEGER_new(), ASN1_INTEGER_free);
      ASN1_INTEGER_set(number.get(), serial);
      X509_REVOKED_set_serialNumber(entry, number.get());
      X509_REVOKED_set_revocationDate(entry, then.get());
      X509_CRL_add0_revoked(list.get(), entry);
    }
    if (X509_CRL_sign(list.get(), key_.get(), EVP_sha256()) <= 0) throw std::runtime_error("a list was not signed");
    write(file(name), [&](FILE* out) { return PEM_write_X509_CRL(out, list.get()); });
    return file(name);
  }

 private:
  struct Close {
    void operator()(FILE* file) const { fclose(file); }
  };
  template <typename Write>
  static void write(const std::string& path, Write write) {
    const std::unique_ptr<FILE, Close> out(fopen(path.c_str(), "w"));
    if (out == nullptr || write(out.get()) != 1) throw std::runtime_error("cannot write " + path);
  }
  static void begin(X509& x509, const CertificateWish& wish, EVP_PKEY& key) {
    X509_set_version(&x509, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(&x509), wish.serial);
    X509_gmtime_adj(X509_getm_notBefore(&x509), wish.begins);
    X509_gmtime_adj(X509_getm_notAfter(&x509), wish.ends);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(&x509), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(wish.common_name.c_str()), -1, -1, 0);
    X509_set_pubkey(&x509, &key);
  }
  static void extend(X509& x509, int kind, const std::string& value) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str());
    if (extension == nullptr) throw std::runtime_error("no such extension: " + value);
    X509_add_ext(&x509, extension, -1);
    X509_EXTENSION_free(extension);
  }
  void sign(X509& x509) const {
    if (X509_sign(&x509, key_.get(), EVP_sha256()) <= 0) throw std::runtime_error("a certificate was not signed");
  }
  std::string file(const std::string& name) const { return (folder_ / name).string(); }

  const std::filesystem::path folder_;
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
  const Certificate own_;
  std::string file_;
};

}  // namespace vedette::support
