#include "backoff.hpp"
#include "connection.hpp"

#include <huiyin/base/log.hpp>

namespace huiyin::pg {

using std::chrono::steady_clock;

namespace {

constexpr statement commit_statement{"pg.commit", "COMMIT", std::chrono::seconds(15)};
// Never pg_current_xact_id(): it would give the number before the first lock, and the feed's order would not be that of
// the versions.
constexpr statement transaction_id{"pg.transaction_id", "SELECT pg_current_xact_id_if_assigned()"};
constexpr statement transaction_status{"pg.transaction_status", "SELECT pg_xact_status($1::xid8)"};

constexpr auto settle_within = std::chrono::seconds(30);
const params none;

std::vector<request> requests_of(const batch& many)
{
    std::vector<request> all;
    all.reserve(many.size() + 3);
    for (const auto& each : many.items())
        all.push_back({each.what, &each.with});
    return all;
}

} // namespace

transaction::transaction(std::unique_ptr<state> s) : state_(std::move(s)) {}
transaction::transaction(transaction&&) noexcept = default;
transaction& transaction::operator=(transaction&&) noexcept = default;
transaction::~transaction() = default;

transaction::state::~state()
{
    end();
}

void transaction::state::end()
{
    if (!on) return;
    if (begun && on->is_open()) on->roll_back_later();
    begun = false;
    home->give_back(std::move(on));
}

task<result<std::vector<rows>>> transaction::state::run(const std::vector<request>& wanted)
{
    if (dead) co_return fail(*dead);
    if (!on) co_return fail(errc::internal, "the transaction has ended");
    // BEGIN travels with the first statements, and the transaction's id comes back with the first that write or lock.
    const bool opening = !begun;
    const bool asking = xid.empty() && begin_with == &begin_writing;
    std::vector<request> sent;
    sent.reserve(wanted.size() + 2);
    if (opening) sent.push_back({begin_with, &none});
    sent.insert(sent.end(), wanted.begin(), wanted.end());
    if (asking) sent.push_back({&transaction_id, &none});
    begun = true;
    auto got = co_await on->run(std::move(sent));
    if (!got) {
        dead = got.error();
        end();
        co_return got;
    }
    if (asking) {
        xid = got->back().front().get<std::optional<std::string>>(0).value_or("");
        got->pop_back();
    }
    if (opening) got->erase(got->begin());
    co_return got;
}

task<result<rows>> transaction::run(const statement& what, params with)
{
    const std::vector<request> one{request{&what, &with}};
    auto got = co_await state_->run(one);
    if (!got) co_return fail(std::move(got.error()));
    co_return std::move(got->front());
}

task<result<std::vector<rows>>> transaction::run(batch many)
{
    const auto all = requests_of(many);
    if (all.empty()) co_return std::vector<rows>{};
    co_return co_await state_->run(all);
}

task<result<void>> transaction::commit()
{
    auto done = co_await commit(batch{});
    if (!done) co_return fail(std::move(done.error()));
    co_return result<void>{};
}

task<result<std::vector<rows>>> transaction::commit(batch last)
{
    auto& self = *state_;
    if (self.dead) co_return fail(*self.dead);
    if (!self.on) co_return fail(errc::internal, "the transaction has ended");
    std::vector<rows> results;
    auto sent = requests_of(last);
    // COMMIT is never sent before the id is known: without it nobody could tell what became of it.
    const bool must_ask = self.begin_with == &begin_writing && self.xid.empty() && !sent.empty();
    if (must_ask || !self.begun) {
        if (!sent.empty()) {
            auto got = co_await self.run(sent);
            if (!got) co_return got;
            results = std::move(*got);
            sent.clear();
        }
        if (!self.begun) {
            self.end();
            co_return results;
        }
    }
    sent.push_back({&commit_statement, &none});
    const auto statements = sent.size() - 1;
    auto got = co_await self.on->run(std::move(sent));
    if (got) {
        self.begun = false;
        if (!self.xid.empty()) self.home->committed();
        self.end();
        got->pop_back();
        if (!got->empty()) results = std::move(*got);
        co_return results;
    }
    const bool answered = self.on->is_open();
    if (answered || self.xid.empty()) {
        // The server has ended a transaction whose COMMIT it refused; one that died before its COMMIT is rolled back.
        self.begun = self.on->is_in_transaction();
        self.dead = got.error();
        self.end();
        co_return got;
    }
    auto settled = co_await self.settle(std::move(got.error()));
    // What is not known to be undone may have been done.
    if (settled || settled.error().code == errc::commit_unknown) self.home->committed();
    self.end();
    if (!settled) {
        self.dead = settled.error();
        co_return fail(std::move(settled.error()));
    }
    if (statements > 0) results = std::vector<rows>(statements);
    co_return results;
}

task<result<void>> transaction::state::settle(error cause)
{
    const auto by = steady_clock::now() + settle_within;
    log::warning("pg.commit_cut_off", {{"xid", xid}, {"reason", cause.detail}});
    begun = false;
    const auto life = on->server_life();
    for (unsigned looks = 0;; ++looks) {
        if (!on->is_open()) {
            auto fresh = co_await home->replace(by);
            if (!fresh) co_return fail(errc::commit_unknown, fresh.error().detail);
            on = std::move(*fresh);
        }
        const params about(xid);
        const std::vector<request> question{request{&transaction_status, &about}};
        auto got = co_await on->run(question);
        if (got) {
            const auto status = got->front().front().get<std::optional<std::string>>(0);
            log::info("pg.commit_settled", {{"xid", xid}, {"status", status.value_or("forgotten")}});
            // A crash loses the numbers of transactions that had written nothing to the disk, and gives them out again:
            // then it may be another one that was committed under this number.
            if (status == "committed" && on->server_life() != life)
                co_return fail(errc::commit_unknown, "the server has recovered from a crash meanwhile");
            if (status == "committed") co_return result<void>{};
            if (status == "aborted") co_return fail(std::move(cause));
            if (!status) co_return fail(errc::commit_unknown, "the server has forgotten the transaction");
            // "in progress": the old server process has not noticed yet that nobody listens.
        } else if (got.error().code == errc::data_rejected) {
            // A server that took over and has not come as far as this number never saw the commit.
            co_return fail(std::move(cause));
        }
        if (steady_clock::now() >= by) co_return fail(errc::commit_unknown, "not settled in time");
        co_await pause_for(pause_after(looks, std::chrono::milliseconds(500)));
    }
}

task<void> transaction::roll_back()
{
    auto& self = *state_;
    if (self.on && self.begun && self.on->is_open()) {
        const std::vector<request> last{request{&roll_back_statement, &none}};
        auto done = co_await self.on->run(last);
        if (done) self.begun = false;
    }
    self.end();
}

} // namespace huiyin::pg
