// TLS as a byte stream (byte_stream.h). Control thread only.
#pragma once

#include <memory>

#include "engine/control/byte_stream.h"
#include "engine/control/tls_certificates.h"

namespace vedette::control {

// For a peer who called: async_accept() shakes hands with it.
std::unique_ptr<ByteStream> make_tls_stream(ByteStream::Socket socket, std::shared_ptr<const TlsContexts> contexts);

}  // namespace vedette::control
