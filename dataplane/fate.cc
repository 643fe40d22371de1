#include "dataplane/fate.h"

#include "engine/base/check.h"

namespace vedette::dataplane {
namespace {

struct FateName {
  Fate fate;
  std::string_view name;
};

constexpr std::array<FateName, kFateCount> kNames = {{
    {Fate::kRxFrames, "rx_frames"},
    {Fate::kRxToShard, "rx_to_shard"},
    {Fate::kRxToKernel, "rx_to_kernel"},
    {Fate::kRxFragments, "rx_fragments"},
    {Fate::kRxReassembled, "rx_reassembled"},
    {Fate::kRxUnfinishedChecksum, "rx_unfinished_checksum"},
    {Fate::kRxTruncated, "rx_truncated"},
    {Fate::kRxBadIpHeader, "rx_bad_ip_header"},
    {Fate::kRxBadIpChecksum, "rx_bad_ip_checksum"},
    {Fate::kRxBadSource, "rx_bad_source"},
    {Fate::kRxBadUdpLength, "rx_bad_udp_length"},
    {Fate::kRxBadUdpChecksum, "rx_bad_udp_checksum"},
    {Fate::kRxForOthers, "rx_for_others"},
    {Fate::kRxBadFragment, "rx_bad_fragment"},
    {Fate::kRxReassemblyOverlap, "rx_reassembly_overlap"},
    {Fate::kRxReassemblyTooLong, "rx_reassembly_too_long"},
    {Fate::kRxReassemblyTimeout, "rx_reassembly_timeout"},
    {Fate::kRxReassemblyEvicted, "rx_reassembly_evicted"},
    {Fate::kSpread, "spread"},
    {Fate::kFragmentsMoved, "fragments_moved"},
    {Fate::kHandedOff, "handed_off"},
    {Fate::kPeerMessagesOut, "peer_messages_out"},
    {Fate::kHandedIn, "handed_in"},
    {Fate::kTxMoved, "tx_moved"},
    {Fate::kHandOffFull, "hand_off_full"},
    {Fate::kStreamMessagesIn, "stream_messages_in"},
    {Fate::kStreamMessagesOut, "stream_messages_out"},
    {Fate::kStreamRingFull, "stream_ring_full"},
    {Fate::kVerificationsOut, "verifications_out"},
    {Fate::kVerificationsFull, "verifications_full"},
    {Fate::kVerdictsIn, "verdicts_in"},
    {Fate::kControlMessagesIn, "control_messages_in"},
    {Fate::kControlRecordsOut, "control_records_out"},
    {Fate::kControlRecordsFull, "control_records_full"},
    {Fate::kControlRecordTooLong, "control_record_too_long"},
    {Fate::kTxDatagrams, "tx_datagrams"},
    {Fate::kTxFragmented, "tx_fragmented"},
    {Fate::kTxFrames, "tx_frames"},
    {Fate::kTxKernelFrames, "tx_kernel_frames"},
    {Fate::kTxNoPort, "tx_no_port"},
    {Fate::kTxNoRoute, "tx_no_route"},
    {Fate::kTxHeld, "tx_held"},
    {Fate::kTxHeldFull, "tx_held_full"},
    {Fate::kTxHeldTimeout, "tx_held_timeout"},
    {Fate::kTxQueueFull, "tx_queue_full"},
    {Fate::kNoBuffer, "no_buffer"},
    {Fate::kKernelRingFull, "kernel_ring_full"},
    {Fate::kTapFramesIn, "tap_frames_in"},
    {Fate::kTapFramesOut, "tap_frames_out"},
    {Fate::kTapWriteFailed, "tap_write_failed"},
    {Fate::kTapNoBuffer, "tap_no_buffer"},
    {Fate::kTapRingFull, "tap_ring_full"},
    {Fate::kResolveRequests, "resolve_requests"},
    {Fate::kNetlinkOverruns, "netlink_overruns"},
    {Fate::kMirrorFull, "mirror_full"},
    {Fate::kTurns, "turns"},
    {Fate::kIdleTurns, "idle_turns"},
    {Fate::kBusyNanoseconds, "busy_nanoseconds"},
}};

constexpr bool in_order() {
  for (size_t i = 0; i < kFateCount; ++i) {
    if (kNames[i].fate != static_cast<Fate>(i)) return false;
  }
  return true;
}
static_assert(in_order());

}  // namespace

std::string_view to_string(Fate fate) {
  VEDETTE_CHECK(fate < Fate::kCount);
  return kNames[static_cast<size_t>(fate)].name;
}

}  // namespace vedette::dataplane
