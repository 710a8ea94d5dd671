#include "search_store.hpp"

#include <huiyin/base/log.hpp>

#include <algorithm>

namespace huiyin::record {

namespace {

using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

constexpr auto turn_every = 500ms;
constexpr auto measure_every = 2s;

struct index_numbers
{
    explicit index_numbers(metrics::registry& metrics)
        : held(metrics.gauge("huiyin_duty_held", "Duties this process holds.", {{"duty", std::string(search_duty)}})),
          documents(metrics.gauge("huiyin_search_waiting_documents",
                                  "Tickets and customers whose words wait to be cut, counted up to 10000")),
          events(metrics.gauge("huiyin_search_unread_events", "Positions of the feed that the search has not read")),
          cut(metrics.counter("huiyin_search_documents_total", "Tickets and customers whose words this node has cut"))
    {}

    metrics::gauge held;
    metrics::gauge documents;
    metrics::gauge events;
    metrics::counter cut;
};

task<result<void>> keep_up(const index_numbers& numbers, pg::duty& duty)
{
    auto measure_at = steady::now();
    for (;;) {
        const auto began = steady::now();
        auto noted = co_await note_changes(duty);
        if (!noted) co_return fail(noted.error());
        auto cut = co_await cut_next(duty);
        if (!cut) co_return fail(cut.error());
        numbers.cut.add(static_cast<double>(*cut));
        if (steady::now() >= measure_at) {
            const auto lag = co_await read_search_lag(duty);
            if (!lag) co_return fail(lag.error());
            numbers.documents.set(static_cast<double>(lag->documents));
            numbers.events.set(static_cast<double>(lag->events));
            measure_at = steady::now() + measure_every;
        }
        // Whoever is being served comes first: half of the time is theirs, however much is waiting here.
        const bool more = *cut == documents_at_once || *noted == events_at_once;
        co_await pause_for(more ? std::min<duration>(steady::now() - began, 1s) : turn_every);
        if ((co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none)
            co_return result<void>{};
    }
}

task<> body(std::shared_ptr<index_numbers> numbers, pg::duty& duty)
{
    const auto ended = co_await keep_up(*numbers, duty);
    if (!ended) log::warning("search.stopped", {{"code", slug(ended.error().code)}, {"reason", ended.error().detail}});
}

} // namespace

void start_search_index(task_group& in, const pg::database_settings& settings, metrics::registry& metrics)
{
    auto numbers = std::make_shared<index_numbers>(metrics);
    in.spawn("record.search",
             pg::hold_duty(
                 settings, std::string(search_duty), [numbers](pg::duty& duty) { return body(numbers, duty); },
                 [numbers](bool held) {
                     numbers->held.set(held);
                     if (!held) numbers->documents.set(0), numbers->events.set(0);
                 }));
}

} // namespace huiyin::record
