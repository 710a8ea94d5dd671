// The request parser, fed as a session feeds it: what it makes of the bytes must not depend on how they were cut into
// packets, for the next request begins where it stopped.
#include "request_parser.hpp"

#include <boost/asio/buffer.hpp>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <tuple>

namespace {

using namespace huiyin::net;

constexpr std::size_t head_limit = 16 * 1024;
constexpr std::size_t body_limit = 64 * 1024;

struct outcome
{
    bool refused = false;
    bool done = false;
    std::string method, target, body;
    int version = 0;
    std::vector<std::pair<std::string, std::string>> headers;
    std::size_t used = 0;

    bool operator==(const outcome&) const = default;
};

/// Pieces of the size `step`.
outcome parse(std::string_view bytes, std::size_t step)
{
    request into;
    request_parser parser(into, head_limit);
    outcome seen;
    std::size_t scanned = 0, begin = 0, end = 0;
    auto state = head_state::incomplete;
    while (state == head_state::incomplete && end < bytes.size()) {
        end = std::min(end + step, bytes.size());
        state = scan_head(bytes.substr(0, std::min(end, head_limit)), scanned);
        if (state == head_state::incomplete && end >= head_limit) state = head_state::malformed;
    }
    if (state != head_state::complete) {
        seen.refused = state == head_state::malformed;
        return seen;
    }
    boost::system::error_code ec;
    parser.eager(false);
    begin = parser.put(boost::asio::buffer(bytes.data(), scanned), ec);
    if (ec || !parser.is_header_done()) {
        seen.refused = true;
        return seen;
    }
    parser.body_limit(body_limit);
    parser.eager(true);
    for (;;) {
        while (!parser.is_done() && begin < end) {
            const auto taken = parser.put(boost::asio::buffer(bytes.data() + begin, end - begin), ec);
            begin += taken;
            if (ec == boost::beast::http::error::need_more || (!ec && taken == 0)) break;
            if (ec) {
                seen.refused = true;
                return seen;
            }
        }
        if (parser.is_done() || end == bytes.size()) break;
        end = std::min(end + step, bytes.size());
    }
    seen.done = parser.is_done();
    if (!seen.done) return seen; // More would have to come: how much of it was looked at is nobody's business.
    seen.method = parser.method_token;
    seen.target = parser.target;
    seen.version = parser.version;
    seen.headers = into.headers;
    seen.body = into.body;
    seen.used = begin;
    if (into.body.size() > body_limit || seen.used > bytes.size()) std::abort();
    const auto length = into.header("content-length");
    if (length && std::to_string(into.body.size()) !=
                      length->substr(std::min(length->find_first_not_of('0'), length->size() - 1)))
        std::abort();
    return seen;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size < 2) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto whole = parse(bytes, bytes.size());
    if (parse(bytes, 1) != whole || parse(bytes, 1 + data[0]) != whole) std::abort();
    if (whole.done) {
        // What stands behind a request changes nothing of it.
        const std::string followed = std::string(bytes.substr(0, whole.used)) + "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
        if (parse(followed, followed.size()) != whole) std::abort();
    }
    return 0;
}
