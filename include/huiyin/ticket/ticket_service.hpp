#pragma once

#include <huiyin/base/metrics.hpp>
#include <huiyin/domain/decide.hpp>
#include <huiyin/journal/event.hpp>
#include <huiyin/record/person.hpp>
#include <huiyin/ticket/commit.hpp>
#include <huiyin/ticket/configuration.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace huiyin::ticket {

/// An Idempotency-Key of a person's or a system's command.
struct action_key
{
    std::string principal;
    std::string key;
    sha256_digest body{};
};

/// One command to one ticket.
struct act
{
    ticket_id ticket;
    domain::command what;
    domain::actor who;
    /// The version that a person saw. System commands and customers carry none.
    std::optional<std::int64_t> seen;
    /// The texts that the command names.
    std::vector<journal::words> words;
    std::optional<action_key> key;
    /// What is to be in the same transaction: the inbox row that asked for it.
    pg::batch also;
};

/// What became of a command, rendered from the event it wrote: {"ticket_id","version","event","status","at"}.
struct acted
{
    std::string answer;
    std::int64_t version = 0;
    /// The key was used before; this is the first one's answer.
    bool repeated = false;
    /// Nothing was to be done (run_due).
    bool changed = true;
};

struct list_filter
{
    std::vector<std::string> statuses; ///< Empty: all open ones.
    std::optional<department_id> department;
    std::optional<user_id> handler;
    std::optional<customer_id> customer;
    std::optional<std::string> category;
    /// Due until then.
    std::optional<instant> due_before;
    std::optional<std::string> number;
};

struct list_item
{
    ticket_id id;
    std::string number;
    std::int64_t version = 0;
    std::string status;
    std::string type;
    std::string priority;
    std::string category;
    std::string card;
    int rework_cycle = 0;
    std::optional<department_id> department;
    std::optional<user_id> handler;
    customer_id customer;
    instant created_at;
    std::optional<instant> due_at;
};

/// What a customer may know: no internal note, no responsible person.
struct tracked
{
    std::string stage; ///< received, assigned, in_progress, promised, done, calling_back, closed.
    std::optional<department_entry> department;
    std::optional<instant> next_promise_at;
    struct step
    {
        std::string stage;
        instant at;
    };
    std::vector<step> history;
};

/// For record::erase_person: the contacts given with tickets go with the identities.
record::eraser erase_parties();

struct worded_ticket
{
    domain::ticket ticket;
    /// Of problem, object, solutions …; erased ones are empty.
    std::map<text_id, std::string> words;
};

/// Which state of a ticket and its customer's words a reading shows: any change of either changes the stamp.
struct ticket_stamp
{
    std::int64_t version = 0;
    std::int64_t customer_version = 0; ///< An erasure raises it.

    bool operator==(const ticket_stamp&) const = default;
};

/// Commands and views of tickets. One per reactor.
class ticket_service
{
public:
    ticket_service(pg::database& db, const clock& time, configurations& rules, metrics::registry& metrics);

    /// Locks the ticket, asks `may`, decides, and commits everything in one transaction. Errors: `not_found` (also
    /// where the actor may not), `stale_version` (facts `version`, `changed_by`, `changed_at`, `event`), `key_reused`,
    /// those of the command (domain/decide.hpp) and of the database.
    task<result<acted>> perform(act what);

    /// Takes every ladder step that is due. For the scanner; a stale call does nothing.
    task<result<acted>> run_due(ticket_id ticket);
    /// Tickets with a step due at `now`, the earliest first, at most `limit`.
    task<result<std::vector<ticket_id>>> find_due(instant now, std::size_t limit);

    /// For whoever may read it; `not_found` otherwise.
    task<result<domain::ticket>> load(ticket_id ticket, domain::actor who);
    /// The same with all its words.
    task<result<worded_ticket>> read(ticket_id ticket, domain::actor who);
    /// For nobody to see: it tells that the ticket exists. Errors: not_found.
    task<result<ticket_stamp>> stamp_of(ticket_id ticket);
    task<result<ticket_id>> find_by_number(std::string number);
    /// Newest first, after (created_at, id); only what the actor may read. At most 200.
    task<result<std::vector<list_item>>> list(list_filter filter, std::optional<std::pair<instant, ticket_id>> after,
                                              std::size_t limit, domain::actor who);
    struct history_item
    {
        event_id id;
        std::string kind;
        instant at;
        std::string actor_kind;
        uuid actor;
        std::string data;
        std::int64_t version = 0;
    };
    /// The ticket's events in their order, after the caller has loaded the ticket.
    task<result<std::vector<history_item>>> history(ticket_id ticket);
    /// The public view for whoever gives the number and a contact given with that very ticket. Unknown number and wrong
    /// contact alike: `not_found`, after the same work.
    task<result<tracked>> track(std::string number, party contact);

    configurations& rules() { return rules_; }

private:
    task<result<worded_ticket>> load_rows(ticket_id ticket, domain::actor who, bool with_words);
    task<result<void>> complete_command(pg::transaction& tx, const domain::ticket& on, act& what,
                                        const configuration& rules);
    task<result<acted>> replay(pg::transaction& tx, const action_key& key, const sha256_digest& kept_body,
                               event_id event);

    pg::database& db_;
    const clock& clock_;
    configurations& rules_;
    metrics::counter committed_;
    metrics::counter refused_;
};

} // namespace huiyin::ticket
