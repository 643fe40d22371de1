// A presence document as the simulation compares it: which tuples and persons it shows. A published tuple
// is recognised by its content (its id may be changed by composition) and, in documents of our agents, by a
// stamp in its note: which publication it is from and which version of it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "parsers/pidf.h"

namespace vedette::sim {

struct Stamp {
  std::string publication;      // "user1-d2-7": one chain of PUBLISHes from the first to the last.
  uint32_t version = 0;         // Grows with every PUBLISH of that chain that has a body.
};

// stamp:PUBLICATION/VERSION/CHECK; with the right check sum: a corrupted one is no stamp. `read_stamp` finds the first
// one in a text; false when there is none.
std::string write_stamp(const Stamp& stamp);
bool read_stamp(std::string_view text, Stamp& out);

struct TupleView {
  parsers::BasicStatus basic = parsers::BasicStatus::kNone;
  uint64_t content = 0;         // Hash of the fragment without its id.
  std::string id;
  bool stamped = false;
  Stamp stamp;
};

struct DeviceView {
  uint64_t content = 0;
  std::string id;               // Its deviceID: two with the same one are the same.
  auto operator<=>(const DeviceView&) const = default;
};

struct DocumentView {
  std::string entity;
  std::vector<TupleView> tuples;
  std::vector<uint64_t> persons;
  std::vector<DeviceView> devices;
  std::vector<uint64_t> notes;  // Of the document itself.
  bool is_hidden = false;       // A person in it is not willing to be seen at all.
  size_t bytes = 0;
};

// What a tuple with this text would be recognised by. `text`: without the value of its id.
uint64_t content_of_tuple(std::string_view before_id, std::string_view after_id);

// False when the body is no PIDF document.
bool read_document(std::string_view body, DocumentView& out);

// What a PUBLISH of an agent carries, and what an operator sets.
struct DocumentPlan {
  std::string aor;
  std::string tuple_id;
  Stamp stamp;
  bool open = true;
  bool with_tuple = true;
  bool with_closed_tuple = false;   // Besides.
  size_t padding = 0;           // Bytes of additional note text.
  bool with_person = false;
  bool hides = false;           // The person appears offline.
  // What rules decide on, where these are not empty: a class, of every component; the sphere and the mood of the
  // person; when the user was last there; a device of that deviceID.
  std::string_view class_name = {};
  std::string_view sphere = {};
  std::string_view mood = {};
  std::string_view last_input = {};
  std::string device_id = {};
  bool with_extension = false;
};
std::string write_document(const DocumentPlan& plan);

// The tuples as one line, for reports.
std::string to_text(const std::vector<TupleView>& tuples);

}  // namespace vedette::sim
