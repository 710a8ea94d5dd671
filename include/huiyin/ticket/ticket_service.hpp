#pragma once

#include <huiyin/base/metrics.hpp>
#include <huiyin/domain/decide.hpp>
#include <huiyin/domain/suspicion.hpp>
#include <huiyin/journal/event.hpp>
#include <huiyin/record/person.hpp>
#include <huiyin/ticket/actions.hpp>
#include <huiyin/ticket/commit.hpp>
#include <huiyin/ticket/configuration.hpp>
#include <huiyin/ticket/counted.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace huiyin::ticket {

struct counted_calendar;

/// An Idempotency-Key of a person's or a system's command.
struct action_key
{
    std::string principal;
    std::string key;
    sha256_digest body{};
};

/// One command to one ticket.
/// The organisation's rules by versions that are no longer the present one.
using former_rules = std::vector<std::shared_ptr<const configuration>>;

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
    /// Contacts that the ticket is about from now on, too.
    std::vector<interaction_id> interactions;
    /// What was said in a contact that is logged without an interaction of its own, or with a verdict; one of `words`.
    std::optional<text_id> said;
    /// The number that a verdict or an attempt was made with, normalised: whether it is the customer's goes on record.
    std::optional<std::string> number;
    /// A customer's verdict is about this callback round; `wrong_state` in any other.
    std::optional<int> about_round;
    /// For load_calendar: what clocks of this name are counted by from now on.
    std::shared_ptr<const domain::calendar> counted_by;
    /// For load_targets: by which rules clocks were begun.
    former_rules former;
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

/// Words of the house for the house, about a ticket.
struct note
{
    ticket_id ticket;
    domain::actor who;
    std::string text;
    std::vector<attachment_id> attachments;
    /// Told of it in their inboxes.
    std::vector<user_id> mentions;
};

/// Who has held a ticket for how long, at one moment.
struct clocks_view
{
    domain::ticket ticket;
    instant at;
    std::vector<domain::time_share> shares;
    /// By the rules below.
    std::vector<counted_clock> clocks;
    std::shared_ptr<const configuration> rules;
};

/// Another open ticket that seems to be about the same.
struct similar_ticket
{
    ticket_id id;
    std::string number;
    customer_id customer;
    std::string status;
    std::string category;
    instant created_at;
    std::optional<department_id> department;
    std::optional<ticket_id> group_root;
    bool same_customer = false;
    int score = 0; ///< Of a hundred words of the shorter description so many are in both.
};

/// A ticket with signs of having been finished for the clock.
struct suspicious_ticket
{
    list_item item;
    instant replied_at;
    std::optional<user_id> replied_by;
    std::vector<domain::suspicion> signs;
};
struct suspicious_page
{
    std::vector<suspicious_ticket> items;
    /// Where to go on; empty at the end.
    std::optional<std::pair<instant, ticket_id>> next;
};

/// What a customer may know: no internal note, no responsible person.
struct tracked
{
    std::string stage; ///< received, assigned, in_progress, promised, reviewing, calling_back, closed.
    std::string category;
    std::map<std::string, std::string> category_name; ///< By language; empty where there is no category yet.
    std::optional<department_entry> department;
    std::optional<instant> next_promise_at;
    /// promise (given to him), answer (the clock of his answer), callback; empty where nothing is promised.
    std::string_view next_promise_kind;
    /// Of a closed one, while it can be opened again.
    std::optional<instant> reopen_until;
    struct step
    {
        std::string stage;
        instant at;
        /// registered, passed_on, assigned, work_began, work_continues, promised, promise_fulfilled, answered,
        /// assessed, asking_you, not_solved, disputed, reopened, withdrawal_noted, withdrawal_not_confirmed, merged,
        /// closed.
        std::string_view what;
    };
    std::vector<step> history;
    /// What he may do now, and what he may do again later.
    struct own_act
    {
        std::string_view name; ///< As intake::act has it.
        bool open = true;
        std::optional<instant> again_at;
    };
    std::vector<own_act> acts;
};

/// For record::erase_person: the contacts given with tickets go with the identities.
record::eraser erase_parties();

struct worded_ticket
{
    domain::ticket ticket;
    /// Of problem, object, solutions …; erased ones are empty.
    std::map<text_id, std::string> words;
    /// What the customer said with a verdict.
    std::map<callback_id, std::string> verdict_words;
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

    /// Takes every ladder step of these tickets that is due, in one transaction: all of it or, where it fails, nothing.
    /// For the scanner; a stale call does nothing. The tickets that were changed; of the others nothing was due, or it
    /// could not be decided, which the log tells. Gives way to others between two tickets.
    task<result<std::vector<ticket_id>>> run_due(std::vector<ticket_id> tickets);
    /// Tickets with a step due at `now` besides those put `aside`, P1 first, then the earliest; at most `limit`.
    task<result<std::vector<ticket_id>>> find_due(instant now, std::vector<ticket_id> aside, std::size_t limit);

    /// A step of bringing running clocks over to calendars and then to targets that have changed since they were
    /// counted; true while there is more to do. Each ticket's change is in the journal; a crash leaves the rest to be
    /// found again. Only the scanner's duty calls it.
    task<result<bool>> recount_clocks();

    /// For whoever may read it; `not_found` otherwise.
    task<result<domain::ticket>> load(ticket_id ticket, domain::actor who);
    /// The same with all its words.
    task<result<worded_ticket>> read(ticket_id ticket, domain::actor who);
    /// For nobody to see: it tells that the ticket exists. Errors: not_found.
    task<result<ticket_stamp>> stamp_of(ticket_id ticket);
    task<result<ticket_id>> find_by_number(std::string number);
    /// The customer's tickets in which a reader who may not read all has a part, newest first; at most 1000.
    task<result<std::vector<ticket_id>>> part_in(customer_id customer, domain::actor who);
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
    /// The time it has taken so far, and whose it was. Errors: not_found.
    task<result<clocks_view>> clocks(ticket_id ticket, domain::actor who);
    /// Which actions the actor may take now, and why not the others. Errors: not_found.
    task<result<std::vector<standing_action>>> actions(ticket_id ticket, domain::actor who);
    /// Puts words and files of the house on the ticket's timeline and tells whom they mention. Errors: not_found,
    /// invalid_field (a mention or an attachment that is not there).
    task<result<entry_id>> add_note(note what);
    /// Open tickets of the days before and after about the same object or place, the likest first, at most 50: for an
    /// officer to link. Errors: not_found.
    task<result<std::vector<similar_ticket>>> similar(ticket_id ticket, domain::actor who);
    /// Looks through at most 200 tickets that were answered since `since`, the latest first, after (replied_at, id).
    task<result<suspicious_page>> suspicious(instant since, std::optional<std::pair<instant, ticket_id>> after,
                                             domain::actor who);
    /// A contact given with that ticket, and its number. Errors: not_found.
    struct known_party
    {
        std::string number;
        party contact;
    };
    task<result<known_party>> party_of(ticket_id ticket);
    instant now() const { return clock_.now(); }

    configurations& rules() { return rules_; }

private:
    task<result<worded_ticket>> load_rows(ticket_id ticket, domain::actor who, bool with_words);
    struct commanded;
    task<result<void>> recount_batch(counted_calendar one);
    task<result<bool>> recount_targets(std::shared_ptr<const configuration> rules);
    task<result<former_rules>> load_former(const configuration& rules);
    task<result<void>> complete_command(pg::transaction& tx, const domain::ticket& on, act& what,
                                        const configuration& rules, commanded& more);
    task<result<acted>> replay(pg::transaction& tx, const action_key& key, const sha256_digest& kept_body,
                               event_id event);

    pg::database& db_;
    const clock& clock_;
    configurations& rules_;
    /// By whose calendars all clocks have been counted.
    std::shared_ptr<const configuration> counted_;
    /// The version of the rules that was seen last, and since when.
    int seen_version_ = 0;
    std::chrono::steady_clock::time_point seen_at_;
    /// While targets are recounted to version `former_of_`.
    former_rules former_;
    int former_of_ = 0;
    metrics::counter committed_;
    metrics::counter refused_;
};

} // namespace huiyin::ticket
