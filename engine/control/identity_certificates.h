// Certificates of those who sign identities, by their URLs: from files that the operator names, or fetched and kept for
// a while, as is that one could not be had, or is not believed. Control thread only.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/control/certificate_fetcher.h"
#include "engine/control/identity_config.h"
#include "engine/control/identity_counters.h"
#include "engine/control/identity_credential.h"
#include "engine/control/log.h"
#include "engine/control/shard_queries.h"
#include "engine/control/tls_trust.h"
#include "engine/reason.h"

namespace vedette::control {

class IdentityCertificates {
 public:
  // `on_arrived` is called when one came, or did not. Throws std::runtime_error, whose text says what to do: of files.
  IdentityCertificates(boost::asio::io_context& context, const IdentityConfig& config, IdentityCounters& counters,
                       Log& log, std::function<void()> on_arrived);

  struct Answer {
    const IdentityCredential* credential = nullptr;   // Believed, and good until the next call.
    bool is_under_way = false;                        // Ask again when on_arrived was called.
    engine::Reason reason = engine::Reason::kNone;    // Neither: kBadIdentityInfo, kUnsupportedCredential.
  };
  Answer find(SteadyTime now, std::string_view url);
  // Reads authorities, lists and files anew, and forgets what was fetched. When that fails, all stays, and the log says
  // why.
  void reload();
  void close() { fetcher_.close(); }
  size_t size() const { return known_.size(); }

 private:
  struct Known {
    std::unique_ptr<const IdentityCredential> credential;   // Null: it could not be had, or is being fetched.
    std::optional<IdentityCounter> trouble;
    SteadyTime until{};          // Of what was fetched. Then it is fetched again.
    SteadyTime judged{};
    SteadyTime used{};           // When it was asked for last.
    bool is_under_way = false;
    bool is_file = false;
  };
  using Table = std::map<std::string, Known, std::less<>>;

  void load(Table& known, std::unique_ptr<const TlsTrust>& trust) const;
  Answer answer_of(SteadyTime now, const std::string& url, Known& known);
  Answer begin_fetch(SteadyTime now, std::string_view url);
  bool may_fetch_another(SteadyTime now);
  void on_fetched(const std::string& url, CertificateFetcher::Outcome outcome);
  void judge(SteadyTime now, const std::string& url, Known& known);
  void make_room();

  const IdentityConfig& config_;
  IdentityCounters& counters_;
  Log& log_;
  const std::function<void()> on_arrived_;
  std::unique_ptr<const TlsTrust> trust_;
  Table known_;
  SteadyTime minute_{};          // When the minute began in which so many were fetched.
  uint32_t fetched_ = 0;
  CertificateFetcher fetcher_;
};

}  // namespace vedette::control
