#include "dataplane/quiesce.h"

#include <rte_malloc.h>
#include <rte_rcu_qsbr.h>

#include <utility>

#include "dataplane/setup_error.h"

namespace vedette::dataplane {

void Quiesce::FreeQsbr::operator()(rte_rcu_qsbr* qsbr) const { rte_free(qsbr); }

Quiesce::Quiesce(unsigned workers)
    : qsbr_(static_cast<rte_rcu_qsbr*>(
          rte_zmalloc("vd_quiesce", rte_rcu_qsbr_get_memsize(workers), RTE_CACHE_LINE_SIZE))),
      current_(std::make_unique<const ForwardingTable>()) {
  if (qsbr_ == nullptr || rte_rcu_qsbr_init(qsbr_.get(), workers) != 0) {
    throw SetupError("no memory for the workers' quiescent states; raise dataplane memory_mb");
  }
  published_.store(current_.get(), std::memory_order_release);
}

Quiesce::~Quiesce() = default;

void Quiesce::publish(std::unique_ptr<const ForwardingTable> table) {
  published_.store(table.get(), std::memory_order_release);
  Retired retired;
  retired.table = std::exchange(current_, std::move(table));
  retired.token = rte_rcu_qsbr_start(qsbr_.get());
  retired_.push_back(std::move(retired));
}

void Quiesce::reclaim() {
  std::erase_if(retired_,
                [&](const Retired& old) { return rte_rcu_qsbr_check(qsbr_.get(), old.token, false) == 1; });
}

void Quiesce::enter(unsigned worker) {
  rte_rcu_qsbr_thread_register(qsbr_.get(), worker);
  rte_rcu_qsbr_thread_online(qsbr_.get(), worker);
}

void Quiesce::leave(unsigned worker) {
  rte_rcu_qsbr_thread_offline(qsbr_.get(), worker);
  rte_rcu_qsbr_thread_unregister(qsbr_.get(), worker);
}

const ForwardingTable* Quiesce::renew(unsigned worker) {
  rte_rcu_qsbr_quiescent(qsbr_.get(), worker);
  return published_.load(std::memory_order_acquire);
}

}  // namespace vedette::dataplane
