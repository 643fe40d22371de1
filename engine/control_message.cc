// The column names of what shards report to the control thread. Constant; any thread may read it.
#include "engine/control_message.h"

namespace vedette::engine {

std::string_view control_columns(ControlReplyHeader::Kind kind) {
  using Kind = ControlReplyHeader::Kind;
  switch (kind) {
    case Kind::kWatcher:
      return "presentity\twatcher\tstate\tevent\texpires_in\tcontact\taddress\tcall_id\tcseq\tin_"
             "flight\tshard\tdecided_by\tview\tversion\tetag\tdocument\tfilter\tpace_ms\trates\tnext_in\twaits_for";
    case Kind::kPresentity:
      return "aor\tevent\tversion\tpublications\tbindings\tsubscriptions\tshard";
    case Kind::kPublication:
      return "event\tetag\texpires_in\tbytes\tfragments";
    case Kind::kBinding:
      return "contact\tinstance\tgruu\texpires_in\taddress\tq";
    case Kind::kCounter:
      return "name\tvalue";
    case Kind::kSummary:
      return "shard\tsubscriptions\tpresentities\tpublications\tbindings\tdocument_bytes\tquiescing\trule_sets\t"
             "rule_set_bytes\tviews\thard_states\thard_state_bytes\twaiting_watchers";
    case Kind::kRules:
      return "aor\trefused\tloaded_at\tbytes\tdocument_bytes\trules\tnames\twatchers\tvalid_until\tshard";
    case Kind::kView:
      return "view\thandling\tshows\twatchers\tbytes";
    case Kind::kHardState:
      return "aor\trefused\tis_set\texpires_in\tbytes\twatchers\tshard";
    case Kind::kElement:
      return "element\tid\tbasic\tbytes";
    case Kind::kPrefix:
      return "prefix\tdatagrams\tover_ms";
    case Kind::kProven:
      return "prefix\tsources";
    case Kind::kEnd:
    case Kind::kCount:
      break;
  }
  return "";
}

}  // namespace vedette::engine
