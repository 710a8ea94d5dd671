#pragma once

#include "feed_store.hpp"
#include "sealing.hpp"

#include <huiyin/async/task_group.hpp>
#include <huiyin/base/text.hpp>
#include <huiyin/journal/erase.hpp>
#include <huiyin/journal/event.hpp>
#include <huiyin/journal/sealer.hpp>
#include <huiyin/journal/sequencer.hpp>
#include <huiyin/journal/verify.hpp>

#include <gmock/gmock.h>

#include <pg_fixture.hpp>

namespace huiyin::journal {

inline const instant noon = std::chrono::sys_days(std::chrono::March / 2 / 2026) + std::chrono::hours(4);

inline event an_event(std::string kind)
{
    event made;
    made.at = noon;
    made.kind = std::move(kind);
    made.subject = uuid::make();
    return made;
}
inline std::vector<event> events(std::size_t count)
{
    std::vector<event> made;
    for (std::size_t i = 0; i < count; ++i)
        made.push_back(an_event("test.happened"));
    return made;
}

class journal_test : public test::pg_fixture
{
protected:
    journal_test();
    ~journal_test() override;

    pg::database& db() { return *db_; }
    runner pool() { return running_on(*db_); }
    task_group& group() { return *group_; }
    /// Cancels what `group` runs and begins a new one.
    void stop_all();

    /// Runs what is there until `holds` does; throws after `patience`.
    void until(const std::function<bool()>& holds, const std::source_location& where = std::source_location::current());
    void until_time_has_passed(std::chrono::milliseconds time);
    /// Starts `work`, which goes on in each `run` and `until`; what it throws comes out of them.
    template <class T, class F>
    void start(task<T> work, F ended)
    {
        asio::co_spawn(context, std::move(work), [this, ended](std::exception_ptr thrown, T value) {
            if (thrown)
                thrown_ = thrown;
            else
                ended(std::move(value));
        });
    }

    result<void> try_commit(pg::batch batch);
    void commit(pg::batch batch);
    void commit(const std::vector<event>& events);
    result<void> try_commit(const std::vector<event>& events);
    pg::transaction begin();
    void append_in(pg::transaction& tx, const std::vector<event>& events);
    void commit(pg::transaction tx);
    void roll_back(pg::transaction tx);
    std::int64_t erase(const erasure& what);

    /// Gives positions until no event waits for one; the sizes of its steps.
    std::vector<std::size_t> sequence();
    void sequence_and_seal();
    verification examine(verify_options options = {.lag = {}, .known_head = {}, .progress = {}});

    /// The first column of what `query` gives.
    std::vector<std::string> column(const std::string& query);
    void expect_none(const std::string& table);
    std::string refusal_as_owner(const std::string& change);
    std::string refusal_as_app(const std::string& change);
    double metric(const std::string& name, const metrics::labels& with = {});

    seal_key key{};

private:
    std::exception_ptr thrown_;
    std::unique_ptr<pg::database> db_;
    std::unique_ptr<task_group> group_;
};

} // namespace huiyin::journal
