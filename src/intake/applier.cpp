#include "inbox_store.hpp"

#include <huiyin/base/crypto.hpp>
#include <huiyin/base/log.hpp>
#include <huiyin/base/text.hpp>
#include <huiyin/intake/applier.hpp>

#include <boost/asio/as_tuple.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace huiyin::intake {

using nlohmann::json;

namespace {

constexpr std::size_t rows_at_once = 100;
constexpr std::string_view applied_outcome = "applied";

struct asked
{
    domain::command what;
    std::optional<int> about_round;
    /// What to do where it comes too late: whoever is not content with a closed ticket wants it opened again.
    std::optional<domain::command> otherwise;
};

std::optional<domain::text_ref> words_in(const json& detail)
{
    const auto words = detail.find("words");
    if (words == detail.end()) return std::nullopt;
    domain::text_ref ref;
    ref.id = text_id::parse(words->at("text").get_ref<const std::string&>()).value();
    const auto digest = from_hex(words->at("sha256").get_ref<const std::string&>()).value();
    std::ranges::copy_n(digest.begin(), static_cast<std::ptrdiff_t>(std::min(digest.size(), ref.digest.size())),
                        ref.digest.begin());
    return ref;
}

domain::answers answers_in(const json& detail)
{
    domain::answers said;
    const auto given = detail.find("said");
    if (given == detail.end()) return said;
    const auto score = [&](const char* name) {
        return given->at(name).is_null() ? std::nullopt : std::optional(given->at(name).get<int>());
    };
    said.solved = domain::parse_name<domain::solved_answer>(given->at("solved").get_ref<const std::string&>())
                      .value_or(domain::solved_answer::unasked);
    said.result = score("result");
    said.time = score("time");
    said.attitude = score("attitude");
    return said;
}

asked command_of(const inbox_row& row)
{
    const auto detail = row.detail.empty() ? json::object() : json::parse(row.detail);
    const auto words = words_in(detail);
    const auto reason = detail.value("reason", std::string("unspecified"));
    switch (row.act) {
    case act::message:
    case act::added_word: break;
    case act::urge: return {domain::urge{words}, {}, {}};
    case act::dispute: return {domain::dispute{words}, {}, {}};
    case act::reopen: return {domain::reopen{reason, words}, {}, {}};
    case act::withdrawal: return {domain::withdraw{reason, words}, {}, {}};
    case act::verdict: {
        const auto said = answers_in(detail);
        asked verdict{domain::give_verdict{callback_id(row.id), said, reason, true}, {}, {}};
        if (detail.contains("round")) verdict.about_round = detail.at("round").get<int>();
        if (domain::judged(said) == domain::satisfaction_level::unsatisfied)
            verdict.otherwise = domain::reopen{reason, words};
        return verdict;
    }
    }
    return {domain::further_contact{row.interaction}, {}, {}};
}

/// Worth another try: the database is away or busy.
bool is_passing(errc code)
{
    switch (code) {
    case errc::unavailable:
    case errc::overloaded:
    case errc::timeout:
    case errc::serialization_failure:
    case errc::commit_unknown:
    case errc::not_configured:
    case errc::shutting_down:
    case errc::cancelled: return true;
    default: return false;
    }
}

} // namespace

applier::applier(executor on, pg::database& db, ticket::ticket_service& tickets, const clock& time,
                 metrics::registry& metrics)
    : db_(db), tickets_(tickets), clock_(time),
      applied_(metrics.counter("huiyin_intake_inbox_applied_total", "Further contacts applied to their ticket")),
      refused_(metrics.counter("huiyin_intake_inbox_refused_total", "Further contacts that their ticket refused")),
      wake_(on)
{}

task<result<void>> applier::perform(const inbox_row& row, domain::command command, std::optional<int> about_round)
{
    ticket::act what;
    what.ticket = row.ticket;
    what.what = std::move(command);
    what.who.kind = domain::actor_kind::customer;
    what.who.id = row.customer.value();
    what.interactions = {row.interaction};
    what.about_round = about_round;
    // Taken once, whoever else tries; the row outlives the key and is settled in the same transaction.
    what.key = ticket::action_key{"inbox", row.id.to_string(), sha256(row.id.to_string())};
    settle_row(what.also, row.id, clock_.now(), applied_outcome);
    const auto done = co_await tickets_.perform(std::move(what));
    if (!done) co_return fail(done.error());
    co_return result<void>{};
}

task<result<std::string>> applier::apply(inbox_row row)
{
    auto wanted = command_of(row);
    auto done = co_await perform(row, std::move(wanted.what), wanted.about_round);
    if (!done && done.error().code == errc::wrong_state && wanted.otherwise)
        if (auto instead = co_await perform(row, std::move(*wanted.otherwise), {});
            instead || is_passing(instead.error().code))
            done = std::move(instead);
    if (done) {
        applied_.add();
        co_return std::string(applied_outcome);
    }
    if (is_passing(done.error().code)) co_return fail(done.error());
    refused_.add();
    const auto why = slug(done.error().code);
    log::info("intake.inbox_refused", {{"ticket", row.ticket}, {"reason", why}});
    auto settled = co_await settle_row(db_, row.id, clock_.now(), why);
    if (!settled) co_return fail(settled.error());
    co_return std::string(why);
}

task<result<std::string>> applier::settle(receipt_id receipt)
{
    const auto row = co_await load_row(db_, receipt);
    if (!row) co_return fail(row.error());
    if (!row->outcome.empty()) co_return row->outcome;
    if (auto done = co_await apply(*row); !done) co_return fail(done.error());
    // Somebody else may have been faster: the row says what became of it.
    const auto settled = co_await load_row(db_, receipt);
    if (!settled) co_return fail(settled.error());
    co_return settled->outcome;
}

task<result<std::size_t>> applier::apply_waiting()
{
    std::size_t settled = 0;
    instant after_at = std::chrono::sys_days(std::chrono::year(1) / 1 / 1);
    uuid after_id;
    for (;;) {
        const auto rows = co_await waiting_rows(db_, after_at, after_id, rows_at_once);
        if (!rows) co_return fail(rows.error());
        for (const auto& row : *rows) {
            if (auto done = co_await apply(row); !done) co_return fail(done.error());
            ++settled;
            after_at = row.at;
            after_id = row.id;
        }
        if (rows->size() < rows_at_once) co_return settled;
    }
}

task<> applier::run(std::chrono::milliseconds pace)
{
    for (;;) {
        woken_ = false;
        const auto done = co_await apply_waiting();
        if (!done) log::warning("intake.inbox_delayed", {{"reason", slug(done.error().code)}});
        if (done && woken_) continue;
        wake_.expires_after(pace);
        co_await wake_.async_wait(boost::asio::as_tuple(use_task));
        if ((co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none) co_return;
    }
}

} // namespace huiyin::intake
