#pragma once

#include <huiyin/base/id.hpp>
#include <huiyin/base/time.hpp>
#include <huiyin/pg/database.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace huiyin::people {

using notice_id = id<struct notice_tag>;

/// Something waits for a user. The words are the console's; this is the kind and the place.
struct notice
{
    notice_id id = notice_id::make();
    user_id user;
    std::string kind; ///< "ticket.dispatched": a-z 0-9 _ . only.
    std::optional<ticket_id> ticket;
    instant at;
    std::optional<instant> read_at;
    std::string ticket_number{}; ///< Told by the inbox; the sender leaves it empty.
};

/// Adds the one statement that puts all of `notices` into their users' inboxes to a batch of the transaction that is
/// the reason for them. Nobody is told whose account is inactive.
void notify(pg::batch& to, const std::vector<notice>& notices);

/// What waits for one user, less what waits for his working hours (`not_before`). One per reactor.
class notice_inbox
{
public:
    notice_inbox(pg::database& db, const clock& time) : db_(db), clock_(time) {}

    /// Newest first; those before `before` (a notice's `at` and id); at most `limit` (1 to 200).
    struct place
    {
        instant at;
        notice_id id;
    };
    task<result<std::vector<notice>>> list(user_id user, std::optional<place> before, std::size_t limit);
    /// At most 100 are counted.
    task<result<std::size_t>> count_unread(user_id user);
    /// `not_found` where it is not his. A second time changes nothing.
    task<result<void>> mark_read(user_id user, notice_id id);
    /// All up to `until`.
    task<result<void>> mark_all_read(user_id user, instant until);

private:
    pg::database& db_;
    const clock& clock_;
};

} // namespace huiyin::people
