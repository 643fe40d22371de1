#include "engine/route.h"

namespace vedette::engine {
namespace {

Route by_aor(const parsers::Uri& uri) {
  const CanonicalAor aor(uri);
  if (aor.empty()) return {};
  return {true, partition_of_aor(aor.view())};
}

}  // namespace

Route route_of_request(const Request& request) {
  using parsers::Method;
  switch (request.method()) {
    case Method::kSubscribe: {
      Route route;
      // In a dialog the Request-URI is our Contact; our tag says where the dialog lives.
      if (!request.to.tag.empty()) {
        route.has_owner = partition_of_tag(request.to.tag, route.partition);
        return route;
      }
      return by_aor(request.uri);
    }
    case Method::kPublish: return by_aor(request.uri);
    case Method::kRegister: return by_aor(request.to.uri);
    default: return {};
  }
}

Route route_of_response(const parsers::Via& topmost) {
  Route route;
  route.has_owner = partition_of_branch(topmost.branch, route.partition);
  return route;
}

}  // namespace vedette::engine
