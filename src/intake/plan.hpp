#pragma once

#include "receipt_store.hpp"

#include <huiyin/journal/event.hpp>
#include <huiyin/record/entry_store.hpp>
#include <huiyin/record/filing.hpp>
#include <huiyin/ticket/opening.hpp>

#include <map>
#include <string>
#include <vector>

namespace huiyin::intake {

/// The answer that an event's data renders to. `data` is the event's as it was appended, or as the database gives it
/// back.
receipt receipt_of(std::string_view data, bool repeated);

/// "260224-0318".
std::string ticket_number(std::string_view day, std::int64_t serial);

/// Everything one transaction of the door will write, decided in memory: each contact sees what the ones before it in
/// the batch planned, as if they were committed.
class plan
{
public:
    struct settings
    {
        const ticket::configuration& rules;
        std::string tracking_url;
        instant now;
        /// The day's first six characters of a number, and what its serials count from.
        std::string day;
        std::int64_t day_base = 0;
    };
    plan(findings found, const pg::rows& known_identities, settings with);

    /// Plans what this contact changes and gives what its sender will be told. After an error nothing of it is planned.
    result<receipt> take(const contact& what);
    /// A parked one that is tried again: its receipt is there already.
    result<receipt> take_parked(const contact& what, parked_id which, receipt_id receipt);
    /// Keeps it raw instead.
    receipt park(const contact& what, std::string reason);

    bool fills_inbox() const { return !inbox_.empty(); }
    std::size_t repeats() const { return repeated_; }
    void write(pg::batch& to) const;

private:
    result<receipt> accept(const contact& what, receipt_id receipt, std::optional<parked_id> parked);
    std::optional<receipt> repeated(const contact& what);
    const found_ticket* ticket_for(const contact& what, const std::string& category, customer_id customer) const;
    const found_ticket* duplicate_of(const std::string& category, customer_id customer) const;
    std::string category_of_new(const std::string& asked, customer_id customer) const;
    void keep_answer(const contact& what, receipt_id id, const std::string& data);
    std::string next_number();

    findings found_;
    record::filing filing_;
    settings with_;
    std::size_t serial_ = 0;
    std::size_t repeated_ = 0;

    std::vector<journal::owned_words> words_;
    std::vector<record::entry> entries_;
    std::vector<std::pair<attachment_id, entry_id>> attachments_;
    std::vector<ticket::commitment> tickets_;
    std::vector<new_inbox_row> inbox_;
    std::vector<new_receipt> receipts_;
    std::map<receipt_id, std::size_t> own_receipts_;
    std::map<receipt_id, std::int64_t> repeats_;
    std::vector<new_request> requests_;
    std::vector<new_parked> parked_;
    std::vector<std::pair<parked_id, new_receipt>> resolved_;
    std::vector<journal::event> events_;
};

/// A contact as bytes and back: CBOR, since a parked contact's words may be ill-formed.
std::string to_bytes(const contact& what);
result<contact> contact_of(const std::vector<std::uint8_t>& bytes);
/// Every word with ill-formed sequences and NUL replaced by U+FFFD, and the name cut to what a customer may have.
void make_storable(contact& what);

} // namespace huiyin::intake
