#include "stream_store.hpp"

namespace huiyin::journal {

namespace {

constexpr pg::statement find_frames{"journal.frames", R"sql(
    SELECT p.pos, e.kind, e.subject, e.subject_version, e.departments, e.assignee, e.confidential
      FROM event_pos p JOIN event e ON e.seq = p.seq
     WHERE p.pos > $1
     ORDER BY p.pos LIMIT $2)sql"};

} // namespace

task<result<std::vector<std::shared_ptr<const frame>>>> read_frames(const runner& on, std::int64_t after,
                                                                    std::size_t limit)
{
    auto rows = co_await on(find_frames, pg::params(after, limit));
    if (!rows) co_return fail(rows.error());
    std::vector<std::shared_ptr<const frame>> frames;
    frames.reserve(rows->size());
    for (const auto row : *rows) {
        auto each = std::make_shared<frame>();
        each->pos = row.get<std::int64_t>(0);
        each->kind = row.get<std::string>(1);
        each->subject = row.get<uuid>(2);
        each->version = row.get<std::int64_t>(3);
        each->audience.departments = row.get<std::vector<department_id>>(4);
        each->audience.assignee = row.get<std::optional<user_id>>(5);
        each->audience.confidential = row.get<bool>(6);
        frames.push_back(std::move(each));
    }
    co_return frames;
}

} // namespace huiyin::journal
