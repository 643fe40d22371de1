// Stands for a DPDK port driver in the guard's own test: its library is called librte_net_probe.
#include <unistd.h>

extern "C" long probe_driver_call() { return getppid(); }
