#include "tls.hpp"

#include <boost/asio/buffer.hpp>
#include <openssl/err.h>
#include <openssl/ssl.h>

namespace huiyin::net {

result<std::shared_ptr<tls_identity>> make_tls_identity(const std::string& certificate, const std::string& key,
                                                        tls_version least)
{
    auto made = std::make_shared<tls_identity>();
    auto& context = made->context;
    boost::system::error_code ec;
    const auto refuse = [&](const char* what) {
        ERR_clear_error();
        return fail(errc::not_configured, std::string(what) + ": " + ec.message());
    };
    context.set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_compression, ec);
    if (SSL_CTX_set_min_proto_version(context.native_handle(),
                                      least == tls_version::v1_3 ? TLS1_3_VERSION : TLS1_2_VERSION) != 1)
        return fail(errc::not_configured, "this OpenSSL does not speak that version of TLS");
    // A key behind a passphrase is refused: OpenSSL would ask the terminal for it.
    context.set_password_callback([](std::size_t, asio::ssl::context::password_purpose) { return std::string(); }, ec);
    context.use_certificate_chain(asio::buffer(certificate), ec);
    if (ec) return refuse("the certificate is not PEM");
    context.use_private_key(asio::buffer(key), asio::ssl::context::pem, ec);
    if (ec) return refuse("the key is not that of the certificate, or not PEM without a passphrase");
    return made;
}

} // namespace huiyin::net
