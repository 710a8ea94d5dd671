#include "outbox_fixture.hpp"

#include <boost/asio/as_tuple.hpp>

namespace huiyin::outbox {

task<outcome> scripted_sender::send(sending what)
{
    const auto account = what.through->id;
    struct presence
    {
        presence(scripted_sender& of, account_id at) : self(of), account(at)
        {
            auto& most = self.most_under_way[account];
            most = std::max(most, ++self.under_way[account]);
        }
        ~presence() { --self.under_way[account]; }
        scripted_sender& self;
        account_id account;
    } const here(*this, account);
    seen.push_back({what.effect, account, what.order_key, what.attempt});
    while (hangs && hangs(what) && !let_go) {
        co_await pause_for(5ms);
        if ((co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none)
            co_return outcome{verdict::unknown, "cancelled", {}};
    }
    // As if a peer were asked.
    co_await pause_for(1ms);
    const auto came = answer ? answer(what) : outcome{verdict::sent, "", {}};
    if (came.verdict == verdict::sent) sent.push_back(what.effect);
    co_return came;
}

namespace {

task<bool> stopped(engine& which)
{
    co_await which.stop();
    co_return true;
}

task<result<void>> commit_batch(pg::database& db, pg::batch batch)
{
    auto tx = co_await db.begin();
    if (!tx) co_return fail(tx.error());
    auto done = co_await tx->commit(std::move(batch));
    if (!done) co_return fail(done.error());
    co_return result<void>{};
}

} // namespace

outbox_test::outbox_test() : db_(std::make_unique<pg::database>(on(), app_settings(), metrics)) {}

outbox_test::~outbox_test()
{
    run(db_->close());
}

engine_settings outbox_test::quick()
{
    engine_settings with;
    with.poll = 20ms;
    with.send_within = test::patience;
    with.breaker_failures = 1000;
    return with;
}

std::unique_ptr<outbox_test::running_engine> outbox_test::start_engine(engine_settings with,
                                                                       std::vector<sender*> senders)
{
    if (engines_++ > 0) with.duty += "." + std::to_string(engines_);
    auto made = std::make_unique<engine>(on(), app_settings(), std::move(senders), clock, metrics, with);
    made->start();
    return std::make_unique<running_engine>(*this, std::move(made));
}

void outbox_test::running_engine::stop() const
{
    in_.run(stopped(*running_));
}

void outbox_test::until(const std::function<bool()>& holds, const std::source_location& where)
{
    if (!test::holds_within_patience(holds, [this]() { let_pass(5ms); }))
        throw std::runtime_error(test::waited_in_vain(where));
}

void outbox_test::let_pass(std::chrono::milliseconds time)
{
    context.restart();
    context.run_for(time);
}

account_id outbox_test::an_account(const std::string& channel, bool active)
{
    const auto id = account_id::make();
    sql("INSERT INTO outbox_account (id, channel, name, settings, active, created_at, changed_at) VALUES ('" +
        id.to_string() + "', '" + channel + "', 'one', '{}', " + (active ? "true" : "false") +
        ", '2026-03-01', '2026-03-01')");
    return id;
}

effect outbox_test::an_effect(account_id through, uuid key)
{
    effect made;
    made.channel = "test";
    made.account = through;
    made.order_key = key;
    made.queued_at = clock.now();
    made.on_record = false;
    return made;
}

void outbox_test::queue_up(const std::vector<effect>& effects)
{
    pg::batch batch;
    queue(batch, effects);
    const auto done = run(commit_batch(*db_, std::move(batch)));
    if (!done) throw std::runtime_error(done.error().detail);
}

std::vector<effect_id> outbox_test::queue_many(account_id through, std::size_t count, uuid key)
{
    std::vector<effect> effects;
    std::vector<effect_id> ids;
    for (std::size_t i = 0; i < count; ++i) {
        effects.push_back(an_effect(through, key));
        ids.push_back(effects.back().id);
    }
    queue_up(effects);
    return ids;
}

std::vector<std::string> outbox_test::column(const std::string& query)
{
    std::vector<std::string> values;
    const auto rows = sql(query);
    for (const auto row : rows)
        values.push_back(row.is_null(0) ? "NULL" : row.get<std::string>(0));
    return values;
}

std::string outbox_test::state_of(effect_id id)
{
    return column("SELECT state FROM outbox_effect WHERE id = '" + id.to_string() + "'").at(0);
}

std::string outbox_test::cause_of(effect_id id)
{
    return column("SELECT cause FROM outbox_effect WHERE id = '" + id.to_string() + "'").at(0);
}

std::int64_t outbox_test::count(const std::string& query)
{
    return sql("SELECT count(*) FROM " + query).front().get<std::int64_t>(0);
}

std::vector<std::string> outbox_test::kinds_of(const uuid& subject)
{
    return column("SELECT kind FROM event WHERE subject = '" + subject.to_string() + "' ORDER BY seq");
}

double outbox_test::metric(const std::string& name, const metrics::labels& with)
{
    return name.ends_with("_total") ? metrics.counter(name, "", with).value() : metrics.gauge(name, "", with).value();
}

domain::actor outbox_test::administrator()
{
    domain::actor who;
    who.kind = domain::actor_kind::user;
    who.id = uuid::make();
    who.roles = {domain::role::administrator};
    return who;
}

domain::actor outbox_test::agent()
{
    auto who = administrator();
    who.roles = {domain::role::agent};
    return who;
}

} // namespace huiyin::outbox
