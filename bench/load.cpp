#include <huiyin/async/task.hpp>

#include <CLI/CLI.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <vector>

/// Keeps a number of connections busy for some seconds, each with one request at a time, and prints one JSON line. wrk
/// does the same but cannot give each request a body and a key of its own. No more HTTP than the daemon speaks: an
/// answer has a Content-Length. One thread, since the daemon and PostgreSQL need the others.
namespace {

using namespace huiyin;
using clock_type = std::chrono::steady_clock;

struct options
{
    std::string address = "127.0.0.1";
    unsigned short port = 0;
    std::size_t connections = 64;
    double seconds = 4;
    double pause = 0; ///< Seconds from an answer to the connection's next request.
    std::vector<std::string> headers;
    std::vector<std::string> paths; ///< To GET in turn; empty: complaints are posted.
    std::string run = "load";
};

struct totals
{
    std::map<int, std::size_t> by_status;
    std::vector<std::uint32_t> microseconds;
    std::size_t broken = 0;
};

/// Status and whole length of the answer at the front of `text`, once it is all there.
struct framed
{
    int status = 0;
    std::size_t length = 0;
};
std::optional<framed> frame(std::string_view text)
{
    const auto end = text.find("\r\n\r\n");
    if (end == std::string_view::npos || text.size() < 12) return std::nullopt;
    framed found;
    std::from_chars(text.data() + 9, text.data() + 12, found.status);
    constexpr std::string_view name = "\r\ncontent-length:";
    const auto head = text.substr(0, end);
    const auto at = std::search(head.begin(), head.end(), name.begin(), name.end(),
                                [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
    std::size_t body = 0;
    if (at != head.end()) {
        auto value = head.substr(static_cast<std::size_t>(at - head.begin()) + name.size());
        value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
        std::from_chars(value.data(), value.data() + value.size(), body);
    }
    found.length = end + 4 + body;
    if (text.size() < found.length) return std::nullopt;
    return found;
}

class generator
{
public:
    explicit generator(const options& with) : with_(with)
    {
        for (const auto& each : with.headers)
            head_ += each + "\r\n";
    }

    void next_request(std::string& into)
    {
        const auto n = ++made_;
        into.clear();
        if (!with_.paths.empty()) {
            fmt::format_to(std::back_inserter(into), "GET {} HTTP/1.1\r\nHost: {}:{}\r\n{}\r\n",
                           with_.paths[n % with_.paths.size()], with_.address, with_.port, head_);
            return;
        }
        // About 500 bytes, every sender another person.
        body_.clear();
        fmt::format_to(
            std::back_inserter(body_),
            R"({{"contact":{{"name":"Reader {0}","phone":"13{1:09}"}},"category":"{2}","problem":"{3} [{4}-{0}]",)"
            R"("object":"Round {5}","desired_solution":"请補送一份 / please deliver a copy today","fields":{{"district":"east"}}}})",
            n, (n * 7919 + salt_) % 1'000'000'000, n % 2 ? "missed_copy" : "late_or_damaged",
            "今天早上沒有收到報紙，這已經是本週第二次了。 The paper was missing again this morning, for the second "
            "time this week; "
            "the carrier said it would be brought by nine and it was not.",
            with_.run, n % 40);
        fmt::format_to(std::back_inserter(into),
                       "POST /public/v1/complaints HTTP/1.1\r\nHost: {}:{}\r\nContent-Type: "
                       "application/json\r\n{}Idempotency-Key: "
                       "{}-{}\r\nContent-Length: {}\r\n\r\n{}",
                       with_.address, with_.port, head_, with_.run, n, body_.size(), body_);
    }

    task<> keep_busy(clock_type::time_point end, totals& sum)
    {
        constexpr auto quiet = asio::as_tuple(use_task);
        const auto here = co_await asio::this_coro::executor;
        asio::basic_stream_socket<asio::ip::tcp, executor> socket(here);
        const asio::ip::tcp::endpoint there(asio::ip::make_address(with_.address), with_.port);
        if (const auto [failed] = co_await socket.async_connect(there, quiet); failed) {
            ++sum.broken;
            co_return;
        }
        socket.set_option(asio::ip::tcp::no_delay(true));
        std::string request, answer(64 * 1024, '\0');
        while (clock_type::now() < end) {
            next_request(request);
            const auto begin = clock_type::now();
            const auto [not_sent, sent] = co_await asio::async_write(socket, asio::buffer(request), quiet);
            std::size_t got = 0;
            std::optional<framed> whole;
            while (!not_sent && !whole) {
                if (got == answer.size()) answer.resize(answer.size() * 2);
                const auto [not_read, more] =
                    co_await socket.async_read_some(asio::buffer(answer.data() + got, answer.size() - got), quiet);
                if (not_read) break;
                got += more;
                whole = frame(std::string_view(answer).substr(0, got));
            }
            if (!whole || whole->length != got) {
                ++sum.broken;
                co_return;
            }
            ++sum.by_status[whole->status];
            const auto took = std::chrono::duration_cast<std::chrono::microseconds>(clock_type::now() - begin).count();
            sum.microseconds.push_back(static_cast<std::uint32_t>(took));
            if (with_.pause > 0)
                co_await pause_for(
                    std::chrono::duration_cast<clock_type::duration>(std::chrono::duration<double>(with_.pause)));
        }
    }

private:
    const options& with_;
    std::string head_;
    std::string body_;
    std::size_t made_ = 0;
    std::size_t salt_ =
        static_cast<std::size_t>(std::chrono::system_clock::now().time_since_epoch().count()) % 1'000'000'000;
};

int run(const options& with)
{
    asio::io_context context(1);
    generator requests(with);
    totals sum;
    sum.microseconds.reserve(1 << 20);
    const auto begin = clock_type::now();
    const auto end =
        begin + std::chrono::duration_cast<clock_type::duration>(std::chrono::duration<double>(with.seconds));
    for (std::size_t i = 0; i < with.connections; ++i)
        asio::co_spawn(context.get_executor(), requests.keep_busy(end, sum), [](std::exception_ptr thrown) {
            if (thrown) std::rethrow_exception(thrown);
        });
    // What has not answered half a minute after the end never will.
    context.run_until(end + std::chrono::seconds(30));
    const auto took =
        std::chrono::duration<double>(std::min(clock_type::now(), end + std::chrono::seconds(30)) - begin).count();

    std::size_t good = 0;
    std::string others;
    for (const auto& [status, count] : sum.by_status) {
        if (status == 200 || status == 201)
            good += count;
        else
            others += fmt::format("{}\"{}\":{}", others.empty() ? "" : ",", status, count);
    }
    std::ranges::sort(sum.microseconds);
    const auto percentile = [&](double p) {
        if (sum.microseconds.empty()) return 0u;
        return sum.microseconds[static_cast<std::size_t>(p * static_cast<double>(sum.microseconds.size() - 1))];
    };
    fmt::print(R"({{"rate":{:.1f},"good":{},"others":{{{}}},"broken":{},"p50_us":{},"p95_us":{},"p99_us":{}}})"
               "\n",
               static_cast<double>(good) / took, good, others, sum.broken, percentile(0.5), percentile(0.95),
               percentile(0.99));
    return others.empty() && sum.broken == 0 && good > 0 ? 0 : 1;
}

} // namespace

int main(int argc, char** argv)
{
    CLI::App app("Keeps the daemon busy with complaints, or with GET of some paths, and prints the rate as JSON",
                 "load");
    options with;
    std::string paths_file;
    app.add_option("--address", with.address, "The daemon's address")->capture_default_str();
    app.add_option("--port", with.port, "The daemon's port")->required();
    app.add_option("--connections", with.connections, "Each with one request at a time")->capture_default_str();
    app.add_option("--seconds", with.seconds, "How long")->capture_default_str();
    app.add_option("--pause", with.pause, "Seconds from an answer to the connection's next request")
        ->capture_default_str();
    app.add_option("--header", with.headers, "\"Name: value\", with each request");
    app.add_option("--path", with.paths, "To GET, in turn with the others; without one, complaints are posted");
    app.add_option("--paths-file", paths_file, "More of them, one a line");
    app.add_option("--run", with.run, "Begins the keys of complaints; another for each run")->capture_default_str();
    CLI11_PARSE(app, argc, argv);
    std::ifstream more(paths_file);
    for (std::string path; !paths_file.empty() && std::getline(more, path);)
        with.paths.push_back(path);
    return run(with);
}
