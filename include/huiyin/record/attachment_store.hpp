#pragma once

#include <huiyin/base/crypto.hpp>
#include <huiyin/base/id.hpp>
#include <huiyin/base/time.hpp>
#include <huiyin/pg/database.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace huiyin::record {

constexpr std::size_t chunk_bytes = 256 * 1024;
constexpr std::size_t attachment_limit = 25 * 1024 * 1024;

struct attachment
{
    attachment_id id;
    entry_id entry;
    customer_id customer;
    std::optional<ticket_id> ticket;
    std::string name;
    std::string content_type;
    std::int64_t size = 0;
    sha256_digest sha256{};

    std::size_t chunks() const { return (static_cast<std::size_t>(size) + chunk_bytes - 1) / chunk_bytes; }
};

/// Writes the bytes, each chunk in a transaction of its own, so that the one that accepts the contact stays short.
/// Nobody can reach it until `attach` runs there; `sweep` removes what never was. Errors: `body_too_large` beyond 25
/// MiB, `invalid_utf8` (name or type), those of the database.
task<result<attachment_id>> upload(pg::database& to, std::string name, std::string content_type, std::string bytes,
                                   instant now);

/// Which of these may still be attached: there, not yet attached, not about to be swept.
void find_attachable(pg::batch& to, const std::vector<attachment_id>& ids, instant now);

/// Makes them reachable; one statement.
void attach(pg::batch& to, const std::vector<std::pair<attachment_id, entry_id>>& what);

/// Keeps those of a parked contact from being swept until it is accepted or erased.
void hold(pg::batch& to, const std::vector<attachment_id>& ids, uuid holder);

/// `not_found` also before it is attached.
task<result<attachment>> load_attachment(pg::database& from, attachment_id id);
/// Chunk `n` from 0, at most `chunk_bytes`. `not_found` alike.
task<result<std::string>> read_chunk(pg::database& from, attachment_id id, std::size_t n);

/// Removes attachments that nobody took within a day; answers how many. At most 100 per call.
task<result<std::size_t>> sweep_attachments(pg::database& in, instant now);

} // namespace huiyin::record
