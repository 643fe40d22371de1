// An operator who sets hard state (RFC 3903 §2) of users who are watched meanwhile, for a time or until he removes it:
// services that can be reached and such that cannot, persons who appear offline, documents with nothing in them.
#pragma once

#include <string>

#include "tests/sim/laws.h"
#include "tests/sim/server.h"
#include "tests/sim/stage.h"

namespace vedette::sim {

class HardStateWriter {
 public:
  HardStateWriter(Stage& stage, Server& server, Laws& laws, Random random)
      : stage_(stage), server_(server), laws_(laws), random_(random) {}

  // Sets or removes that of some user.
  void change();
  // Nobody has any from now on.
  void remove_all();

 private:
  void remove(const std::string& aor);
  std::string make_document(const std::string& aor, const std::string& user);

  Stage& stage_;
  Server& server_;
  Laws& laws_;
  Random random_;
  uint32_t documents_ = 0;
};

}  // namespace vedette::sim
