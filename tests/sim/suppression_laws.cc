// What the book of dialogs says of what is left out (RFC 5839): a watcher is told nothing, or shown no document, only
// if it said that it has what it is shown, and that is the state of the moment; or that it wants none.
#include "tests/sim/dialog_laws.h"

namespace vedette::sim {

using parsers::HeaderId;

// §6.3, §7.1: a 204.
void DialogLaws::on_kept(const DialogId& id, Dialog& dialog, const Facts& request, uint32_t granted) {
  stage_.played.add(Play::kKept);
  if (request.to_tag.empty() || dialog.condition.empty()) {
    return broken(id, "204 answers a SUBSCRIBE with a condition within its dialog (RFC 5839 §7.1)", dialog.condition);
  }
  if (granted == 0) {
    // §5.7: it "concludes the subscription".
    dialog.end = End::kSurely;
    dialog.gone_at = stage_.now();
    return note_end(dialog);
  }
  show_again(id, dialog, dialog.condition);
}

// §6.2.
void DialogLaws::check_left_out(const DialogId& id, Dialog& dialog, const Facts& notify) {
  // Documents are counted, and this is none.
  --dialog.notifies;
  const std::string tag(notify.value(HeaderId::kSipEtag));
  if (tags_.find(dialog.package, dialog.aor, tag) == nullptr || dialog.condition == "*") return;
  stage_.played.add(Play::kLeftOut);
  if (dialog.condition == tag) return show_again(id, dialog, tag);
  broken(id, "a body is left out for who said that it has it (RFC 5839 §6.2)", tag + " for " + dialog.condition);
}

// The watcher has what another NOTIFY has shown under this tag, if any has.
void DialogLaws::show_again(const DialogId& id, Dialog& dialog, const std::string& tag) {
  const PackageView* view = tags_.find(dialog.package, dialog.aor, tag);
  if (view == nullptr) return;
  dialog.shown = {.aor = dialog.aor, .view = *view, .made_at = stage_.now(), .watcher = dialog.watcher,
                  .pace = interval_between(dialog)};
  dialog.shown_any = true;
  const std::string fault = find_fault(dialog.shown);
  if (!fault.empty()) broken(id, "nothing is left out but the state of the moment (RFC 5839)", fault);
}

// §6.1.
void DialogLaws::learn_tag(const DialogId& id, Dialog& dialog, const Facts& notify) {
  const std::string_view tag = notify.value(HeaderId::kSipEtag);
  if (tag.empty()) return broken(id, "every document has an entity-tag (RFC 5839 §6.1)", "none");
  if (!tags_.learn(dialog.aor, tag, dialog.shown.view)) {
    broken(id, "an entity-tag stands for one state (RFC 5839 §6.1)", std::string(tag));
  }
  if (dialog.condition == "*") return broken(id, "who wants no document is shown none (RFC 5839 §5.2)", "one");
  dialog.condition.clear();
}

}  // namespace vedette::sim
