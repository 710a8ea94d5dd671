// What is killed in the middle leaves nothing half: the command that applies a pack, the daemon that recounts clocks.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <future>
#include <support/daemon/daemon_fixture.hpp>
#include <support/eventually.hpp>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace huiyin::test {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

json config_file(const std::string& name)
{
    std::ifstream in(std::filesystem::path(HUIYIN_SOURCE_DIR) / "config" / name);
    return json::parse(in);
}

class Recovery : public ::testing::Test
{
protected:
    static void SetUpTestSuite() { daemon_ = std::make_unique<daemon_process>("", true); }
    static void TearDownTestSuite()
    {
        EXPECT_EQ(daemon_->stop(), 0);
        EXPECT_EQ(daemon_->log().find("Sanitizer"), std::string::npos) << daemon_->log();
        daemon_.reset();
    }

    static std::vector<std::string> column(const std::string& query)
    {
        std::vector<std::string> all;
        for (const auto& row : daemon_->sql(query))
            all.push_back(row.at(0));
        return all;
    }
    static std::string one(const std::string& query) { return column(query).at(0); }

    /// The `nth` of these inserted rows stands still before its transaction can go on.
    static void hold_up(const std::string& table, const std::string& when, int nth)
    {
        daemon_->sql("CREATE TABLE hold (released boolean NOT NULL); INSERT INTO hold VALUES (false); "
                     "CREATE SEQUENCE arrivals");
        daemon_->sql(fmt::format("CREATE FUNCTION stand_still() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET "
                                 "search_path = huiyin AS $$BEGIN IF nextval('arrivals') = {} THEN WHILE NOT (SELECT "
                                 "released FROM hold) LOOP PERFORM pg_sleep(0.01); END LOOP; END IF; RETURN NULL; "
                                 "END$$",
                                 nth));
        daemon_->sql(fmt::format("CREATE TRIGGER stand_still AFTER INSERT ON {} FOR EACH ROW WHEN ({}) EXECUTE "
                                 "FUNCTION stand_still()",
                                 table, when));
    }
    static bool is_held_up(int nth)
    {
        return one(fmt::format("SELECT is_called AND last_value >= {} FROM arrivals", nth)) == "t";
    }
    static void release()
    {
        daemon_->sql("UPDATE hold SET released = true");
        daemon_->sql("DROP FUNCTION stand_still CASCADE; DROP SEQUENCE arrivals; DROP TABLE hold");
    }

    static std::string written(const std::string& name, const json& document)
    {
        const auto file = daemon_->state() / name;
        std::ofstream(file) << document.dump();
        return file.string();
    }
    /// The server process that holds this lock ends, as a failing database would end it.
    static void cut_off_who_locks(const std::string& table, const std::string& mode)
    {
        EXPECT_EQ(daemon_
                      ->sql(fmt::format("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE relation = "
                                        "'{}'::regclass AND mode = '{}' AND granted",
                                        table, mode),
                            "huiyin_app")
                      .size(),
                  1u);
    }
    /// Its status; 0 where the daemon was gone before it answered.
    static int status_of(std::future<answer>& asked)
    {
        try {
            return asked.get().status;
        } catch (const std::runtime_error&) {
            return 0;
        }
    }
    static void sound()
    {
        for (const auto* tool : {"verify-journal", "doctor"}) {
            command_outcome told;
            // The scanner may still owe what has just come due.
            EXPECT_TRUE(eventually([&] {
                told = daemon_->run_command(tool == std::string("doctor")
                                                ? std::vector<std::string>{tool, "--at", to_rfc3339(daemon_->now())}
                                                : std::vector<std::string>{tool});
                return told.status == 0;
            })) << told.output;
        }
        const auto rebuilt = daemon_->run_command({"rebuild", "--check"});
        EXPECT_EQ(rebuilt.status, 0) << rebuilt.output;
    }

    static std::unique_ptr<daemon_process> daemon_;
};

std::unique_ptr<daemon_process> Recovery::daemon_;

/// `huiyin WORDS…` with nobody at its other end.
class command
{
public:
    command(const daemon_process& beside, std::vector<std::string> words)
    {
        words.insert(words.begin(), HUIYIN_BINARY);
        for (const auto& each : {std::string("--config"), (beside.state().parent_path() / "huiyin.toml").string(),
                                 std::string("--state"), beside.state().string()})
            words.push_back(each);
        std::vector<char*> argv;
        for (auto& each : words)
            argv.push_back(each.data());
        argv.push_back(nullptr);
        const auto parent = getpid();
        pid_ = fork();
        if (pid_ < 0) throw std::runtime_error("fork");
        if (pid_ > 0) return;
        // Only async-signal-safe calls from here on.
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) _exit(126);
        execv(argv[0], argv.data());
        _exit(127);
    }
    ~command()
    {
        if (pid_ > 0) kill9();
    }
    command(const command&) = delete;
    command& operator=(const command&) = delete;
    /// The signal that ended it; 0 where it had ended by itself.
    int kill9()
    {
        ::kill(pid_, SIGKILL);
        int waited = 0;
        waitpid(std::exchange(pid_, -1), &waited, 0);
        return WIFSIGNALED(waited) ? WTERMSIG(waited) : 0;
    }

private:
    pid_t pid_ = -1;
};

/// Of everything that a pack is about.
std::vector<std::string> organisation(const daemon_process& of)
{
    std::vector<std::string> all;
    for (const auto* table :
         {"user_account t", "user_role t", "department t", "department_member t", "pack t", "calendar_year t",
          "(SELECT id, kind, at, subject, subject_version, data FROM event WHERE kind LIKE "
          "'user.%' OR kind LIKE 'department.%' OR kind IN ('pack.applied', 'calendar.loaded')) t"})
        all.push_back(
            of.sql(fmt::format("SELECT count(*) || md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {}", table))
                .at(0)
                .at(0));
    return all;
}

TEST_F(Recovery, APackWhoseCommandIsKilledBeforeItsCommitLeavesNothing)
{
    auto pack = config_file("packs/newspaper.json");
    pack["users"][0]["name"] = "管理";
    pack["users"].push_back({{"login", "new.one"},
                             {"name", "新人"},
                             {"language", "zh-TW"},
                             {"roles", {"department_handler"}},
                             {"handles", {"station_west"}}});
    pack["departments"][4]["name"]["en"] = "Eastern station";
    pack["fallback"] = "main_station";
    auto days = config_file("calendars/cn-2026.json");
    days["source"] = "another";
    const auto file = written("changed_pack.json", pack), calendar = written("changed_calendar.json", days);
    const std::vector<std::string> words{"pack", "apply", file, "--calendar", calendar, "--accounts"};
    const auto before = organisation(*daemon_);

    // The rules are written last.
    hold_up("pack", "true", 1);
    {
        command applying(*daemon_, words);
        ASSERT_TRUE(eventually([] { return is_held_up(1); }));
        EXPECT_EQ(applying.kill9(), SIGKILL);
    }
    daemon_->sql("UPDATE hold SET released = true");
    daemon_->sql("BEGIN; LOCK TABLE pack IN ACCESS EXCLUSIVE MODE; COMMIT"); // until its transaction has ended
    EXPECT_EQ(organisation(*daemon_), before);
    release();

    const auto again = daemon_->run_command(words);
    EXPECT_EQ(again.status, 0) << again.output;
    const auto after = organisation(*daemon_);
    for (std::size_t i = 0; i < before.size(); ++i)
        EXPECT_NE(after[i], before[i]) << i;
    const auto foreseen = daemon_->run_command({"pack", "apply", file, "--calendar", calendar, "--dry-run"});
    EXPECT_THAT(foreseen.output, HasSubstr("nothing would change"));
    EXPECT_EQ(organisation(*daemon_), after);
    // As the other tests expect it.
    EXPECT_EQ(daemon_
                  ->run_command({"pack", "apply", written("pack.json", config_file("packs/newspaper.json")),
                                 "--calendar", written("calendar.json", config_file("calendars/cn-2026.json"))})
                  .status,
              0);
    sound();
}

TEST_F(Recovery, ARecountInWhichTheDaemonIsKilledIsFinishedOnceForEachTicket)
{
    person officer(*daemon_, "zhao.min");
    constexpr int tickets = 12, held_up = 6;
    for (int i = 0; i < tickets; ++i) {
        const auto taken =
            complain(*daemon_, {{"contact", {{"name", "订户"}, {"phone", fmt::format("139000001{:02}", i)}}},
                                {"category", "carrier_conduct"},
                                {"problem", "投递员态度不好"},
                                {"fields", {{"district", "east"}}}});
        ASSERT_EQ(taken.status, 201) << taken.raw.body;
        const auto id = ticket_id_of(officer, taken.body.at("number").get<std::string>());
        ASSERT_EQ(officer.act(id, "classification", {{"category", "carrier_conduct"}}).status, 201);
        ASSERT_EQ(officer.act(id, "dispatch").status, 201);
    }
    const auto recounted = [&](const std::string& by) {
        return column(fmt::format("SELECT marks || ' x ' || count(*) FROM (SELECT count(e.id) AS marks FROM ticket t "
                                  "LEFT JOIN event e ON e.subject = t.id AND e.kind = 'ticket.clocks_recounted' AND "
                                  "e.data ? '{}' GROUP BY t.id) AS m GROUP BY marks ORDER BY marks",
                                  by));
    };
    const auto killed_in_the_middle = [&](const std::vector<std::string>& apply, const std::string& by,
                                          const std::string& told) {
        const auto done = [&] { return one("SELECT count(*) FROM event WHERE kind = '" + told + "'"); };
        const auto before = std::stoi(done());
        hold_up("event", "NEW.kind = 'ticket.clocks_recounted'", held_up);
        const auto applied = daemon_->run_command(apply);
        ASSERT_EQ(applied.status, 0) << applied.output;
        ASSERT_TRUE(eventually([&] { return is_held_up(held_up); }));
        EXPECT_THAT(recounted(by),
                    ElementsAre(fmt::format("0 x {}", tickets - held_up + 1), fmt::format("1 x {}", held_up - 1)))
            << "the one that is held up is not there yet";
        daemon_->kill9();
        daemon_->restart();
        release();
        ASSERT_TRUE(eventually([&] { return std::stoi(done()) > before; }));
        EXPECT_EQ(std::stoi(done()), before + 1);
        EXPECT_THAT(recounted(by), ElementsAre(fmt::format("1 x {}", tickets)));
        EXPECT_THAT(column("SELECT DISTINCT due_at FROM ticket_deadline WHERE kind = 'resolve'"), ::testing::SizeIs(1));
        sound();
    };

    auto days = config_file("calendars/cn-2026.json");
    days["off"].push_back("03-03/03-04");
    const auto pack = config_file("packs/newspaper.json");
    killed_in_the_middle({"pack", "apply", written("pack.json", pack), "--calendar", written("days.json", days)},
                         "calendar", "calendar.recounted");
    if (HasFatalFailure()) return;
    EXPECT_THAT(column("SELECT name FROM counted_calendar WHERE next IS NOT NULL"), IsEmpty());
}

TEST_F(Recovery, RulesWhosePublishingIsCutOffAreNotThere)
{
    person admin(*daemon_, "admin");
    const auto version = admin.get("/api/v1/rules").body.at("version").get<int>();
    const json change{
        {"categories", {{{"code", "missed_copy"}, {"targets", {{"accept", "77m station"}}}}}},
        {"calendar_years",
         {{{"calendar", "cn"}, {"year", 2031}, {"off", {"01-01"}}, {"work", json::array()}, {"source", "notice"}}}}};
    const auto publish = [&] {
        return admin.post("/api/v1/rules", change, {{"If-Match", fmt::format("\"{}\"", version)}});
    };
    const auto before = organisation(*daemon_);

    hold_up("event", "NEW.kind = 'pack.applied'", 1);
    auto asked = std::async(std::launch::async, publish);
    ASSERT_TRUE(eventually([] { return is_held_up(1); }));
    cut_off_who_locks("pack", "ShareRowExclusiveLock");
    const auto refused = asked.get();
    EXPECT_EQ(refused.status, 503) << refused.raw.body;
    EXPECT_FALSE(refused.code().empty());
    EXPECT_FALSE(refused.raw.header("retry-after").empty());
    EXPECT_EQ(organisation(*daemon_), before) << "neither rules nor calendar nor event";
    release();

    hold_up("event", "NEW.kind = 'pack.applied'", 1);
    asked = std::async(std::launch::async, publish);
    ASSERT_TRUE(eventually([] { return is_held_up(1); }));
    daemon_->kill9();
    EXPECT_NE(status_of(asked), 201);
    daemon_->restart();
    release();
    EXPECT_EQ(organisation(*daemon_), before);

    const auto done = publish();
    EXPECT_EQ(done.status, 201) << done.raw.body;
    EXPECT_EQ(admin.get("/api/v1/rules").body.at("version"), version + 1);
    EXPECT_EQ(one("SELECT count(*) FROM calendar_year WHERE year = 2031"), "1");
    sound();
}

TEST_F(Recovery, AnEditionWhosePublishingIsCutOffIsStillInReview)
{
    person officer(*daemon_, "zhao.min"), supervisor(*daemon_, "qian.li");
    auto item = officer.post("/api/v1/knowledge",
                             {{"kind", "notice"}, {"words", {{"zh-CN", {{"title", "暴雨"}, {"body", "今天不投递"}}}}}});
    ASSERT_EQ(item.status, 201) << item.raw.body;
    const auto at = "/api/v1/knowledge/" + item.body.at("id").get<std::string>();
    item = officer.post(at + "/submission", json::object(), {{"If-Match", item.raw.header("etag")}});
    ASSERT_EQ(item.status, 200) << item.raw.body;
    const auto publish = [&] {
        return supervisor.post(at + "/review", {{"approved", true}}, {{"If-Match", item.raw.header("etag")}});
    };
    const auto is_in_review = [&] {
        EXPECT_EQ(one("SELECT state || ' ' || num_nonnulls(reviewer, reviewed_at) FROM knowledge_edition"), "review 0");
        EXPECT_EQ(one("SELECT version || ' ' || (published IS NULL) FROM knowledge_item"), "2 true");
        EXPECT_EQ(one("SELECT count(*) FROM notice WHERE kind = 'knowledge.notice'"), "0");
        EXPECT_EQ(one("SELECT count(*) FROM event WHERE kind = 'knowledge.published'"), "0");
    };

    hold_up("event", "NEW.kind = 'knowledge.published'", 1);
    auto asked = std::async(std::launch::async, publish);
    ASSERT_TRUE(eventually([] { return is_held_up(1); }));
    cut_off_who_locks("knowledge_item", "RowExclusiveLock");
    const auto refused = asked.get();
    EXPECT_EQ(refused.status, 503) << refused.raw.body;
    EXPECT_FALSE(refused.raw.header("retry-after").empty());
    is_in_review();
    release();

    hold_up("event", "NEW.kind = 'knowledge.published'", 1);
    asked = std::async(std::launch::async, publish);
    ASSERT_TRUE(eventually([] { return is_held_up(1); }));
    daemon_->kill9();
    EXPECT_NE(status_of(asked), 200);
    daemon_->restart();
    release();
    is_in_review();

    const auto done = publish();
    ASSERT_EQ(done.status, 200) << done.raw.body;
    EXPECT_EQ(done.body.at("edition").at("state"), "published");
    EXPECT_NE(one("SELECT count(*) FROM notice WHERE kind = 'knowledge.notice'"), "0");
    sound();
}

} // namespace
} // namespace huiyin::test
