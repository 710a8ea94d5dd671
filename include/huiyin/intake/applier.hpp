#pragma once

#include <huiyin/async/task_group.hpp>
#include <huiyin/base/metrics.hpp>
#include <huiyin/base/time.hpp>
#include <huiyin/pg/database.hpp>
#include <huiyin/ticket/ticket_service.hpp>

#include <chrono>
#include <optional>
#include <string>

namespace huiyin::intake {

struct inbox_row;

/// Applies what the door left for existing tickets, each under its ticket's lock. One per reactor; any number at once
/// is harmless, since a row's key in the ticket's transaction is taken once. What a crash leaves is found again.
class applier
{
public:
    applier(executor on, pg::database& db, ticket::ticket_service& tickets, const clock& time,
            metrics::registry& metrics);

    /// Applies all that waits now, the oldest first; answers how many rows were settled. A ticket's refusal settles its
    /// row, too: the entry stays on record, and the row says why. Errors: those of the database; the rest waits on.
    task<result<std::size_t>> apply_waiting();

    /// Applies the one act that this receipt is of, unless that was done, and says what became of it: "applied", or the
    /// slug of the ticket's refusal. Errors: not_found where the receipt is of no act; those of the database, after
    /// which the act waits on.
    task<result<std::string>> settle(receipt_id receipt);

    /// Looks whenever told, and every `pace` for what others left. Put it into a task_group.
    task<> run(std::chrono::milliseconds pace);
    void wake()
    {
        woken_ = true;
        wake_.cancel();
    }

private:
    task<result<std::string>> apply(inbox_row row);
    task<result<void>> perform(const inbox_row& row, domain::command what, std::optional<int> about_round);

    pg::database& db_;
    ticket::ticket_service& tickets_;
    const clock& clock_;
    metrics::counter applied_;
    metrics::counter refused_;
    steady_timer wake_;
    bool woken_ = false;
};

} // namespace huiyin::intake
