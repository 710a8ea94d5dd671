#pragma once

#include <huiyin/ticket/ticket_service.hpp>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace huiyin::ticket {

using case_id = huiyin::id<struct case_tag>;

/// What a solved case teaches, without whoever complained: codes, figures, and words that somebody of the house wrote.
struct case_record
{
    case_id id;
    ticket_id ticket;
    std::int64_t version = 0;
    std::string category;
    std::string root_cause;
    std::string solution_kind;
    std::string closure;
    std::string satisfaction;
    std::optional<int> score_result;
    int rework_cycle = 0;
    /// Clock time until the closing, and who held the ticket meanwhile.
    std::chrono::microseconds total{0};
    std::chrono::microseconds desk{0};
    std::chrono::microseconds department{0};
    std::string title;
    std::string text;
    instant published_at;
    user_id published_by;
};

struct new_case
{
    std::string title; ///< 1 to 200 characters.
    std::string text;  ///< 1 to 10,000 characters: written, or read and cleared, by whoever publishes it.
};

struct case_query
{
    std::string words; ///< Each of them, at most ten, stands in title or text. Empty: all.
    std::string category;
    std::string root_cause;
};

struct case_page
{
    std::vector<case_record> items;
    std::optional<std::pair<instant, case_id>> next;
};

/// One of the two copies that the archiving transaction made.
struct archive_copy
{
    std::string holder; ///< "desk" or "department".
    std::optional<department_id> department;
    instant at;
    std::string content; ///< A JSON object: rows as the ticket's events have them, words by reference.
};
struct archive
{
    std::vector<archive_copy> copies;
    std::map<text_id, std::string> words; ///< Erased ones are empty.
};

/// Archive and case library. One per reactor.
class case_library
{
public:
    case_library(pg::database& db, const clock& time) : db_(db), clock_(time) {}

    /// Puts a closed or archived ticket's case into the library; published before, it is revised and its old words are
    /// erased. Nothing that the customer said is copied, and a text that holds his name, a number or an address of his
    /// is refused. Errors: not_found (also where the actor may not), wrong_state (still open; a report, whose case
    /// stays confidential; merged), invalid_field.
    task<result<case_record>> publish(ticket_id ticket, new_case what, domain::actor who);
    /// Takes it out and erases its words. Errors: not_found, stale_version.
    task<result<void>> withdraw(case_id id, std::int64_t seen, domain::actor who);
    /// Newest first. `limit` 1 to 200.
    task<result<case_page>> search(case_query query, std::optional<std::pair<instant, case_id>> after,
                                   std::size_t limit);
    task<result<case_record>> load(case_id id);

    /// Whoever reads tickets everywhere gets both copies, a department its own. Errors: not_found.
    task<result<archive>> load_archive(ticket_id ticket, domain::actor who);

private:
    pg::database& db_;
    const clock& clock_;
};

} // namespace huiyin::ticket
