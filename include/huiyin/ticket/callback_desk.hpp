#pragma once

#include <huiyin/base/time.hpp>
#include <huiyin/domain/ticket.hpp>
#include <huiyin/ticket/configuration.hpp>
#include <huiyin/ticket/ticket_lists.hpp>
#include <huiyin/ticket/ticket_service.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace huiyin::ticket {

/// Somebody who is to be called.
struct due_callback
{
    domain::ticket ticket;
    std::string title; ///< First words of the problem.
    std::string customer_name;
    std::vector<party> contacts; ///< Given with this ticket; nothing where the reader may not know who it is.
    bool shows_customer = true;
    std::optional<named_user> agent; ///< To whom the callback belongs until `opens_at`.
    std::optional<instant> opens_at;
    bool exhausted = false; ///< Enough attempts have been made to give up.
    /// Why the reader cannot call now, by the rules that his attempt would meet.
    std::optional<error> refused;
};

/// An attempt or a verdict of today.
struct made_callback
{
    ticket_id ticket;
    std::string number;
    int n = 0;
    domain::callback_attempt attempt;
    std::optional<named_user> caller;
    std::string customer_name;
    bool shows_customer = true;
};

struct callback_place
{
    std::optional<instant> at;
    ticket_id ticket;
    int n = 0;
};

/// The plan's hours at one moment.
struct callback_hours
{
    domain::callback_plan plan;
    std::string time_zone;
    bool open = false;
    instant opens_at; ///< Now, where they are open.
};

struct callback_queue
{
    instant at;
    callback_hours hours;
    std::vector<due_callback> due;
    std::vector<made_callback> made;
    std::optional<callback_place> next;
};

enum class callback_part {
    now,   ///< Their time has come, the longest due first.
    later, ///< The next first.
    done,  ///< What was tried today, the latest first.
};

/// The callback desk's queue; at most 100 at a time. For whoever may call back, otherwise not_found.
task<result<callback_queue>> list_callbacks(pg::database& db, configurations& rules, callback_part part,
                                            std::optional<callback_place> after, std::size_t limit, domain::actor who,
                                            instant now);

} // namespace huiyin::ticket
