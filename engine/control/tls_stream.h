// TLS as a byte stream (byte_stream.h), and why a handshake failed. Control thread only.
#pragma once

#include <boost/system/error_code.hpp>
#include <memory>

#include "engine/control/byte_stream.h"
#include "engine/control/stream_counters.h"
#include "engine/control/tls_certificates.h"

namespace vedette::control {

// For a peer who called: async_accept() shakes hands with it.
std::unique_ptr<ByteStream> make_tls_stream(ByteStream::Socket socket, std::shared_ptr<const TlsContexts> contexts);

// What async_accept() said, as a counter; kOpenFailed for errors of the network.
StreamCounter failed_handshake(const boost::system::error_code& error);

}  // namespace vedette::control
