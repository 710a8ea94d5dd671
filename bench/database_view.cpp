#include "replay_lib.hpp"

#include <fmt/format.h>

#include <charconv>
#include <functional>
#include <libpq-fe.h>
#include <memory>

namespace huiyin::bench {

namespace {

/// Plain libpq on purpose: the daemon's own driver is among the things that are put to the test.
class session
{
public:
    explicit session(const std::string& url) : connection_(PQconnectdb(url.c_str()), PQfinish) {}

    bool connected() const { return PQstatus(connection_.get()) == CONNECTION_OK; }
    std::string complaint() const { return PQerrorMessage(connection_.get()); }

    /// Calls `each` with every row; false when the statement failed.
    bool query(const char* sql, const std::vector<std::string>& values,
               const std::function<void(const std::vector<std::string_view>&)>& each)
    {
        std::vector<const char*> pointers;
        for (const auto& value : values)
            pointers.push_back(value.c_str());
        const std::unique_ptr<PGresult, void (*)(PGresult*)> found(
            PQexecParams(connection_.get(), sql, static_cast<int>(pointers.size()), nullptr, pointers.data(), nullptr,
                         nullptr, 0),
            PQclear);
        if (PQresultStatus(found.get()) != PGRES_TUPLES_OK) return false;
        std::vector<std::string_view> row(static_cast<std::size_t>(PQnfields(found.get())));
        for (int r = 0; r < PQntuples(found.get()); ++r) {
            for (std::size_t c = 0; c < row.size(); ++c)
                row[c] = PQgetvalue(found.get(), r, static_cast<int>(c));
            each(row);
        }
        return true;
    }

private:
    std::unique_ptr<PGconn, void (*)(PGconn*)> connection_;
};

std::size_t number(std::string_view text)
{
    std::size_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

} // namespace

result<database_view> view_database(const std::string& url, const std::string& schema, const std::string& run)
{
    session db(url);
    const auto refused = [&] { return fail(errc::unavailable, db.complaint()); };
    if (!db.connected()) return refused();
    if (!db.query("SELECT set_config('search_path', $1, false)", {schema}, [](const auto&) {})) return refused();

    database_view seen;
    const bool read =
        db.query(R"sql(
            SELECT substring(x.body FROM '\[(' || $1 || '-[0-9]{6})\]$'), t.number
              FROM ticket t JOIN text x ON x.id = (t.problem ->> 'text')::uuid
             WHERE x.body ~ ('\[' || $1 || '-[0-9]{6}\]$'))sql",
                 {run}, [&](const auto& row) { seen.tickets[std::string(row[0])].emplace_back(row[1]); }) &&
        db.query("SELECT number FROM ticket", {}, [&](const auto& row) { seen.numbers.emplace(row[0]); }) &&
        db.query("SELECT receipt_id FROM parked", {}, [&](const auto& row) { seen.parked.emplace(row[0]); }) &&
        db.query("SELECT count(*), coalesce(sum(1 + repeats), 0) FROM receipt WHERE account = 'public'", {},
                 [&](const auto& row) {
                     seen.receipts = number(row[0]);
                     seen.received = number(row[1]);
                 }) &&
        db.query("SELECT visible, parked, repeats FROM account_ledger WHERE account = 'public'", {},
                 [&](const auto& row) {
                     seen.visible = number(row[0]);
                     seen.parked_count = number(row[1]);
                     seen.repeats = number(row[2]);
                 });
    if (!read) return refused();
    return seen;
}

} // namespace huiyin::bench
