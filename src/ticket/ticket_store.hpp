#pragma once

#include <huiyin/domain/ticket.hpp>
#include <huiyin/pg/database.hpp>
#include <huiyin/ticket/commit.hpp>
#include <huiyin/ticket/ticket_service.hpp>

#include <nlohmann/json_fwd.hpp>

namespace huiyin::ticket {

/// The rules for this command to this ticket.
domain::policy policy_of(const configuration& rules, const domain::ticket& t, const domain::command& c);

/// Locks the rows of these ids in the order of ids until the transaction ends.
const pg::statement& lock_tickets();
/// Parameters: the ticket, and whether its own words come as well: {"words":{id: body}}. One row, one column: what
/// rows_of() would give.
const pg::statement& load_ticket();
/// Of many, in the order of the ids; those that are not there are left out.
const pg::statement& load_tickets();

/// Fails when the duty's connection, and its lock with it, is lost.
const pg::statement& still_held();

/// Upserts of whole rows by table, as changes_of() and rows_of() give them: {"ticket":[…],"ticket_deadline":[…],…}.
void save_rows(pg::batch& to, const nlohmann::json& by_table);
void save_parties(pg::batch& to, const nlohmann::json& rows);
void save_interactions(pg::batch& to, const nlohmann::json& rows);
/// So that the event that names them stays far below its 64 KiB.
constexpr std::size_t most_absorbed_links = 400;
/// Fills `parties` and `interactions` of the commitment to the ticket that `source` is merged into with those of the
/// source that it has not yet. Both must be locked. Errors: limit_reached.
task<result<void>> find_links_of(pg::transaction& tx, ticket_id source, commitment& heir);
/// Resolves recipients (desk, department, leader …) to users and fills their inboxes. `opening_times`: [{calendar,
/// opens, is_default}], empty where nobody waits for his working hours.
void save_notices(pg::batch& to, const nlohmann::json& notices, const nlohmann::json& opening_times);

struct kept_event
{
    ticket_id ticket;
    std::int64_t version = 0;
    std::string kind;
    instant at;
    std::string data;
};
task<result<kept_event>> load_event(pg::transaction& tx, event_id event);

struct kept_key
{
    sha256_digest body{};
    event_id event;
};
/// Takes the key for this transaction; empty when it was free, else what it was used for. Waits for a twin under way.
task<result<std::optional<kept_key>>> take_key(pg::transaction& tx, const action_key& key, event_id event, instant now);

/// Whose accounts are inactive, and who has said that he is away.
task<result<std::vector<user_id>>> find_away(pg::transaction& tx, std::vector<user_id> users, instant now);
/// Nil where there is no such interaction.
task<result<customer_id>> find_customer_of(pg::transaction& tx, interaction_id interaction);
/// A finished contact that the house made.
void insert_made_contact(pg::batch& to, interaction_id id, customer_id customer, std::string_view channel, uuid agent,
                         instant at);
/// Files that the house has put on the ticket's timeline since then.
task<result<int>> count_files(pg::transaction& tx, ticket_id ticket, instant since);
/// The ticket itself or the root of the group it belongs to; empty where there is no such ticket.
task<result<std::optional<ticket_id>>> find_group_root(pg::transaction& tx, ticket_id ticket);
/// Of each ticket the kinds of contact that were given with it.
task<result<std::map<ticket_id, std::vector<std::string>>>> find_party_kinds(pg::transaction& tx,
                                                                             std::vector<ticket_id> of);
/// Whether the number is known as the customer's or was given with the ticket.
task<result<bool>> is_number_of(pg::transaction& tx, ticket_id ticket, customer_id customer, std::string number);

task<result<std::vector<std::uint8_t>>> load_salt(pg::transaction& tx, text_id text);

task<result<ticket_stamp>> load_stamp(pg::database& db, ticket_id ticket);
/// The urgent first, then the earliest; none of `aside`.
task<result<std::vector<ticket_id>>> find_due_tickets(pg::database& db, instant now,
                                                      const std::vector<ticket_id>& aside, std::size_t limit);
task<result<std::optional<ticket_id>>> find_ticket(pg::database& db, std::string number);
/// The first fourteen columns of a list's row.
list_item list_item_of(const pg::row& row);
/// Newest first: those in which one of the departments has or had a part, and the handler's own.
task<result<std::vector<ticket_id>>> find_tickets_of(pg::database& db, customer_id customer,
                                                     const std::vector<department_id>& departments, user_id or_handler,
                                                     std::size_t limit);
task<result<std::vector<ticket_service::history_item>>> load_history(pg::database& db, ticket_id ticket);
task<result<std::map<text_id, std::string>>> load_texts(pg::database& db, std::vector<text_id> ids);
/// The ticket that has this number and this party.
task<result<std::optional<ticket_id>>> find_tracked_ticket(pg::database& db, const std::string& number,
                                                           const party& contact);
/// Event kinds with the status they led to, in order.
struct stage_row
{
    std::string to;
    instant at;
    /// The event's.
    std::string kind;
};
task<result<std::vector<stage_row>>> load_stages(pg::database& db, ticket_id ticket);

} // namespace huiyin::ticket
