#include "dataplane/route_netlink.h"

#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>

#include <memory>
#include <span>
#include <utility>

#include "dataplane/setup_error.h"
#include "engine/address_prefix.h"

namespace vedette::dataplane {
namespace {

constexpr int kReceiveBufferBytes = 4 << 20;
constexpr uint8_t kV4PrefixBits = 96;

struct FreeMessage {
  void operator()(nl_msg* message) const { nlmsg_free(message); }
};
using Message = std::unique_ptr<nl_msg, FreeMessage>;

Message make_message(int type, int flags) { return Message(nlmsg_alloc_simple(type, flags)); }

// The bytes of an address as rtnetlink wants them: 4 or 16.
std::span<const uint8_t> wire_bytes(const engine::IpAddress& address) {
  const std::span<const uint8_t> bytes(address.bytes);
  return address.is_v4() ? bytes.last(4) : bytes;
}

unsigned char family_of(const engine::IpAddress& address) { return address.is_v4() ? AF_INET : AF_INET6; }

void put_address(nl_msg* message, int attribute, const engine::IpAddress& address) {
  const std::span<const uint8_t> bytes = wire_bytes(address);
  nla_put(message, attribute, static_cast<int>(bytes.size()), bytes.data());
}

// An answer to use_neighbour: its interface has gone, or the kernel's table of neighbours is full (ENOBUFS, as for
// changes that were lost). The datagram that waits for it is counted when it is given up.
int pass_over(sockaddr_nl*, nlmsgerr*, void*) { return NL_SKIP; }

int give(nl_msg* message, void* argument) {
  (*static_cast<RouteNetlink::OnMessage*>(argument))(*nlmsg_hdr(message));
  return NL_OK;
}

nl_sock* open_socket(RouteNetlink::OnMessage& on_message) {
  nl_sock* socket = nl_socket_alloc();
  if (socket == nullptr) throw SetupError("no memory for a netlink socket");
  nl_socket_modify_cb(socket, NL_CB_VALID, NL_CB_CUSTOM, give, &on_message);
  if (const int error = nl_connect(socket, NETLINK_ROUTE)) {
    nl_socket_free(socket);
    throw SetupError(std::string("rtnetlink: ") + nl_geterror(error));
  }
  return socket;
}

}  // namespace

RouteNetlink::RouteNetlink(OnMessage on_message)
    : on_message_(std::move(on_message)), requests_(open_socket(on_message_)) {
  try {
    changes_ = open_socket(on_message_);
  } catch (const SetupError&) {
    nl_socket_free(requests_);
    throw;
  }
  nl_socket_set_nonblocking(changes_);
  nl_socket_disable_seq_check(changes_);
  nl_socket_disable_auto_ack(changes_);
  nl_socket_modify_err_cb(changes_, NL_CB_CUSTOM, pass_over, nullptr);
  nl_socket_set_buffer_size(changes_, kReceiveBufferBytes, 0);
  nl_socket_add_memberships(changes_, RTNLGRP_LINK, RTNLGRP_NEIGH, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV4_ROUTE,
                            RTNLGRP_IPV6_IFADDR, RTNLGRP_IPV6_ROUTE, 0);
}

RouteNetlink::~RouteNetlink() {
  nl_socket_free(requests_);
  nl_socket_free(changes_);
}

void RouteNetlink::request(nl_msg* message, const std::string& doing) {
  int result = nl_send_auto(requests_, message);
  if (result >= 0) result = nl_wait_for_ack(requests_);
  if (result < 0 && result != -NLE_EXIST) throw SetupError(doing + ": " + nl_geterror(result));
}

void RouteNetlink::add_address(int interface_index, const std::string& prefix) {
  engine::AddressPrefix parsed;
  if (!engine::AddressPrefix::parse(prefix, parsed)) {
    throw SetupError("\"" + prefix + "\" is no address; write it like 10.1.0.1/24 or fd00::1/64");
  }
  const Message message = make_message(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL);
  ifaddrmsg head{};
  head.ifa_family = family_of(parsed.address);
  head.ifa_prefixlen = static_cast<uint8_t>(parsed.bits - (parsed.address.is_v4() ? kV4PrefixBits : 0));
  // Duplicate address detection would keep the engine waiting for what the operator has decided.
  head.ifa_flags = IFA_F_NODAD;
  head.ifa_index = static_cast<unsigned>(interface_index);
  nlmsg_append(message.get(), &head, sizeof head, NLMSG_ALIGNTO);
  put_address(message.get(), IFA_LOCAL, parsed.address);
  put_address(message.get(), IFA_ADDRESS, parsed.address);
  request(message.get(), "adding the address " + prefix);
}

void RouteNetlink::add_default_route(int interface_index, const std::string& gateway) {
  engine::IpAddress address;
  if (!engine::IpAddress::parse(gateway, address))
    throw SetupError("gateway \"" + gateway + "\" is no IP address");
  const Message message = make_message(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL);
  rtmsg head{};
  head.rtm_family = family_of(address);
  head.rtm_table = RT_TABLE_MAIN;
  head.rtm_protocol = RTPROT_STATIC;
  head.rtm_scope = RT_SCOPE_UNIVERSE;
  head.rtm_type = RTN_UNICAST;
  nlmsg_append(message.get(), &head, sizeof head, NLMSG_ALIGNTO);
  put_address(message.get(), RTA_GATEWAY, address);
  nla_put_u32(message.get(), RTA_OIF, static_cast<uint32_t>(interface_index));
  request(message.get(), "adding the gateway " + gateway);
}

bool RouteNetlink::dump(int kind) {
  rtgenmsg head{};
  head.rtgen_family = AF_UNSPEC;
  return nl_send_simple(requests_, kind, NLM_F_DUMP, &head, sizeof head) >= 0 &&
         nl_recvmsgs_default(requests_) >= 0;
}

void RouteNetlink::use_neighbour(int interface_index, const engine::IpAddress& address) {
  const Message message = make_message(RTM_NEWNEIGH, NLM_F_CREATE);
  ndmsg head{};
  head.ndm_family = family_of(address);
  head.ndm_ifindex = interface_index;
  head.ndm_state = NUD_NONE;
  head.ndm_flags = NTF_USE;
  nlmsg_append(message.get(), &head, sizeof head, NLMSG_ALIGNTO);
  put_address(message.get(), NDA_DST, address);
  nl_send_auto(changes_, message.get());
}

int RouteNetlink::descriptor() const { return nl_socket_get_fd(changes_); }

bool RouteNetlink::take_changes() {
  while (true) {
    const int result = nl_recvmsgs_default(changes_);
    if (result == -NLE_AGAIN) return true;
    // ENOBUFS of the socket itself.
    if (result == -NLE_NOMEM) return false;
  }
}

}  // namespace vedette::dataplane
