#pragma once

#include <huiyin/base/id.hpp>
#include <huiyin/base/time.hpp>
#include <huiyin/pg/database.hpp>

#include <optional>
#include <string>
#include <vector>

namespace huiyin::record {

/// One thing said or done within an interaction. Immutable; its words can be erased.
struct entry
{
    entry_id id = entry_id::make();
    interaction_id interaction;
    customer_id customer;
    instant at;
    /// message, act (a customer's own: urge, verdict …), call, recording, survey, note.
    std::string kind = "message";
    /// in, out, none.
    std::string direction = "in";
    /// As domain::to_string(actor_kind) says.
    std::string author_kind = "customer";
    std::optional<uuid> author;
    /// How far it is sure that the customer said it: none, link_token, …; empty for what the house wrote.
    std::string proof;
    std::optional<text_id> text;
    /// What else a form asked: words that are a JSON object, code → words.
    std::optional<text_id> fields;
    /// Never shown to the customer.
    bool internal = false;
    std::optional<ticket_id> ticket;
};

/// One statement for any number; the rows it names must be in the same transaction before it.
void insert(pg::batch& to, const std::vector<entry>& entries);

struct attached
{
    attachment_id id;
    std::string name;
    std::string content_type;
    std::int64_t size = 0;
};

/// Who of the house, or which other system, wrote an entry; by the names of now.
struct entry_author
{
    std::string name;
    /// His first one by code; empty where he has none.
    std::optional<department_id> department;
    std::string department_code;
    /// A JSON object by language.
    std::string department_name;
};

struct timeline_item
{
    record::entry entry;
    /// Empty for customers' own words and the system's.
    std::optional<entry_author> author;
    std::string channel;
    std::string account;
    /// Empty when there are none or they were erased.
    std::string words;
    /// A JSON object, or empty.
    std::string fields;
    bool erased = false;
    std::vector<attached> attachments;
};

struct timeline_page
{
    std::vector<timeline_item> items;
    /// What to ask for next; empty at the end.
    std::optional<std::pair<instant, entry_id>> next;
};

/// Newest first, over all channels. `before` is the last page's `next`; `limit` 1 to 200. The caller has asked `may`
/// for the customer and drops what he may not show: `internal` entries towards the customer, entries of tickets out of
/// his scope.
task<result<timeline_page>> timeline(pg::database& from, customer_id customer,
                                     std::optional<std::pair<instant, entry_id>> before, std::size_t limit);

/// The entries about one ticket, newest first, paged alike.
task<result<timeline_page>> ticket_timeline(pg::database& from, ticket_id ticket,
                                            std::optional<std::pair<instant, entry_id>> before, std::size_t limit);

} // namespace huiyin::record
