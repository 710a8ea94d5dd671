#pragma once

#include <huiyin/async/task_group.hpp>
#include <huiyin/base/id.hpp>
#include <huiyin/base/metrics.hpp>
#include <huiyin/base/time.hpp>
#include <huiyin/domain/actor.hpp>
#include <huiyin/pg/database.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace huiyin::record {

struct found_ticket
{
    ticket_id id;
    std::string number;
    std::string status;
    std::string type;
    std::string priority;
    std::string category;
    std::optional<department_id> department;
    instant created_at;
    /// The first 120 characters of the problem; empty where there is none or it was erased.
    std::string excerpt;
};

struct found_customer
{
    customer_id id;
    std::string kind;
    std::string name;
    instant created_at;
    /// Masked: "+86138****5678".
    std::vector<std::string> contacts;
};

/// A place in the results: of the last one that was shown.
using search_place = std::pair<instant, uuid>;

template <class T>
struct search_page
{
    std::vector<T> items;
    /// What to ask for next; empty at the end.
    std::optional<search_place> next;
};

constexpr std::size_t search_limit = 200;

/// Tickets that hold all of the query's words and that `who` may read, newest first: number, problem, object, wish,
/// solutions, replies, entries; customer's name, phone and e-mail. Chinese of two characters and more is found as any
/// substring, other words by their beginning (of two letters and more), a number by its beginning (of three digits and
/// more) or by its last four digits and more. A query is cut into words like a text, so that nothing in it is an
/// operator; of more than 16 words the first 16 count. Without any word nothing is found.
/// Who reported something confidential finds only who has `customer_identity_of_report`.
/// Behind the journal by what `huiyin_search_waiting_documents` says. Errors: `timeout` after 2 s.
task<result<search_page<found_ticket>>> search_tickets(pg::database& from, std::string query,
                                                       std::optional<search_place> after, std::size_t limit,
                                                       domain::actor who);

/// Customers by name, phone and e-mail alike. Who may read customers everywhere finds all but those who are known only
/// by confidential reports; a member of a department those of its tickets.
task<result<search_page<found_customer>>> search_customers(pg::database& from, std::string query,
                                                           std::optional<search_place> after, std::size_t limit,
                                                           domain::actor who);

/// Starts the duty that keeps the words of tickets and customers: it follows the journal's positions and cuts anew what
/// has changed, within a second where nothing else waits, at most half of the time of one connection. A crash repeats
/// work, never loses it.
/// Metrics: `huiyin_search_waiting_documents` (counted up to 10,000), `huiyin_search_unread_events`,
/// `huiyin_search_documents_total`.
void start_search_index(task_group& in, const pg::database_settings& settings, metrics::registry& metrics);

} // namespace huiyin::record
