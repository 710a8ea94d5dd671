#pragma once

#include "search_document.hpp"

#include <huiyin/pg/duty.hpp>
#include <huiyin/record/search.hpp>

namespace huiyin::record {

/// Where a search goes on, and how far back it looks at once.
struct search_stretch
{
    std::string tokens;
    /// Only what is older.
    std::optional<instant> before;
    std::optional<search_place> after;
    std::size_t limit = 0;
};

/// Who reads, as the statements ask it; without departments whoever reads everywhere.
struct search_reader
{
    std::optional<std::vector<department_id>> departments;
    user_id self;
    bool knows_reporters = false;
};

/// Hits carry their place.
template <class T>
using search_hits = std::vector<std::pair<search_place, T>>;

task<result<search_hits<found_ticket>>> find_tickets(pg::database& from, const search_stretch& where,
                                                     const search_reader& reader);
/// Of those who may read customers everywhere.
task<result<search_hits<found_customer>>> find_customers(pg::database& from, const search_stretch& where,
                                                         const search_reader& reader);
/// Each at his newest ticket that the reader may read.
task<result<search_hits<found_customer>>> find_customers_of_tickets(pg::database& from, const search_stretch& where,
                                                                    const search_reader& reader);
/// When the newest ticket or customer began; nothing where there is none.
task<result<std::optional<instant>>> newest_document(pg::database& from, std::string_view kind);

constexpr std::string_view search_duty = "record.search";
constexpr std::size_t events_at_once = 1000;
constexpr std::size_t documents_at_once = 50;

/// Notes what the next events have changed; the number of events read.
task<result<std::size_t>> note_changes(pg::duty& on);
/// Cuts the words of the next documents; the number of them.
task<result<std::size_t>> cut_next(pg::duty& on);

struct search_lag
{
    std::int64_t documents = 0; ///< Counted up to 10,000.
    std::int64_t events = 0;
};
task<result<search_lag>> read_search_lag(pg::duty& on);

/// Adds what removes the words of a person, and of every ticket he has a part in, to the transaction that erases him
/// and has locked him: `cut_next` locks whose words it reads. What others said there comes back by the duty.
void erase_search_words(pg::batch& to, customer_id who);

} // namespace huiyin::record
