#include "pg_fixture.hpp"

#include <huiyin/base/crypto.hpp>
#include <huiyin/base/log.hpp>
#include <huiyin/pg/cluster.hpp>
#include <huiyin/pg/migrator.hpp>

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <libpq-fe.h>
#include <memory>
#include <unistd.h>

namespace huiyin::test {

namespace {

using namespace std::chrono_literals;

/// `url` for another role (where one is named) and database.
std::string with_database(const std::string& url, const std::string& role, const std::string& database)
{
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> parsed(PQconninfoParse(url.c_str(), nullptr),
                                                                              &PQconninfoFree);
    if (!parsed) throw std::runtime_error("the URL of the test database cannot be parsed");
    std::string changed = "dbname=" + database;
    if (!role.empty()) changed += " user=" + role;
    for (const auto* each = parsed.get(); each->keyword; ++each) {
        const std::string_view keyword = each->keyword;
        if (!each->val || keyword == "dbname" || (keyword == "user" && !role.empty())) continue;
        changed += fmt::format(" {}='", keyword);
        for (const char c : std::string_view(each->val)) {
            if (c == '\'' || c == '\\') changed += '\\';
            changed += c;
        }
        changed += '\'';
    }
    return changed;
}

/// One per test program, from the first test that needs it to the end.
class server
{
public:
    server()
    {
        if (!start_crypto()) throw std::runtime_error("libsodium does not start");
        // Tests provoke failures by the dozen; HUIYIN_TEST_LOG shows what was logged about them.
        log::start(std::getenv("HUIYIN_TEST_LOG") ? log::level::debug : log::level::error, log::format::text);
        if (const char* given = std::getenv("HUIYIN_TEST_DATABASE")) {
            superuser_ = given;
            for (const std::string role : {"huiyin_owner", "huiyin_app"})
                if (execute(superuser_, "SELECT 1 FROM pg_roles WHERE rolname = '" + role + "'").empty())
                    execute(superuser_, "CREATE ROLE " + role);
        } else {
            auto name = (std::filesystem::temp_directory_path() / "huiyin-test-XXXXXX").string();
            if (!mkdtemp(name.data())) throw std::runtime_error("no temporary folder can be made");
            folder_ = name;
            pg::cluster_settings settings;
            settings.folder = folder_;
            settings.durable = false;
            auto started = pg::cluster::start(std::move(settings));
            if (!started) throw std::runtime_error("the test cluster: " + started.error().detail);
            cluster_ = std::move(*started);
            superuser_ = cluster_->superuser_url();
        }
    }
    ~server()
    {
        if (!cluster_ && !template_.empty())
            execute(superuser_, "DROP DATABASE IF EXISTS " + template_ + " WITH (FORCE)");
        cluster_.reset();
        std::error_code none;
        if (!folder_.empty()) std::filesystem::remove_all(folder_, none);
    }
    server(const server&) = delete;
    server& operator=(const server&) = delete;

    static server& instance()
    {
        static server only;
        return only;
    }

    /// On a server that is not ours nobody can log in as our roles, but its superuser can become them.
    std::string url(const std::string& role, const std::string& database) const
    {
        if (cluster_ || role.empty()) return with_database(superuser_, role, database);
        return with_database(superuser_, "", database) + " options='-c role=" + role + "'";
    }

    std::string create_database(bool migrated)
    {
        if (migrated && template_.empty()) make_template();
        const auto name = fmt::format("huiyin_test_{}_{}", getpid(), ++made_);
        auto create = "CREATE DATABASE " + name + " OWNER huiyin_owner";
        if (migrated) create += " TEMPLATE " + template_;
        execute(superuser_, create);
        return name;
    }

    void drop_database(const std::string& name) { execute(superuser_, "DROP DATABASE " + name + " WITH (FORCE)"); }

    static pg::rows execute(const std::string& url, const std::string& text)
    {
        const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(url.c_str()), &PQfinish);
        if (PQstatus(connection.get()) != CONNECTION_OK) throw std::runtime_error(PQerrorMessage(connection.get()));
        PQsetNoticeProcessor(connection.get(), [](void*, const char*) {}, nullptr);
        const std::unique_ptr<PGresult, decltype(&PQclear)> set(
            PQexec(connection.get(), "SET search_path = huiyin, public; SET timezone = 'UTC'"), &PQclear);
        std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection.get(), text.c_str()), &PQclear);
        const auto status = PQresultStatus(result.get());
        if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
            throw std::runtime_error(PQerrorMessage(connection.get()));
        return pg::rows(result.release());
    }

private:
    void make_template()
    {
        const auto name = fmt::format("huiyin_test_{}_template", getpid());
        execute(superuser_, "CREATE DATABASE " + name + " OWNER huiyin_owner");
        pg::database_settings owner;
        owner.url = url("huiyin_owner", name);
        owner.acquire_within = owner.connect_within = patience;
        asio::io_context context(1);
        std::exception_ptr thrown;
        std::optional<result<pg::migration_report>> report;
        asio::co_spawn(context, pg::migrate(owner, "huiyin_app", pg::shipped_migrations()),
                       [&](std::exception_ptr e, result<pg::migration_report> r) {
                           thrown = e;
                           report = std::move(r);
                       });
        context.run();
        if (thrown || !*report) drop_database(name);
        if (thrown) std::rethrow_exception(thrown);
        if (!*report) throw std::runtime_error("the migrations: " + report->error().detail);
        template_ = name;
    }

    std::filesystem::path folder_;
    std::unique_ptr<pg::cluster> cluster_;
    std::string superuser_;
    std::string template_;
    int made_ = 0;
};

} // namespace

pg_fixture::pg_fixture(content with) : database_(server::instance().create_database(with == content::migrated)) {}

pg_fixture::~pg_fixture()
{
    try {
        server::instance().drop_database(database_);
    } catch (const std::exception& e) {
        ADD_FAILURE() << e.what();
    }
}

pg::database_settings pg_fixture::app_settings() const
{
    pg::database_settings settings;
    settings.url = server::instance().url("huiyin_app", database_);
    return settings;
}

pg::database_settings pg_fixture::owner_settings() const
{
    pg::database_settings settings;
    settings.url = server::instance().url("huiyin_owner", database_);
    return settings;
}

pg::rows pg_fixture::sql(const std::string& text)
{
    return server::execute(server::instance().url("huiyin_owner", database_), text);
}

pg::rows pg_fixture::superuser_sql(const std::string& text)
{
    return server::execute(server::instance().url("", database_), text);
}

void pg_fixture::run_until_done(task<> work)
{
    struct outcome
    {
        bool done = false;
        std::exception_ptr thrown;
    };
    // Shared, for a test that hangs leaves the coroutine behind.
    const auto end = std::make_shared<outcome>();
    asio::co_spawn(context, std::move(work), [this, end](std::exception_ptr thrown) {
        end->done = true;
        end->thrown = thrown;
        context.stop();
    });
    context.restart();
    context.run_for(patience);
    if (!end->done) throw std::runtime_error("hung");
    if (end->thrown) std::rethrow_exception(end->thrown);
}

} // namespace huiyin::test
