#include "journal_fixture.hpp"

namespace huiyin::journal {

using namespace std::chrono_literals;

namespace {

/// The statements of the tests' own need no place in a store.
task<result<void>> commit_batch(pg::database& db, pg::batch batch)
{
    auto tx = co_await db.begin();
    if (!tx) co_return fail(tx.error());
    auto done = co_await tx->commit(std::move(batch));
    if (!done) co_return fail(done.error());
    co_return result<void>{};
}

task<result<pg::transaction>> begin_on(pg::database& db)
{
    co_return co_await db.begin();
}

task<result<std::vector<pg::rows>>> run_in(pg::transaction& tx, pg::batch batch)
{
    co_return co_await tx.run(std::move(batch));
}

task<result<void>> commit_it(pg::transaction tx)
{
    co_return co_await tx.commit();
}

task<bool> roll_it_back(pg::transaction tx)
{
    co_await tx.roll_back();
    co_return true;
}

task<result<std::int64_t>> erase_on(pg::database& db, erasure what)
{
    auto tx = co_await db.begin();
    if (!tx) co_return fail(tx.error());
    pg::batch batch;
    erase_texts(batch, what);
    auto done = co_await tx->commit(std::move(batch));
    if (!done) co_return fail(done.error());
    co_return done->front().front().get<std::int64_t>(0);
}

task<result<std::vector<std::size_t>>> sequence_all(runner on)
{
    std::vector<std::size_t> steps;
    for (;;) {
        auto given = co_await give_positions(on, 1);
        if (!given) co_return fail(given.error());
        if (*given > 0) steps.push_back(*given);
        auto lag = co_await read_feed_lag(on);
        if (!lag) co_return fail(lag.error());
        if (lag->waiting == 0) co_return steps;
    }
}

task<result<void>> seal_all(runner on, seal_key key)
{
    for (;;) {
        auto done = co_await seal_next(on, key, 1);
        if (!done) co_return fail(done.error());
        if (!done->made) co_return result<void>{};
    }
}

task<bool> stop_group(task_group& group)
{
    co_await group.stop();
    co_return true;
}

/// The value, or the end of the test.
template <class T>
T must(result<T> got)
{
    if (!got) throw std::runtime_error(std::string(slug(got.error().code)) + ": " + got.error().detail);
    if constexpr (!std::is_void_v<T>) return std::move(*got);
}

} // namespace

journal_test::journal_test()
    : db_(std::make_unique<pg::database>(on(), app_settings(), metrics)), group_(std::make_unique<task_group>(on()))
{
    const auto bytes = random_bytes(key.size());
    std::ranges::copy(bytes, key.begin());
    sql("INSERT INTO duty_lease VALUES ('journal.sequencer', 1), ('journal.sealer', 1)");
}

journal_test::~journal_test()
{
    run(stop_group(*group_));
    run(db_->close());
}

void journal_test::stop_all()
{
    run(stop_group(*group_));
    group_ = std::make_unique<task_group>(on());
}

void journal_test::until(const std::function<bool()>& holds, const std::source_location& where)
{
    const auto go_on = [this]() {
        if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
        until_time_has_passed(5ms);
    };
    if (!test::holds_within_patience(holds, go_on)) throw std::runtime_error(test::waited_in_vain(where));
}

void journal_test::until_time_has_passed(std::chrono::milliseconds time)
{
    context.restart();
    context.run_for(time);
}

result<void> journal_test::try_commit(pg::batch batch)
{
    return run(commit_batch(*db_, std::move(batch)));
}

void journal_test::commit(pg::batch batch)
{
    must(try_commit(std::move(batch)));
}

result<void> journal_test::try_commit(const std::vector<event>& events)
{
    pg::batch batch;
    append(batch, events);
    return try_commit(std::move(batch));
}

void journal_test::commit(const std::vector<event>& events)
{
    must(try_commit(events));
}

pg::transaction journal_test::begin()
{
    return must(run(begin_on(*db_)));
}

void journal_test::append_in(pg::transaction& tx, const std::vector<event>& events)
{
    pg::batch batch;
    append(batch, events);
    must(run(run_in(tx, std::move(batch))));
}

void journal_test::commit(pg::transaction tx)
{
    must(run(commit_it(std::move(tx))));
}

void journal_test::roll_back(pg::transaction tx)
{
    run(roll_it_back(std::move(tx)));
}

std::int64_t journal_test::erase(const erasure& what)
{
    return must(run(erase_on(*db_, what)));
}

std::vector<std::size_t> journal_test::sequence()
{
    return must(run(sequence_all(pool())));
}

void journal_test::sequence_and_seal()
{
    sequence();
    must(run(seal_all(pool(), key)));
}

verification journal_test::examine(verify_options options)
{
    return must(run(verify(*db_, key, std::move(options))));
}

std::vector<std::string> journal_test::column(const std::string& query)
{
    std::vector<std::string> values;
    const auto rows = sql(query);
    for (const auto row : rows)
        values.push_back(row.is_null(0) ? "NULL" : row.get<std::string>(0));
    return values;
}

void journal_test::expect_none(const std::string& table)
{
    EXPECT_THAT(column("SELECT count(*) FROM " + table), ::testing::ElementsAre("0"));
}

std::string journal_test::refusal_as_owner(const std::string& change)
{
    try {
        sql(change);
        return "not refused";
    } catch (const std::runtime_error& e) {
        return e.what();
    }
}

std::string journal_test::refusal_as_app(const std::string& change)
{
    try {
        superuser_sql("SET ROLE huiyin_app; " + change);
        return "not refused";
    } catch (const std::runtime_error& e) {
        return e.what();
    }
}

double journal_test::metric(const std::string& name, const metrics::labels& with)
{
    return metrics.gauge(name, "", with).value();
}

} // namespace huiyin::journal
