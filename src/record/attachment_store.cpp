#include <huiyin/base/text.hpp>
#include <huiyin/record/attachment_store.hpp>

#include <algorithm>

namespace huiyin::record {

namespace {

using namespace std::chrono_literals;

constexpr auto orphan_life = 24h;

constexpr pg::statement insert_attachment{"record.insert_attachment", R"sql(
    INSERT INTO attachment (id, name, content_type, size, sha256, created_at) VALUES ($1, $2, $3, $4, $5, $6))sql"};

constexpr pg::statement insert_chunk{"record.insert_chunk",
                                     "INSERT INTO attachment_chunk (attachment_id, n, bytes) VALUES ($1, $2, $3)"};

constexpr pg::statement find_statement{"record.find_attachable", R"sql(
    SELECT id FROM attachment
     WHERE id = ANY ($1::uuid[]) AND entry_id IS NULL AND (created_at > $2 OR held_by IS NOT NULL))sql"};

constexpr pg::statement attach_statement{"record.attach", R"sql(
    UPDATE attachment a SET entry_id = q.entry_id, held_by = NULL
      FROM unnest($1::uuid[], $2::uuid[]) AS q(id, entry_id)
     WHERE a.id = q.id AND a.entry_id IS NULL)sql"};

constexpr pg::statement hold_statement{"record.hold_attachments", R"sql(
    UPDATE attachment SET held_by = $2 WHERE id = ANY ($1::uuid[]) AND entry_id IS NULL)sql"};

constexpr pg::statement load_statement{"record.load_attachment", R"sql(
    SELECT a.id, a.entry_id, e.customer_id, e.ticket_id, a.name, a.content_type, a.size, a.sha256
      FROM attachment a JOIN entry e ON e.id = a.entry_id WHERE a.id = $1)sql"};

constexpr pg::statement read_statement{"record.read_chunk", R"sql(
    SELECT c.bytes FROM attachment_chunk c JOIN attachment a ON a.id = c.attachment_id
     WHERE c.attachment_id = $1 AND c.n = $2 AND a.entry_id IS NOT NULL)sql"};

// Index attachment_orphan. A chunk goes with its attachment.
constexpr pg::statement sweep_statement{"record.sweep_attachments", R"sql(
    DELETE FROM attachment WHERE id IN (
        SELECT id FROM attachment WHERE entry_id IS NULL AND held_by IS NULL AND created_at <= $1
         ORDER BY created_at, id LIMIT 100 FOR UPDATE SKIP LOCKED))sql"};

} // namespace

task<result<attachment_id>> upload(pg::database& to, std::string name, std::string content_type, std::string bytes,
                                   instant now)
{
    if (bytes.size() > attachment_limit) co_return fail(errc::body_too_large, "attachment");
    if (!is_storable_utf8(name) || !is_storable_utf8(content_type))
        co_return fail(errc::invalid_utf8, "attachment name");
    const auto id = attachment_id::make();
    const auto made = co_await to.run(insert_attachment,
                                      pg::params(id, first_code_points(name, 255), first_code_points(content_type, 255),
                                                 bytes.size(), sha256(bytes), now));
    if (!made) co_return fail(made.error());
    for (std::size_t at = 0, n = 0; at < bytes.size(); at += chunk_bytes, ++n) {
        const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data() + at);
        const std::span<const std::uint8_t> chunk(data, std::min(chunk_bytes, bytes.size() - at));
        const auto written = co_await to.run(insert_chunk, pg::params(id, n, chunk));
        if (!written) co_return fail(written.error());
    }
    co_return id;
}

void find_attachable(pg::batch& to, const std::vector<attachment_id>& ids, instant now)
{
    to.add(find_statement, pg::params(ids, now - orphan_life + 1h));
}

void attach(pg::batch& to, const std::vector<std::pair<attachment_id, entry_id>>& what)
{
    if (what.empty()) return;
    std::vector<attachment_id> ids;
    std::vector<entry_id> entries;
    for (const auto& [id, entry] : what) {
        ids.push_back(id);
        entries.push_back(entry);
    }
    to.add(attach_statement, pg::params(ids, entries));
}

void hold(pg::batch& to, const std::vector<attachment_id>& ids, uuid holder)
{
    if (!ids.empty()) to.add(hold_statement, pg::params(ids, holder));
}

task<result<attachment>> load_attachment(pg::database& from, attachment_id id)
{
    const auto found = co_await from.run(load_statement, pg::params(id));
    if (!found) co_return fail(found.error());
    if (found->empty()) co_return fail(errc::not_found, "attachment");
    const auto row = found->front();
    attachment out{.id = row.get<attachment_id>(0),
                   .entry = row.get<entry_id>(1),
                   .customer = row.get<customer_id>(2),
                   .ticket = row.get<std::optional<ticket_id>>(3),
                   .name = row.get<std::string>(4),
                   .content_type = row.get<std::string>(5),
                   .size = row.get<std::int64_t>(6),
                   .sha256 = {}};
    std::ranges::copy(row.get<std::vector<std::uint8_t>>(7), out.sha256.begin());
    co_return out;
}

task<result<std::string>> read_chunk(pg::database& from, attachment_id id, std::size_t n)
{
    const auto found = co_await from.run(read_statement, pg::params(id, n));
    if (!found) co_return fail(found.error());
    if (found->empty()) co_return fail(errc::not_found, "attachment chunk");
    const auto bytes = found->front().get<std::vector<std::uint8_t>>(0);
    co_return std::string(bytes.begin(), bytes.end());
}

task<result<std::size_t>> sweep_attachments(pg::database& in, instant now)
{
    const auto gone = co_await in.run(sweep_statement, pg::params(now - orphan_life));
    if (!gone) co_return fail(gone.error());
    co_return gone->affected();
}

} // namespace huiyin::record
