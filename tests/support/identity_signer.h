// Signs identities (RFC 8224, RFC 8225) for tests: JSON and base64url by other means than ours.
#pragma once

#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

namespace vedette::support {

inline std::string base64url(const std::string& bytes) {
  std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                     reinterpret_cast<const unsigned char*>(bytes.data()),
                                     static_cast<int>(bytes.size()));
  out.resize(static_cast<size_t>(length));
  out.erase(std::find(out.begin(), out.end(), '='), out.end());
  std::replace(out.begin(), out.end(), '+', '-');
  std::replace(out.begin(), out.end(), '/', '_');
  return out;
}

inline std::string sip_date(time_t seconds) {
  tm parts{};
  gmtime_r(&seconds, &parts);
  char text[40];
  strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return text;
}

// Of what a PASSporT says. nlohmann's objects are sorted, and dumped without white space.
struct PassportWish {
  std::string url = "https://certs.example.net/a.pem";
  std::string from = "sip:carol@example.net", to = "sip:alice@example.com";
  int64_t iat = 0;

  nlohmann::json header() const { return {{"alg", "ES256"}, {"typ", "passport"}, {"x5u", url}}; }
  nlohmann::json payload() const {
    return {{"dest", {{"uri", {to}}}}, {"iat", iat}, {"orig", {{"uri", from}}}};
  }
};

class IdentitySigner {
 public:
  explicit IdentitySigner(const std::string& key_file) {
    FILE* file = fopen(key_file.c_str(), "r");
    if (file == nullptr) throw std::runtime_error("no " + key_file);
    key_.reset(PEM_read_PrivateKey(file, nullptr, nullptr, nullptr));
    fclose(file);
  }

  // R and S, 32 bytes each (RFC 7518 §3.4).
  std::string sign(const std::string& input) const {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    std::vector<unsigned char> der(256);
    size_t length = der.size();
    EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get());
    EVP_DigestSign(context.get(), der.data(), &length, reinterpret_cast<const unsigned char*>(input.data()),
                   input.size());
    const unsigned char* next = der.data();
    const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> pair(
        d2i_ECDSA_SIG(nullptr, &next, static_cast<long>(length)), ECDSA_SIG_free);
    std::string raw(64, '\0');
    BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), reinterpret_cast<unsigned char*>(raw.data()), 32);
    BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), reinterpret_cast<unsigned char*>(raw.data()) + 32, 32);
    return raw;
  }
  // header.payload.signature
  std::string token(const nlohmann::json& header, const nlohmann::json& payload) const {
    const std::string input = base64url(header.dump()) + "." + base64url(payload.dump());
    return input + "." + base64url(sign(input));
  }
  std::string full(const PassportWish& wish) const { return field(token(wish.header(), wish.payload()), wish.url); }
  std::string compact(const PassportWish& wish) const {
    const std::string whole = token(wish.header(), wish.payload());
    return field(".." + whole.substr(whole.rfind('.') + 1), wish.url);
  }
  static std::string field(const std::string& token, const std::string& url) {
    return "Identity: " + token + ";info=<" + url + ">;alg=ES256\r\n";
  }

 private:
  struct Free {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  };
  std::unique_ptr<EVP_PKEY, Free> key_;
};

}  // namespace vedette::support
