// rtnetlink as this dataplane uses it: requests with an answer, whole dumps, and a stream of changes. Thin
// over libnl; what the messages mean is kernel_mirror's.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "engine/flow.h"

struct nl_msg;
struct nl_sock;
struct nlmsghdr;

namespace vedette::dataplane {

class RouteNetlink {
 public:
  using OnMessage = std::function<void(const nlmsghdr& message)>;

  explicit RouteNetlink(OnMessage on_message);  // Throws SetupError.
  ~RouteNetlink();
  RouteNetlink(const RouteNetlink&) = delete;
  RouteNetlink& operator=(const RouteNetlink&) = delete;

  // Start-up. Both throw SetupError; what is there already is no error.
  void add_address(int interface_index, const std::string& prefix);
  void add_default_route(int interface_index, const std::string& gateway);

  // Asks for all messages of one kind (RTM_GETADDR, RTM_GETROUTE, RTM_GETNEIGH); each goes to on_message
  // before this returns. The kernel answers at once. False: try again later.
  bool dump(int request);
  // Has the kernel resolve a neighbour, or look after one that is in use.
  void use_neighbour(int interface_index, const engine::IpAddress& address);

  // Readable when there are changes to take.
  int descriptor() const;
  // Gives all changes that wait to on_message. False: some were lost, and everything must be read anew.
  bool take_changes();

 private:
  void request(nl_msg* message, const std::string& doing);

  OnMessage on_message_;
  nl_sock* requests_ = nullptr;
  nl_sock* changes_ = nullptr;
};

}  // namespace vedette::dataplane
