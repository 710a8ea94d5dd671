#include "seal_store.hpp"

namespace huiyin::journal {

namespace {

// Times as seconds since 1970 with six digits, which no session setting changes.
constexpr pg::statement find_content{"journal.content", R"sql(
    SELECT p.pos::text, e.seq::text, e.xid::text, e.id::text, extract(epoch FROM e.at)::text,
           extract(epoch FROM e.recorded_at)::text, e.kind, e.subject::text, e.subject_version::text, e.actor_kind,
           e.actor::text, e.departments::text, e.assignee::text, e.confidential::text, e.data::text,
           p.pos
      FROM event_pos p LEFT JOIN event e ON e.seq = p.seq
     WHERE p.pos > $1 AND p.pos <= $2
     ORDER BY p.pos LIMIT $3)sql"};

constexpr pg::statement find_seals{"journal.seals_after", R"sql(
    SELECT number, first_pos, last_pos, mac FROM seal WHERE number > $1 AND number <= $2 ORDER BY number LIMIT 250)sql"};
constexpr pg::statement find_last_seals{"journal.last_seals", R"sql(
    SELECT number, first_pos, last_pos, mac FROM seal ORDER BY number DESC LIMIT 2)sql"};

constexpr pg::statement insert_seal{"journal.seal", R"sql(
    INSERT INTO seal (number, first_pos, last_pos, mac)
    SELECT $1::bigint, $2::bigint, $3::bigint, $4::bytea FROM duty_lease WHERE name = $5 AND fence = $6)sql"};

std::vector<seal> to_seals(const pg::rows& rows)
{
    std::vector<seal> seals;
    for (const auto row : rows) {
        seal each{row.get<std::int64_t>(0), row.get<std::int64_t>(1), row.get<std::int64_t>(2), {}};
        // A mac of another length (its constraint dropped) stays zero and is found broken.
        const auto mac = row.get<std::vector<std::uint8_t>>(3);
        if (mac.size() == each.mac.size()) std::ranges::copy(mac, each.mac.begin());
        seals.push_back(each);
    }
    return seals;
}

} // namespace

task<result<pg::rows>> read_content(const runner& on, std::int64_t after, std::int64_t up_to)
{
    co_return co_await on(find_content, pg::params(after, up_to, content_page));
}

task<result<range_digests>> read_digests(const runner& on, std::int64_t first, std::int64_t last)
{
    range_digests found;
    for (auto after = first - 1; after < last;) {
        auto page = co_await read_content(on, after, last);
        if (!page) co_return fail(page.error());
        if (page->empty()) break;
        for (const auto row : *page) {
            const auto digest = digest_of(row, content::sealed_columns);
            found.digests.append(reinterpret_cast<const char*>(digest.data()), digest.size());
            if (row.is_null(content::seq)) ++found.events_missing;
            after = row.get<std::int64_t>(content::pos);
            ++found.rows;
        }
    }
    co_return found;
}

task<result<std::vector<seal>>> read_seals_after(const runner& on, std::int64_t number, std::int64_t up_to_number)
{
    auto rows = co_await on(find_seals, pg::params(number, up_to_number));
    if (!rows) co_return fail(rows.error());
    co_return to_seals(*rows);
}

task<result<std::vector<seal>>> read_last_seals(const runner& on)
{
    auto rows = co_await on(find_last_seals, {});
    if (!rows) co_return fail(rows.error());
    co_return to_seals(*rows);
}

task<result<void>> add_seal(const runner& on, std::int64_t fence, const seal& made)
{
    auto rows =
        co_await on(insert_seal, pg::params(made.number, made.first_pos, made.last_pos, made.mac, sealer_duty, fence));
    if (!rows) co_return fail(rows.error());
    if (rows->affected() == 0) co_return fail(errc::wrong_state, "the duty has changed hands");
    co_return result<void>{};
}

} // namespace huiyin::journal
