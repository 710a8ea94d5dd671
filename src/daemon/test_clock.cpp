#include "test_clock.hpp"

#include <huiyin/async/task_group.hpp>
#include <huiyin/base/log.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include <charconv>
#include <sys/stat.h>
#include <unistd.h>

namespace huiyin::daemon {

namespace {

using local = asio::local::stream_protocol;
using local_socket = asio::basic_stream_socket<local, executor>;

std::string obey(manual_clock& clock, std::string_view line)
{
    const auto space = line.find(' ');
    const auto word = line.substr(0, space);
    const auto argument = space == std::string_view::npos ? std::string_view() : line.substr(space + 1);
    if (word == "set") {
        const auto at = parse_rfc3339(argument);
        if (!at) return "error: not a time\n";
        clock.set(*at);
    } else if (word == "advance") {
        std::int64_t seconds = 0;
        if (std::from_chars(argument.data(), argument.data() + argument.size(), seconds).ec != std::errc())
            return "error: not a number of seconds\n";
        clock.advance(std::chrono::seconds(seconds));
    } else if (word != "now") {
        return "error: now, set TIME or advance SECONDS\n";
    }
    return to_rfc3339(clock.now()) + "\n";
}

task<> talk(local_socket peer, manual_clock& clock)
{
    std::string buffer;
    for (;;) {
        const auto [failed, size] =
            co_await asio::async_read_until(peer, asio::dynamic_buffer(buffer, 1024), '\n', asio::as_tuple(use_task));
        if (failed) co_return;
        const std::string answer = obey(clock, std::string_view(buffer).substr(0, size - 1));
        buffer.erase(0, size);
        const auto [broken, sent] = co_await asio::async_write(peer, asio::buffer(answer), asio::as_tuple(use_task));
        if (broken) co_return;
    }
}

} // namespace

task<> serve_test_clock(std::string path, manual_clock& clock)
{
    const auto here = co_await asio::this_coro::executor;
    unlink(path.c_str());
    asio::basic_socket_acceptor<local, executor> acceptor(here, local::endpoint(path));
    chmod(path.c_str(), 0600);
    log::warning("test_clock.ready", {{"time", clock.now()}});
    task_group talks(here);
    for (;;) {
        auto [failed, peer] = co_await acceptor.async_accept(asio::as_tuple(use_task));
        if (failed) break;
        talks.spawn("test clock", talk(local_socket(std::move(peer)), clock));
    }
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    co_await talks.stop();
}

} // namespace huiyin::daemon
