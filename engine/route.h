// Which partition a message belongs to: the first thing a worker asks of it. Out-of-dialog requests go by the
// address of record that they are about; what carries a tag or a branch of ours goes by that.
#pragma once

#include "engine/partition.h"
#include "engine/transaction/request.h"
#include "parsers/via.h"

namespace vedette::engine {

struct Route {
  bool has_owner = false;          // False: any shard may answer; nothing about an AOR is touched.
  Partition partition;
};

Route route_of_request(const Request& request);
// By the branch of the topmost Via, empty when that could not be read; no owner when it is none of ours: a
// stray response.
Route route_of_response(const parsers::Via& topmost);

}  // namespace vedette::engine
