#pragma once

#include <huiyin/async/task_group.hpp>
#include <huiyin/journal/event.hpp>
#include <huiyin/outbox/dead_letter.hpp>
#include <huiyin/outbox/engine.hpp>
#include <huiyin/outbox/webhook.hpp>

#include <gmock/gmock.h>

#include <functional>
#include <map>
#include <pg_fixture.hpp>
#include <support/http/receiver.hpp>

namespace huiyin::outbox {

using namespace std::chrono_literals;

/// A channel that does what the test says, and keeps what it was asked to send.
class scripted_sender final : public sender
{
public:
    explicit scripted_sender(bool repeatable = true, std::string channel = "test")
        : channel_(std::move(channel)), repeatable_(repeatable)
    {}
    std::string_view channel() const override { return channel_; }
    bool may_repeat() const override { return repeatable_; }
    task<outcome> send(sending what) override;

    struct attempt
    {
        effect_id effect;
        account_id account;
        uuid order_key;
        int number;
    };
    std::vector<attempt> seen;
    std::vector<effect_id> sent;
    std::map<account_id, std::size_t> under_way, most_under_way;
    /// Nothing: sent. `hang` waits until it is cancelled, or until `let_go`.
    std::function<outcome(const sending&)> answer;
    std::function<bool(const sending&)> hangs;
    bool let_go = false;

private:
    std::string channel_;
    bool repeatable_;
};

class outbox_test : public test::pg_fixture
{
protected:
    outbox_test();
    ~outbox_test() override;

    pg::database& db() { return *db_; }
    /// Stops when it dies, which must be before its senders do.
    class running_engine
    {
    public:
        running_engine(outbox_test& in, std::unique_ptr<engine> running) : in_(in), running_(std::move(running)) {}
        ~running_engine() { stop(); }
        running_engine(const running_engine&) = delete;
        running_engine& operator=(const running_engine&) = delete;
        void stop() const;

    private:
        outbox_test& in_;
        std::unique_ptr<engine> running_;
    };
    /// Another engine each time.
    [[nodiscard]] std::unique_ptr<running_engine> start_engine(engine_settings with, std::vector<sender*> senders);
    [[nodiscard]] std::unique_ptr<running_engine> start_engine(std::vector<sender*> senders)
    {
        return start_engine(quick(), std::move(senders));
    }
    /// Looks often, gives up late.
    static engine_settings quick();
    /// Runs what is there until `holds` does; throws after `patience`.
    void until(const std::function<bool()>& holds, const std::source_location& where = std::source_location::current());
    void let_pass(std::chrono::milliseconds time);

    account_id an_account(const std::string& channel = "test", bool active = true);
    effect an_effect(account_id through, uuid key = uuid::make());
    void queue_up(const std::vector<effect>& effects);
    std::vector<effect_id> queue_many(account_id through, std::size_t count, uuid key);
    std::string state_of(effect_id id);
    std::string cause_of(effect_id id);
    std::int64_t count(const std::string& query);
    std::vector<std::string> column(const std::string& query);
    /// Kinds of the journal's events about that subject, in order.
    std::vector<std::string> kinds_of(const uuid& subject);
    double metric(const std::string& name, const metrics::labels& with = {});

    static domain::actor administrator();
    static domain::actor agent();

private:
    std::unique_ptr<pg::database> db_;
    int engines_ = 0;
};

} // namespace huiyin::outbox
