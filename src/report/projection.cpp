#include "projection_store.hpp"

#include <huiyin/base/crypto.hpp>
#include <huiyin/base/log.hpp>
#include <huiyin/base/text.hpp>
#include <huiyin/domain/kpi.hpp>
#include <huiyin/journal/sequencer.hpp>
#include <huiyin/pg/duty.hpp>
#include <huiyin/pg/listener.hpp>
#include <huiyin/report/projection.hpp>
#include <huiyin/ticket/replay.hpp>

#include <boost/asio/as_tuple.hpp>
#include <nlohmann/json.hpp>

#include <memory>
#include <optional>

namespace huiyin::report {

using nlohmann::json;

namespace {

using namespace std::chrono_literals;

constexpr std::size_t page_size = 500;
/// Tickets whose events are in memory at a time.
constexpr std::size_t tickets_at_once = 50;
constexpr auto poll = 500ms;

/// One ticket while its events are read.
struct story
{
    ticket::replay told;
    std::int64_t pos = 0;
    std::vector<domain::contribution> ratings;
    std::optional<error> wrong;
};

template <class Id>
json id_or_null(const std::optional<Id>& id)
{
    return id ? json(id->to_string()) : json();
}
json time_or_null(const std::optional<instant>& at)
{
    return at ? json(to_rfc3339(*at)) : json();
}

void take_rating(story& into, const ticket_event& what)
{
    const auto data = json::parse(what.data);
    domain::contribution rated;
    rated.what = domain::metric::internal_csat;
    rated.at = what.at;
    rated.part = data.at("score").get<int>();
    rated.whole = 1;
    rated.department = department_id::parse(data.at("department").get_ref<const std::string&>());
    into.ratings.push_back(rated);
}

void take_event(story& into, const ticket_event& what)
{
    into.pos = std::max(into.pos, what.pos);
    if (into.wrong) return;
    try {
        if (what.kind == "ticket.internally_rated") return take_rating(into, what);
    } catch (const std::exception& e) {
        into.wrong = error{errc::corrupt, e.what(), {}};
        return;
    }
    if (auto applied = into.told.apply(what.data); !applied) into.wrong = applied.error();
}

json rows_of(const domain::ticket& t, const std::vector<domain::contribution>& counted)
{
    json rows = json::array();
    for (const auto& each : counted)
        rows.push_back({{"subject", t.id.to_string()},
                        {"n", rows.size()},
                        {"ticket_id", t.id.to_string()},
                        {"metric", domain::to_string(each.what)},
                        {"at", to_rfc3339(each.at)},
                        {"part", each.part},
                        {"whole", each.whole},
                        {"department", id_or_null(each.department)},
                        {"person", id_or_null(each.person)},
                        {"category", t.category},
                        {"channel", t.channel},
                        {"priority", domain::to_string(t.priority)}});
    return rows;
}

json row_of(const domain::ticket& t, std::int64_t pos, const sha256_digest& digest, const std::optional<instant>& due)
{
    const auto contact = domain::contact_of(t);
    return {{"ticket_id", t.id.to_string()},
            {"pos", pos},
            {"digest", "\\x" + to_hex(digest)},
            {"number", t.number},
            {"customer", t.customer.is_nil() ? json() : json(t.customer.to_string())},
            {"status", domain::to_string(t.status)},
            {"category", t.category},
            {"channel", t.channel},
            {"priority", domain::to_string(t.priority)},
            {"department", id_or_null(t.lead_department)},
            {"handler", id_or_null(t.handler)},
            {"due_at", time_or_null(due)},
            {"reported_at", to_rfc3339(t.reported_at)},
            {"resolved_at", time_or_null(contact ? contact->resolved_at : std::nullopt)},
            {"reopened_at", time_or_null(contact ? contact->reopened_at : std::nullopt)},
            {"is_open", domain::is_open(t.status)},
            {"complaint", contact && contact->complaint},
            {"merged", t.status == domain::ticket_status::merged},
            {"imported", t.imported}};
}

/// As the tables have it: the column says which clock a list shows.
std::optional<instant> shown_due(const ticket::replay& told)
{
    const auto rows = told.rows();
    const auto& due = rows.at("ticket").at(0).at("nearest_due_at");
    return due.is_string() ? parse_rfc3339(due.get_ref<const std::string&>()) : std::nullopt;
}

domain::business_clock clock_of(const std::shared_ptr<const ticket::configuration>& rules)
{
    return [rules](std::string_view name, instant from, instant to) -> std::optional<std::chrono::microseconds> {
        if (!rules) return std::nullopt;
        const auto& calendar = name.empty() ? rules->rules().default_calendar : std::string(name);
        const auto* const found = rules->find_calendar(calendar);
        return found ? std::optional(found->business_time(from, to)) : std::nullopt;
    };
}

/// A contact that came in, as the journal keeps it.
json contact_row(const feed_item& of)
{
    const auto data = json::parse(of.data);
    const auto ticket = data.find("ticket");
    const bool has_ticket = ticket != data.end() && ticket->is_object();
    return {{"subject", of.subject.to_string()},
            {"n", 0},
            {"ticket_id", has_ticket ? ticket->at("id") : json()},
            {"metric", domain::to_string(domain::metric::e_ticket_share)},
            {"at", to_rfc3339(of.at)},
            {"part", has_ticket ? 1 : 0},
            {"whole", 1},
            {"department", nullptr},
            {"person", nullptr},
            {"category", ""},
            {"channel", data.at("interaction").at("channel")},
            {"priority", ""}};
}

struct page_rows
{
    json tickets = json::array();
    json counts = json::array();
    std::vector<uuid> recounted;
};

task<result<void>> tell_stories(pg::database& db, std::vector<ticket_id> some, std::map<ticket_id, known_ticket> known,
                                domain::business_clock open_time, page_rows& into)
{
    std::map<ticket_id, story> stories;
    const auto read =
        co_await read_ticket_events(db, some, [&](const ticket_event& e) { take_event(stories[e.ticket], e); });
    if (!read) co_return fail(read.error());
    for (auto& [id, told] : stories) {
        if (!told.wrong && told.told.empty()) continue;
        const auto t = told.wrong ? fail(*told.wrong) : told.told.ticket();
        if (!t) {
            log::error("report.ticket_left_out", {{"ticket", id}, {"reason", t.error().detail}});
            continue;
        }
        auto counted = domain::contributions(*t, open_time);
        if (!t->imported) counted.insert(counted.end(), told.ratings.begin(), told.ratings.end());
        auto rows = rows_of(*t, counted);
        const auto digest = sha256({rows.dump()});
        into.tickets.push_back(row_of(*t, told.pos, digest, shown_due(told.told)));
        const auto before = known.find(id);
        if (before != known.end() && std::ranges::equal(before->second.digest, digest)) continue;
        into.recounted.push_back(id.value());
        for (auto& row : rows)
            into.counts.push_back(std::move(row));
    }
    co_return result<void>();
}

struct follower
{
    follower(executor on, pg::database& where, ticket::configurations& by, metrics::registry& metrics)
        : db(where), rules(by), bell(on),
          held(metrics.gauge("huiyin_duty_held", "Duties this process holds.", {{"duty", "report"}})),
          taken(metrics.counter("huiyin_report_positions_total", "Positions of the journal taken into the reports"))
    {}

    void ring()
    {
        rung = true;
        bell.cancel();
    }
    task<> wait()
    {
        if (!rung) {
            bell.expires_after(poll);
            co_await bell.async_wait(asio::as_tuple(use_task));
        }
        rung = false;
    }

    pg::database& db;
    ticket::configurations& rules;
    steady_timer bell;
    bool rung = false;
    metrics::gauge held;
    metrics::counter taken;
};

task<> follow(std::shared_ptr<follower> self, pg::duty& held)
{
    for (;;) {
        const auto mine = co_await held.run(still_held());
        if (!mine) co_return;
        const auto taken = co_await take_page(self->db, self->rules);
        if ((co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none) co_return;
        if (!taken) {
            log::warning("report.page_not_taken",
                         {{"code", slug(taken.error().code)}, {"reason", taken.error().detail}});
            co_await pause_for(poll);
            continue;
        }
        self->taken.add(static_cast<double>(*taken));
        if (*taken == 0) co_await self->wait();
    }
}

} // namespace

task<result<std::size_t>> take_page(pg::database& db, ticket::configurations& rules)
{
    const auto from = co_await read_cursor(db);
    if (!from) co_return fail(from.error());
    const auto page = co_await read_feed(db, *from, page_size);
    if (!page) co_return fail(page.error());
    if (page->empty()) co_return std::size_t{0};

    page_rows rows;
    std::map<ticket_id, std::int64_t> touched;
    for (const auto& each : *page) {
        if (each.kind.starts_with("ticket.")) {
            touched[ticket_id(each.subject)] = each.pos;
        } else if (each.kind == "contact.accepted") {
            rows.recounted.push_back(each.subject);
            rows.counts.push_back(contact_row(each));
        }
    }
    std::vector<ticket_id> ids;
    for (const auto& [id, pos] : touched)
        ids.push_back(id);
    std::map<ticket_id, known_ticket> known;
    if (!ids.empty()) {
        auto found = co_await read_known(db, ids);
        if (!found) co_return fail(found.error());
        known = std::move(*found);
        // A story that was read to its end before this page knows what the page says.
        std::erase_if(ids, [&](ticket_id id) {
            const auto it = known.find(id);
            return it != known.end() && it->second.pos >= touched.at(id);
        });
    }
    if (!ids.empty()) {
        const auto current = co_await rules.current();
        if (!current && current.error().code != errc::not_configured) co_return fail(current.error());
        const auto open_time = clock_of(current ? *current : nullptr);
        for (std::size_t i = 0; i < ids.size(); i += tickets_at_once) {
            const auto end = std::min(ids.size(), i + tickets_at_once);
            const auto at = [&](std::size_t n) { return ids.begin() + static_cast<std::ptrdiff_t>(n); };
            std::vector<ticket_id> some(at(i), at(end));
            const auto told = co_await tell_stories(db, std::move(some), known, open_time, rows);
            if (!told) co_return fail(told.error());
        }
    }
    taken_page save{*from, page->back().pos, &rows.tickets, &rows.counts, std::move(rows.recounted)};
    const auto saved = co_await save_page(db, std::move(save));
    if (!saved) co_return fail(saved.error());
    co_return *saved ? page->size() : std::size_t{0};
}

task<result<void>> empty_projection(pg::database& as_owner)
{
    co_return co_await empty_tables(as_owner);
}

void start_projection(task_group& in, executor on, const pg::database_settings& settings, pg::database& db,
                      ticket::configurations& rules, metrics::registry& metrics)
{
    auto self = std::make_shared<follower>(on, db, rules, metrics);
    in.spawn("report hints",
             pg::listen(settings, std::string(journal::positioned_channel), [self]() { self->ring(); }));
    in.spawn("report", pg::hold_duty(
                           settings, "report", [self](pg::duty& held) { return follow(self, held); },
                           [self](bool held) { self->held.set(held ? 1 : 0); }));
}

} // namespace huiyin::report
