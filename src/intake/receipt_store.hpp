#pragma once

#include <huiyin/intake/contact.hpp>
#include <huiyin/pg/database.hpp>
#include <huiyin/record/attachment_store.hpp>

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace huiyin::intake {

/// What the database knows of a batch's contacts, before anything is decided.
struct found_receipt
{
    receipt_id id;
    /// Of the event that answers are rendered from.
    std::string data;
};
struct found_request
{
    std::vector<std::uint8_t> body;
    std::string data;
};
struct found_ticket
{
    ticket_id id;
    std::string number;
    customer_id customer;
    std::string category;
    instant created_at;
    std::optional<instant> due_at;
    bool open = true;
    std::set<record::identity> parties;
    /// Numbers of tickets that were merged into it.
    std::set<std::string> known_as;
};

using pair_key = std::pair<std::string, std::string>;

struct findings
{
    std::map<pair_key, found_receipt> receipts;
    std::map<pair_key, found_request> requests;
    /// The newest ones of the customers that the identities name, and those that were named by number.
    std::map<ticket_id, found_ticket> tickets;
    std::set<attachment_id> attachable;
    std::vector<std::int64_t> serials;
    std::set<std::int64_t> missed_locks;
};

/// The read half of a transaction: one round trip, whatever the number of contacts. `try_locks` must come first, or
/// record::lock_identities.
class reading
{
public:
    void try_locks(const std::vector<std::int64_t>& keys);
    void wait_for_locks(const std::vector<std::int64_t>& sorted_keys);
    /// Empty, or a row for a parked contact that still waits, locked.
    void lock_parked(parked_id which);
    void look_up(const std::vector<const contact*>& all, instant now);

    task<result<void>> run(pg::transaction& in);

    findings found;
    bool parked_waits = true;
    /// For record::filing.
    pg::rows known;

private:
    enum class part {
        ignored,
        locks,
        parked,
        identities,
        receipts,
        requests,
        tickets,
        named_tickets,
        attachments,
        serials
    };

    pg::batch batch_;
    std::vector<part> parts_;
};

struct new_receipt
{
    receipt_id id;
    std::string account;
    std::string external_id;
    instant at;
    intake::outcome outcome = intake::outcome::visible;
    std::int64_t repeats = 0;
    std::optional<entry_id> entry;
    std::optional<ticket_id> ticket;
    event_id event;
};
void insert_receipts(pg::batch& to, std::vector<new_receipt> receipts);

struct new_request
{
    request_key key;
    event_id event;
    instant at;
};
void insert_requests(pg::batch& to, std::vector<new_request> requests);

/// By receipt: how often it came again.
void count_repeats(pg::batch& to, const std::map<receipt_id, std::int64_t>& repeats);

struct new_inbox_row
{
    uuid id = uuid::make();
    ticket_id ticket;
    interaction_id interaction;
    entry_id entry;
    customer_id customer;
    intake::act act = intake::act::message;
    /// A JSON object, or empty.
    std::string detail;
    instant at;
};
void insert_inbox(pg::batch& to, const std::vector<new_inbox_row>& rows);

struct new_parked
{
    parked_id id;
    receipt_id receipt;
    std::string reason;
    std::string contact;
    std::string raw;
    std::vector<std::int64_t> identity_keys;
    std::vector<attachment_id> attachments;
    instant at;
};
void insert_parked(pg::batch& to, const new_parked& what);
/// The contact was accepted after all: its receipt turns visible, its raw input goes.
void resolve_parked(pg::batch& to, parked_id which, const new_receipt& now_visible, instant now);
task<result<void>> note_retry(pg::database& in, parked_id which, std::string reason);

struct loaded_parked
{
    receipt_id receipt;
    std::vector<std::uint8_t> contact;
    std::vector<std::uint8_t> raw;
};
task<result<loaded_parked>> load_parked(pg::database& from, parked_id which);

/// What `nextval` was before the day's first serial; the first one to ask writes it.
task<result<std::int64_t>> day_base(pg::database& in, std::string day);

} // namespace huiyin::intake
