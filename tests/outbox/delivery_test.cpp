// Webhooks of a real daemon to a receiver that fails and hangs, with the daemon killed again and again meanwhile: each
// event arrives, in the order of its subject, and what can never arrive stands in nobody's way.
#include <huiyin/base/text.hpp>
#include <huiyin/outbox/webhook.hpp>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cstdlib>
#include <map>
#include <mutex>
#include <set>
#include <support/daemon/daemon_fixture.hpp>
#include <support/eventually.hpp>
#include <support/http/receiver.hpp>
#include <thread>

namespace huiyin::test {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing::IsEmpty;

struct plan
{
    std::size_t effects;
    std::size_t per_subject;
    int kills;
    std::chrono::seconds within;
};

constexpr std::size_t poison_each = 2;

plan the_plan()
{
    return std::getenv("HUIYIN_TEST_FULL") ? plan{50'000, 25, 20, 3000s} : plan{2'000, 10, 3, 600s};
}

constexpr const char* settings = R"(
[outbox]
private_networks = true
send_within_s = 3
per_account = 64
attempts = 20
first_retry_s = 1
longest_retry_s = 30
breaker_failures = 1000
backlog = 100000
)";

/// Takes three of four requests; the others get 503 or nothing at all. The first events of two subjects are poison.
class moody_peer
{
public:
    explicit moody_peer(std::string refused, std::string broken)
        : refused_(std::move(refused)), broken_(std::move(broken)),
          server_([this](const received& got) { return answer(got); })
    {}
    std::uint16_t port() const { return server_.port(); }
    std::size_t taken() const
    {
        const std::lock_guard lock(guard_);
        return taken_.size();
    }
    /// Ids of events that got a 2xx.
    std::set<std::string> taken_ids() const
    {
        const std::lock_guard lock(guard_);
        return taken_;
    }
    const receiver& server() const { return server_; }
    std::size_t hung() const
    {
        const std::lock_guard lock(guard_);
        return hung_;
    }

private:
    reply answer(const received& got)
    {
        const auto body = json::parse(got.body);
        const std::lock_guard lock(guard_);
        if (body.at("version").get<std::size_t>() <= poison_each) {
            if (body.at("subject") == refused_) return {.status = 422};
            if (body.at("subject") == broken_) return {.status = 500};
        }
        // By a fixed rule, so that a failing run can be run again.
        const auto number = ++requests_;
        if (number % 5 == 0) return {.status = 503};
        if (number % 19 == 0) {
            ++hung_;
            return {.hang = true};
        }
        taken_.insert(body.at("id").get<std::string>());
        return {.status = 204};
    }

    std::string refused_, broken_;
    mutable std::mutex guard_;
    std::size_t requests_ = 0, hung_ = 0;
    std::set<std::string> taken_;
    receiver server_;
};

class Delivery : public ::testing::Test
{
protected:
    /// Events of many subjects, their versions rising, all subjects mixed.
    void happen(const std::vector<std::string>& subjects, std::size_t from, std::size_t to)
    {
        std::string list;
        for (const auto& each : subjects)
            list += (list.empty() ? "'" : ",'") + each + "'";
        daemon_.sql(fmt::format(
            "INSERT INTO event (id, at, kind, subject, subject_version, actor_kind, actor, departments, confidential, "
            "data) SELECT gen_random_uuid(), '2026-03-02 09:00:00+08', 'load.changed', subject, version, 'system', "
            "'{}', '{{}}', false, '{{}}' FROM generate_series({}, {}) version CROSS JOIN unnest(ARRAY[{}]::uuid[]) "
            "subject ORDER BY version",
            uuid{}.to_string(), from, to, list));
    }
    std::size_t number(const std::string& query) { return std::stoul(daemon_.sql(query).at(0).at(0)); }

    daemon_process daemon_{settings};
};

TEST_F(Delivery, EachEventArrivesInOrderThroughFailuresHangsAndKills)
{
    const auto with = the_plan();
    std::vector<std::string> subjects;
    for (std::size_t i = 0; i < with.effects / with.per_subject; ++i)
        subjects.push_back(uuid::make().to_string());
    const auto refused = subjects.at(3), broken = subjects.at(7);
    moody_peer peer(refused, broken);

    person admin(daemon_, "admin");
    const auto made = admin.post(
        "/api/v1/webhooks",
        {{"name", "对方"}, {"url", fmt::format("http://127.0.0.1:{}/in", peer.port())}, {"kinds", {"load.*"}}});
    ASSERT_EQ(made.status, 201) << made.raw.body;
    const auto secret = made.body.at("secret").get<std::string>();
    const auto id = made.body.at("id").get<std::string>();

    const auto end = std::chrono::steady_clock::now() + with.within;
    const auto half = with.per_subject / 2;
    happen(subjects, 1, half);
    const auto expected = with.effects - 2 * poison_each;
    for (int kill = 0; kill < with.kills;) {
        const auto enough = expected * static_cast<std::size_t>(kill + 1) / static_cast<std::size_t>(with.kills + 1);
        if (kill == with.kills / 2 &&
            number("SELECT max(subject_version) FROM event WHERE kind = 'load.changed'") == half)
            happen(subjects, half + 1, with.per_subject);
        if (peer.taken() >= enough) {
            daemon_.kill9();
            daemon_.restart();
            ++kill;
        }
        daemon_.advance(5s);
        ASSERT_LT(std::chrono::steady_clock::now(), end) << peer.taken() << " taken after " << kill << " kills";
        std::this_thread::sleep_for(60ms);
    }
    // Some attempts have to fail often enough for the dead letters, too.
    while (number("SELECT count(*) FROM outbox_effect WHERE state IN ('sent', 'dead')") < with.effects) {
        daemon_.advance(30s);
        ASSERT_LT(std::chrono::steady_clock::now(), end)
            << peer.taken()
            << " taken, open: " << number("SELECT count(*) FROM outbox_effect WHERE state IN ('pending', 'claimed')");
        std::this_thread::sleep_for(100ms);
    }

    EXPECT_GT(peer.hung(), 0u);
    EXPECT_EQ(number("SELECT count(*) FROM outbox_effect"), with.effects) << "each event was queued once";
    EXPECT_EQ(number("SELECT count(DISTINCT payload->>'pos') FROM outbox_effect"), with.effects);

    // Each was seen, but for the poison, which waits for a person.
    std::set<std::string> wanted;
    for (const auto& row : daemon_.sql(fmt::format("SELECT id FROM event WHERE kind = 'load.changed' AND NOT (subject "
                                                   "IN ('{}', '{}') AND subject_version <= {})",
                                                   refused, broken, poison_each)))
        wanted.insert(row.at(0));
    EXPECT_EQ(wanted.size(), expected);
    const auto taken = peer.taken_ids();
    std::vector<std::string> missing;
    std::ranges::set_difference(wanted, taken, std::back_inserter(missing));
    EXPECT_THAT(missing, IsEmpty());
    std::string causes;
    for (const auto& row :
         daemon_.sql("SELECT cause, attempts, count(*) FROM outbox_effect WHERE state = 'dead' GROUP BY 1, 2"))
        causes += fmt::format("{} after {} attempts: {}\n", row.at(0), row.at(1), row.at(2));
    EXPECT_EQ(number("SELECT count(*) FROM outbox_effect WHERE state = 'dead'"), 2 * poison_each) << causes;
    EXPECT_EQ(number(fmt::format("SELECT count(*) FROM outbox_effect WHERE order_key = '{}' AND cause = 'http_422' AND "
                                 "attempts <= {}",
                                 refused, 1 + with.kills)),
              poison_each)
        << "what is refused for good is not tried again, unless the refusal was lost";
    EXPECT_EQ(
        number(fmt::format(
            "SELECT count(*) FROM outbox_effect WHERE order_key = '{}' AND state = 'dead' AND attempts = 20", broken)),
        poison_each);
    EXPECT_EQ(number(fmt::format("SELECT count(*) FROM outbox_effect WHERE state = 'dead' AND order_key NOT IN ('{}', "
                                 "'{}')",
                                 refused, broken)),
              0u);

    // No attempt at a version came after one at a later version; every one was signed; ids belong to one event.
    std::map<std::string, std::int64_t> last;
    std::map<std::string, std::string> event_of;
    std::size_t out_of_order = 0, unsigned_ones = 0, shared_ids = 0;
    for (const auto& each : peer.server().all()) {
        const auto body = json::parse(each.body);
        const auto version = body.at("version").get<std::int64_t>();
        auto& before = last[body.at("subject").get<std::string>()];
        out_of_order += version < before;
        before = std::max(before, version);
        const auto message = each.header("webhook-id");
        const auto at = std::chrono::sys_seconds(std::chrono::seconds(std::stoll(each.header("webhook-timestamp"))));
        unsigned_ones += each.header("webhook-signature") != outbox::sign_webhook(secret, message, at, each.body);
        const auto event = body.at("id").get<std::string>();
        shared_ids += event_of.emplace(message, event).first->second != event;
    }
    EXPECT_EQ(out_of_order, 0u);
    EXPECT_EQ(unsigned_ones, 0u);
    EXPECT_EQ(shared_ids, 0u);
    EXPECT_EQ(event_of.size(), with.effects) << "an effect keeps its id over all its attempts";

    // The dead letters are listed with their cause, and one can be sent again or dropped.
    auto listed = admin.get("/api/v1/dead_letters?limit=200&account_id=" + id);
    ASSERT_EQ(listed.status, 200) << listed.raw.body;
    EXPECT_EQ(listed.body.at("items").size(), 2 * poison_each);
    const auto one = listed.body.at("items").at(0);
    const auto letter = "/api/v1/dead_letters/" + one.at("id").get<std::string>();
    EXPECT_EQ(admin.post(letter + "/settlement", json::object()).code(), "wrong-state");
    EXPECT_EQ(admin.post(letter + "/drop", {{"reason", "测试"}}).status, 204);
    EXPECT_EQ(admin.post(letter + "/sending", json::object()).code(), "wrong-state");
    EXPECT_EQ(admin.get("/api/v1/webhooks/" + id).body.at("dead"), 2 * poison_each - 1);

    const auto verified = daemon_.run_command({"verify-journal"});
    EXPECT_EQ(verified.status, 0) << verified.output;
    EXPECT_EQ(daemon_.stop(), 0);
    EXPECT_EQ(daemon_.log().find("Sanitizer"), std::string::npos) << daemon_.log();
}

TEST_F(Delivery, AWebhookIsMadeChangedTestedAndDeletedOverTheApi)
{
    int status = 200;
    const receiver peer([&](const received&) { return reply{.status = status}; });
    person admin(daemon_, "admin"), agent(daemon_, "chen.jing");
    const json wanted{
        {"name", "对方"}, {"url", fmt::format("http://127.0.0.1:{}/in", peer.port())}, {"kinds", {"ticket.*"}}};
    EXPECT_EQ(agent.post("/api/v1/webhooks", wanted).status, 404);
    for (const auto& [field, value] : std::map<std::string, json>{{"url", "ftp://example.com/"},
                                                                  {"kinds", json::array()},
                                                                  {"kinds", {"Ticket.*"}},
                                                                  {"name", ""},
                                                                  {"other", 1}})
    {
        auto wrong = wanted;
        wrong[field] = value;
        EXPECT_EQ(admin.post("/api/v1/webhooks", wrong).code(), "invalid-field") << field;
    }
    const auto made = admin.post("/api/v1/webhooks", wanted);
    ASSERT_EQ(made.status, 201) << made.raw.body;
    const auto path = made.raw.header("location");
    EXPECT_EQ(path, "/api/v1/webhooks/" + made.body.at("id").get<std::string>());
    EXPECT_FALSE(admin.get(path).body.contains("secret"));
    EXPECT_EQ(admin.get(path).raw.header("etag"), "\"1\"");

    const auto ticket = complain(daemon_, {{"contact", {{"phone", "13800000001"}}}, {"problem", "报纸没有收到"}});
    ASSERT_EQ(ticket.status, 201) << ticket.raw.body;
    ASSERT_TRUE(peer.wait_for(1, patience));
    const auto frame = json::parse(peer.all().at(0).body);
    EXPECT_TRUE(frame.at("kind").get<std::string>().starts_with("ticket."));
    EXPECT_EQ(admin.get("/api/v1/webhooks").body.at("items").size(), 1u);

    const auto tested = admin.post(path + "/test-deliveries", json::object());
    EXPECT_EQ(tested.body.at("verdict"), "sent") << tested.raw.body;
    status = 410;
    EXPECT_EQ(admin.post(path + "/test-deliveries", json::object()).body.at("cause"), "http_410");

    EXPECT_EQ(admin.call("PATCH", path, R"({"active":false})").status, 428);
    const auto changed = admin.call("PATCH", path, R"({"active":false})", {{"If-Match", "\"1\""}});
    EXPECT_EQ(changed.body.at("active"), false);
    EXPECT_EQ(admin.call("PATCH", path, R"({"active":true})", {{"If-Match", "\"1\""}}).code(), "stale-version");
    const auto rotated = admin.call("POST", path + "/secrets", "", {{"If-Match", "\"2\""}});
    EXPECT_EQ(rotated.status, 201);
    EXPECT_NE(rotated.body.at("secret"), made.body.at("secret"));
    EXPECT_FALSE(rotated.body.at("previous_secret_until").is_null());
    EXPECT_EQ(admin.post(path + "/replays", {{"from_pos", 1}}).status, 200);
    EXPECT_EQ(admin.post(path + "/replays", {{"from_time", "2026-01-01T00:00:00Z"}}).status, 200);
    EXPECT_EQ(admin.post(path + "/replays", {{"from_pos", 1'000'000}}).code(), "invalid-field");
    EXPECT_EQ(admin.call("DELETE", path, "", {{"If-Match", "\"3\""}}).code(), "stale-version");
    EXPECT_EQ(admin.call("DELETE", path, "", {{"If-Match", "\"5\""}}).status, 204);
    EXPECT_EQ(admin.get(path).status, 404);
    EXPECT_EQ(daemon_.stop(), 0);
    EXPECT_EQ(daemon_.log().find("whsec_"), std::string::npos);
    EXPECT_EQ(daemon_.log().find("Sanitizer"), std::string::npos) << daemon_.log();
}

} // namespace
} // namespace huiyin::test
