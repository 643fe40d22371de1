// Which SIP domains stand in a certificate: RFC 5922 §7.1, §7.2, case by case.
#include "engine/control/sip_identities.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/support/certificate_authority.h"

namespace vedette::control {
namespace {

using Domains = std::vector<std::string>;

class SipIdentitiesTest : public testing::Test {
 protected:
  ~SipIdentitiesTest() override { std::filesystem::remove_all(folder_); }
  Domains of(const std::string& names, const std::string& common_name = "cn.example.org") const {
    const support::CertificateAuthority::Certificate made =
        authority_.make({.names = names, .common_name = common_name}, *key_);
    return sip_identities(made.get());
  }

  const std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("vedette-identities-" + std::to_string(getpid()));
  const support::CertificateAuthority authority_{folder_, "authority"};
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_{EVP_EC_gen("P-256"), EVP_PKEY_free};
};

TEST_F(SipIdentitiesTest, AUriOfADomainIsOneAndTheNamesBesideItAreNot) {
  EXPECT_EQ(of("URI:sip:example.org"), Domains{"example.org"});
  EXPECT_EQ(of("DNS:host.example.org,URI:SIP:Example.ORG,DNS:example.net"), Domains{"example.org"});
  EXPECT_EQ(of("URI:sip:example.org,URI:sip:example.net"), (Domains{"example.org", "example.net"}));
  // §7.2: "an implementation MUST NOT use any scheme or parameters in the comparison"; nor a port.
  EXPECT_EQ(of("URI:sip:example.org:5061;transport=tls"), Domains{"example.org"});
}

TEST_F(SipIdentitiesTest, AUriOfAUserOrAnotherSchemeIsNone) {
  EXPECT_EQ(of("URI:sip:alice@example.org"), Domains{});
  EXPECT_EQ(of("URI:sips:example.org"), Domains{});
  EXPECT_EQ(of("URI:https://example.org/,email:alice@example.org,IP:192.0.2.9"), Domains{});
  EXPECT_EQ(of("URI:sip:"), Domains{});
  EXPECT_EQ(of("URI:sip:alice@example.org,DNS:example.net"), Domains{"example.net"}) << "no SIP URI of a domain";
}

TEST_F(SipIdentitiesTest, NamesCountWhereThereIsNoUri) {
  EXPECT_EQ(of("DNS:Example.org,DNS:example.net"), (Domains{"example.org", "example.net"}));
}

TEST_F(SipIdentitiesTest, TheCommonNameCountsWithoutSubjectAltNameAlone) {
  EXPECT_EQ(of("", "Example.ORG"), Domains{"example.org"});
  EXPECT_EQ(of("", "Example Incorporated"), Domains{});
  EXPECT_EQ(of("email:alice@example.org", "example.org"), Domains{});
}

TEST_F(SipIdentitiesTest, NothingMatchesBySuffixOrWildcard) {
  const auto made = authority_.make({.names = "DNS:*.example.org,DNS:example.net"}, *key_);
  EXPECT_TRUE(has_sip_identity(made.get(), "EXAMPLE.net"));
  EXPECT_FALSE(has_sip_identity(made.get(), "foo.example.org"));
  EXPECT_FALSE(has_sip_identity(made.get(), "example.org"));
  EXPECT_FALSE(has_sip_identity(made.get(), "foo.example.net"));
  EXPECT_FALSE(has_sip_identity(made.get(), "xample.net"));
  EXPECT_FALSE(has_sip_identity(made.get(), ""));
}

// A NUL in a name ends it for C, and for nobody else.
TEST_F(SipIdentitiesTest, ANulEndsNoName) {
  constexpr unsigned char kName[] = "example.org\0.evil.test";
  const support::CertificateAuthority::Certificate made(X509_new(), X509_free);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_ASC, kName, sizeof kName - 1, -1, 0);
  EXPECT_EQ(sip_identities(made.get()), Domains{});
}

}  // namespace
}  // namespace vedette::control
