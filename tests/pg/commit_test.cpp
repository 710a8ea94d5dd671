// What becomes of a COMMIT whose answer never came.
#include "pg_test.hpp"

#include <huiyin/pg/cluster.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <unistd.h>

namespace huiyin::pg {
namespace {

using namespace std::chrono_literals;

using protocol = asio::local::stream_protocol;
using stream = asio::basic_stream_socket<protocol, executor>;
using acceptor = asio::basic_socket_acceptor<protocol, executor>;

enum class fault {
    none,
    /// The server does it, its answer is lost.
    lose_answer,
    /// It never arrives, the server is cut off.
    lose_question,
    /// Neither this nor anything later gets through, and both sides stay connected.
    go_silent,
    /// The server does it, its answer is lost, and another of its processes (`victim`) is killed: the postmaster then
    /// ends all of them and recovers. The client learns nothing before that has begun.
    lose_answer_in_crash,
};

/// Stands between a database and its server, and does `next` to the first message that names `trigger`.
class proxy
{
public:
    proxy(executor on, std::string server)
        : on_(on), server_(std::move(server)),
          folder_(std::filesystem::temp_directory_path() / ("huiyin-proxy-" + std::to_string(getpid()))), door_(on),
          group_(on)
    {
        std::filesystem::create_directory(folder_);
        const auto path = (folder_ / ".s.PGSQL.5432").string();
        std::filesystem::remove(path);
        door_.open();
        door_.bind(protocol::endpoint(path));
        door_.listen();
        group_.spawn("proxy.accept", accept());
    }
    ~proxy() { std::filesystem::remove_all(folder_); }

    std::string folder() const { return folder_.string(); }
    task<> stop() { return group_.stop(); }

    fault next = fault::none;
    std::string trigger = "pg.commit";
    pid_t victim = -1;
    int accepted = 0;

private:
    struct session
    {
        stream client;
        stream server;
        bool swallow_answer = false;
        bool crash = false;
        bool silent = false;
    };

    task<> accept()
    {
        for (;;) {
            auto [failed, client] = co_await door_.async_accept(asio::as_tuple(use_task));
            if (failed) co_return;
            ++accepted;
            auto both = std::make_shared<session>(session{std::move(client), stream(on_)});
            both->server.connect(protocol::endpoint(server_));
            group_.spawn("proxy.questions", questions(both));
            group_.spawn("proxy.answers", answers(both));
        }
    }

    task<> questions(std::shared_ptr<session> s)
    {
        std::array<char, 65536> buffer;
        for (;;) {
            auto [failed, size] = co_await s->client.async_read_some(asio::buffer(buffer), asio::as_tuple(use_task));
            if (failed) break;
            if (next != fault::none && std::string_view(buffer.data(), size).contains(trigger)) {
                const auto now = std::exchange(next, fault::none);
                if (now == fault::lose_question) break;
                if (now == fault::lose_answer) s->swallow_answer = true;
                if (now == fault::lose_answer_in_crash) s->crash = true;
                if (now == fault::go_silent) s->silent = true;
            }
            if (s->silent) continue;
            co_await asio::async_write(s->server, asio::buffer(buffer, size), asio::as_tuple(use_task));
        }
        close(*s);
    }

    task<> answers(std::shared_ptr<session> s)
    {
        std::array<char, 65536> buffer;
        for (;;) {
            auto [failed, size] = co_await s->server.async_read_some(asio::buffer(buffer), asio::as_tuple(use_task));
            if (failed || s->swallow_answer) break;
            if (s->crash) {
                if (victim > 0) kill(std::exchange(victim, -1), SIGKILL);
                continue; // until the postmaster has ended this process, too
            }
            co_await asio::async_write(s->client, asio::buffer(buffer, size), asio::as_tuple(use_task));
        }
        close(*s);
    }

    static void close(session& s)
    {
        boost::system::error_code none;
        s.client.close(none);
        s.server.close(none);
    }

    executor on_;
    std::string server_;
    std::filesystem::path folder_;
    acceptor door_;
    task_group group_;
};

constexpr statement add_item{"item.add", "INSERT INTO item (name) VALUES ($1) RETURNING name"};
constexpr statement count_items{"item.count", "SELECT count(*) FROM item", 3s};

class CommitTest : public test::pg_fixture
{
public:
    CommitTest() : pg_fixture(content::empty)
    {
        sql("CREATE SCHEMA huiyin; CREATE TABLE huiyin.item (name text PRIMARY KEY); GRANT USAGE ON SCHEMA huiyin TO "
            "huiyin_app; GRANT SELECT, INSERT ON huiyin.item TO huiyin_app");
        auto socket = superuser_sql("SELECT btrim(current_setting('unix_socket_directories'), '\"') || '/.s.PGSQL.' || "
                                    "current_setting('port')")
                          .front()
                          .get<std::string>(0);
        between.emplace(on(), std::move(socket));
        auto some = app_settings();
        // The last of repeated keywords counts.
        some.url += " host='" + between->folder() + "' port=5432";
        db.emplace(on(), some, metrics);
    }
    ~CommitTest() override
    {
        run(db->close());
        run(between->stop());
    }
    std::vector<std::string> items()
    {
        std::vector<std::string> names;
        for (const auto each : sql("SELECT name FROM item ORDER BY name"))
            names.push_back(each.get<std::string>(0));
        return names;
    }

    std::optional<proxy> between;
    std::optional<database> db;
};

task<result<std::size_t>> add_and_commit(CommitTest& t, fault what, bool in_batch)
{
    auto tx = must(co_await t.db->begin());
    must(co_await tx.run(add_item, params("first")));
    t.between->next = what;
    if (!in_batch) {
        auto done = co_await tx.commit();
        if (!done) co_return fail(done.error());
        co_return 0;
    }
    batch last;
    last.add(add_item, params("second"));
    auto done = co_await tx.commit(std::move(last));
    if (!done) co_return fail(done.error());
    co_return done->size();
}

TEST_F(CommitTest, PassesThroughAProxyThatDoesNothing)
{
    EXPECT_EQ(must(run(add_and_commit(*this, fault::none, true))), 1u);
    EXPECT_EQ(items(), (std::vector<std::string>{"first", "second"}));
    EXPECT_EQ(between->accepted, 1);
}

TEST_F(CommitTest, ALostAnswerIsSettledAsCommitted)
{
    EXPECT_TRUE(run(add_and_commit(*this, fault::lose_answer, false)));
    EXPECT_EQ(items(), (std::vector<std::string>{"first"}));
    EXPECT_EQ(between->accepted, 2);
    EXPECT_TRUE(run(db->ping()));
    EXPECT_EQ(between->accepted, 2) << "the connection that settled it stays";
}

TEST_F(CommitTest, ALostAnswerToABatchIsSettledAsCommittedWithEmptyRows)
{
    EXPECT_EQ(must(run(add_and_commit(*this, fault::lose_answer, true))), 1u);
    EXPECT_EQ(items(), (std::vector<std::string>{"first", "second"}));
}

TEST_F(CommitTest, ACommitThatNeverArrivedIsSettledAsRolledBack)
{
    for (const bool in_batch : {false, true}) {
        EXPECT_EQ(failure(run(add_and_commit(*this, fault::lose_question, in_batch))).code, errc::unavailable);
        EXPECT_TRUE(items().empty());
    }
}

TEST_F(CommitTest, AFirstAndOnlyBatchIsSettledToo)
{
    const auto scene = [](CommitTest& t, fault what) -> task<result<std::vector<rows>>> {
        auto tx = must(co_await t.db->begin());
        t.between->next = what;
        batch only;
        only.add(add_item, params("only"));
        co_return co_await tx.commit(std::move(only));
    };
    EXPECT_FALSE(run(scene(*this, fault::lose_question)));
    EXPECT_TRUE(items().empty());
    EXPECT_TRUE(run(scene(*this, fault::lose_answer)));
    EXPECT_EQ(items(), (std::vector<std::string>{"only"}));
}

TEST_F(CommitTest, ReadingCommitsNothingAndHasNothingToSettle)
{
    const auto scene = [](CommitTest& t) -> task<result<void>> {
        auto tx = must(co_await t.db->begin());
        must(co_await tx.run(count_items));
        t.between->next = fault::lose_answer;
        co_return co_await tx.commit();
    };
    EXPECT_EQ(failure(run(scene(*this))).code, errc::unavailable);
    EXPECT_EQ(between->accepted, 1);
}

TEST_F(CommitTest, AWriteOfItsOwnWhoseAnswerIsLostIsUnknown)
{
    EXPECT_TRUE(run(db->run(add_item, params("first"))));
    between->trigger = "item.";
    between->next = fault::lose_answer;
    EXPECT_EQ(failure(run(db->run(add_item, params("second")))).code, errc::commit_unknown);
    EXPECT_EQ(items(), (std::vector<std::string>{"first", "second"}));
    between->next = fault::lose_answer;
    EXPECT_EQ(failure(run(db->run(count_items))).code, errc::unavailable);
}

TEST_F(CommitTest, AServerThatFallsSilentIsATimeout)
{
    EXPECT_TRUE(run(db->run(count_items)));
    between->trigger = "item.count";
    between->next = fault::go_silent;
    EXPECT_EQ(failure(run(db->run(count_items))).code, errc::timeout);
    EXPECT_TRUE(run(db->run(count_items)));
}

/// A server of its own, that makes everything durable: what is committed there survives a crash.
class BackendCrash : public test::pg_fixture
{
public:
    BackendCrash() : pg_fixture(content::empty)
    {
        auto name = (std::filesystem::temp_directory_path() / "huiyin-crash-XXXXXX").string();
        if (!mkdtemp(name.data())) throw std::runtime_error(name);
        folder = name;
        cluster_settings with;
        with.folder = folder;
        server = must(cluster::start(std::move(with)));
        settings.url = server->owner_url();
        database owner(on(), settings, metrics);
        must(run(owner.run(make_table)));
        run(owner.close());
        auto as_superuser = settings;
        as_superuser.url = server->superuser_url();
        database superuser(on(), as_superuser, metrics);
        const auto socket = must(run(superuser.run(where_it_listens))).front().get<std::string>(0);
        run(superuser.close());
        between.emplace(on(), socket);
        settings.url += " host='" + between->folder() + "' port=5432";
    }
    ~BackendCrash() override
    {
        run(between->stop());
        server.reset();
        std::error_code none;
        std::filesystem::remove_all(folder, none);
    }

    static constexpr statement make_table{"crash.make_table", "CREATE TABLE public.item (name text PRIMARY KEY)"};
    static constexpr statement where_it_listens{
        "crash.socket", "SELECT btrim(current_setting('unix_socket_directories'), '\"') || '/.s.PGSQL.5432'"};
    static constexpr statement add{"crash.add", "INSERT INTO public.item (name) VALUES ($1)"};
    static constexpr statement count{"crash.count", "SELECT count(*) FROM public.item"};
    static constexpr statement process{"crash.process", "SELECT pg_backend_pid()"};

    std::filesystem::path folder;
    std::unique_ptr<cluster> server;
    database_settings settings;
    std::optional<proxy> between;
};

TEST_F(BackendCrash, AtACommitIsKnownThoughThePostmasterLivesOn)
{
    database bystander(on(), settings, metrics), db(on(), settings, metrics);
    const auto postmaster = server->postmaster_pid();
    const auto scene = [](BackendCrash& t, database& other, database& one) -> task<result<void>> {
        t.between->victim = must(co_await other.run(process)).front().get<int>(0);
        auto tx = must(co_await one.begin());
        must(co_await tx.run(add, params("first")));
        t.between->next = fault::lose_answer_in_crash;
        co_return co_await tx.commit();
    };
    // It was committed, and its number is still its own; but a number that says "committed" after a crash may have been
    // given out twice, so nobody may rely on it.
    const auto told = failure(run(scene(*this, bystander, db)));
    EXPECT_EQ(told.code, errc::commit_unknown) << told.detail;
    EXPECT_EQ(told.detail, "the server has recovered from a crash meanwhile");
    EXPECT_EQ(between->victim, -1) << "the crash took place";
    EXPECT_EQ(server->postmaster_pid(), postmaster);
    EXPECT_TRUE(server->is_alive());
    EXPECT_EQ(must(run(db.run(count))).front().get<int>(0), 1);
    run(db.close());
    run(bystander.close());
}

TEST_F(CommitTest, AHostThatAcceptsAndStaysSilentIsPassedOver)
{
    const auto silent = std::filesystem::path(between->folder()) / "silent";
    std::filesystem::create_directory(silent);
    acceptor door(on(), protocol::endpoint((silent / ".s.PGSQL.5432").string()));
    auto some = app_settings();
    some.url += " host='" + silent.string() + "," + between->folder() + "' port=5432";
    some.connect_within = 3s;
    some.acquire_within = test::patience;
    database two_hosts(on(), some, metrics);
    EXPECT_TRUE(run(two_hosts.ping()));
    EXPECT_EQ(between->accepted, 1);
}

} // namespace
} // namespace huiyin::pg
