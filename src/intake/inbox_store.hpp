#pragma once

#include <huiyin/intake/applier.hpp>
#include <huiyin/intake/contact.hpp>

#include <string>
#include <vector>

namespace huiyin::intake {

struct inbox_row
{
    uuid id;
    ticket_id ticket;
    interaction_id interaction;
    customer_id customer;
    intake::act act = intake::act::message;
    instant at;
    /// As new_inbox_row has it.
    std::string detail;
    /// "applied" or the slug of the refusal; empty while it waits.
    std::string outcome;
};

/// Rows not settled yet, after the given one.
task<result<std::vector<inbox_row>>> waiting_rows(pg::database& from, instant after_at, uuid after_id,
                                                  std::size_t limit);
/// What became of the act that this receipt is of. Errors: not_found where the receipt is of none.
task<result<inbox_row>> load_row(pg::database& from, receipt_id receipt);
/// `outcome`: "applied", or the slug of the ticket's refusal.
void settle_row(pg::batch& to, uuid row, instant now, std::string_view outcome);
task<result<void>> settle_row(pg::database& in, uuid row, instant now, std::string_view outcome);

} // namespace huiyin::intake
