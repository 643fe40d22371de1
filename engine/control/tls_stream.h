// TLS as a byte stream (byte_stream.h). On its thread only.
#pragma once

#include <memory>
#include <string>

#include "engine/control/byte_stream.h"
#include "engine/control/tls_caller.h"
#include "engine/control/tls_certificates.h"

namespace vedette::control {

// For a peer who called.
std::unique_ptr<ByteStream> make_tls_stream(ByteStream::Socket socket, std::shared_ptr<const TlsContexts> contexts);
// For one that we call, as `domain`.
std::unique_ptr<ByteStream> make_tls_call(ByteStream::Socket socket, std::shared_ptr<const TlsCaller> caller,
                                          const std::string& domain);

}  // namespace vedette::control
