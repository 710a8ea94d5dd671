#pragma once

#include <huiyin/net/server.hpp>

#include <boost/asio/ssl/context.hpp>

namespace huiyin::net {

struct tls_identity
{
    asio::ssl::context context{asio::ssl::context::tls_server};
};

} // namespace huiyin::net
