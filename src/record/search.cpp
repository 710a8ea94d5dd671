#include "search_store.hpp"

#include <huiyin/domain/permission.hpp>

#include <algorithm>
#include <array>

namespace huiyin::record {

namespace {

using domain::permission;

/// Weeks looked at together, counted back from the newest.
struct stretch
{
    std::int64_t from;
    std::int64_t to;
};
// A word that many use fills its page from the last week; one that nobody used lately is rare. What comes after these
// is looked at as a whole, and each holds about as much again as all before.
constexpr std::array<stretch, 3> by_whole_words{{{0, 0}, {1, 4}, {5, 20}}};
// All words with a beginning are collected each time anew.
constexpr std::array<stretch, 1> by_beginnings{{{0, 7}}};

std::string both(const std::string& a, const std::string& b)
{
    return a.empty() ? b : a + " & " + b;
}

/// Whoever may do this everywhere is asked about an object in which nobody has a part.
result<search_reader> reader_for(const domain::actor& who, permission what)
{
    if (!domain::may(who, what)) return fail(errc::not_found, "the actor may not");
    search_reader reader;
    if (!domain::may(who, what, domain::object_scope{})) reader.departments = who.departments;
    reader.self = user_id(who.id);
    reader.knows_reporters = domain::may(who, permission::customer_identity_of_report);
    return reader;
}

template <class T>
using finder = task<result<search_hits<T>>> (*)(pg::database&, const search_stretch&, const search_reader&);

/// From the newest back, until the page is full.
template <class T>
task<result<search_page<T>>> look_back(pg::database& from, std::string_view kind, finder<T> find, search_query query,
                                       std::optional<search_place> after, std::size_t limit, search_reader reader)
{
    search_page<T> page;
    if (query.words.empty()) co_return page;
    auto newest = after ? result<std::optional<instant>>(after->first) : co_await newest_document(from, kind);
    if (!newest) co_return fail(newest.error());
    if (!*newest) co_return page;

    const auto last = search_week(**newest);
    const char letter = kind == "ticket" ? 't' : 'c';
    const auto scope = reader.departments ? search_scope(*reader.departments, reader.self) : std::string();
    const auto words = both(scope, query.words);
    const std::span<const stretch> stretches =
        query.has_beginnings ? std::span<const stretch>(by_beginnings) : std::span<const stretch>(by_whole_words);
    limit = std::clamp<std::size_t>(limit, 1, search_limit);

    search_hits<T> hits;
    for (std::size_t i = 0; i <= stretches.size() && hits.size() < limit; ++i) {
        search_stretch where{.tokens = words, .before = {}, .after = after, .limit = limit - hits.size()};
        if (i < stretches.size())
            where.tokens = both(search_weeks(letter, last, stretches[i].from, stretches[i].to), words);
        else
            where.before = instant(std::chrono::weeks(last - stretches.back().to));
        auto more = co_await find(from, where, reader);
        if (!more) co_return fail(more.error());
        std::ranges::move(*more, std::back_inserter(hits));
    }
    if (hits.size() == limit) page.next = hits.back().first;
    for (auto& each : hits)
        page.items.push_back(std::move(each.second));
    co_return page;
}

} // namespace

task<result<search_page<found_ticket>>> search_tickets(pg::database& from, std::string query,
                                                       std::optional<search_place> after, std::size_t limit,
                                                       domain::actor who)
{
    auto reader = reader_for(who, permission::ticket_read);
    if (!reader) co_return fail(reader.error());
    const auto in = reader->knows_reporters ? looks_at::and_reporters : looks_at::everything;
    co_return co_await look_back<found_ticket>(from, "ticket", find_tickets, read_query(query, in), after, limit,
                                               std::move(*reader));
}

task<result<search_page<found_customer>>> search_customers(pg::database& from, std::string query,
                                                           std::optional<search_place> after, std::size_t limit,
                                                           domain::actor who)
{
    auto reader = reader_for(who, permission::customer_read);
    if (!reader) co_return fail(reader.error());
    if (!reader->departments)
        co_return co_await look_back<found_customer>(
            from, "customer", find_customers, read_query(query, looks_at::own_words), after, limit, std::move(*reader));
    const auto in = reader->knows_reporters ? looks_at::also_reporters : looks_at::customers;
    co_return co_await look_back<found_customer>(from, "ticket", find_customers_of_tickets, read_query(query, in),
                                                 after, limit, std::move(*reader));
}

} // namespace huiyin::record
