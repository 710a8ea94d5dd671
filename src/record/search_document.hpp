#pragma once

#include <huiyin/base/id.hpp>
#include <huiyin/base/time.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace huiyin::record {

/// What one ticket or customer is found by, as text of PostgreSQL's tsvector. A lexeme is
/// - two characters of a run of Chinese, with their place, so that longer words are found as a phrase; the run's last
///   character alone closes it;
/// - a word;
/// - `#` and a hash: of each beginning and each end of a number, or each beginning of an e-mail address. An index keeps
///   a lexeme for good, so none says what somebody can be reached by;
/// - with `@` before it: one of the customer's; with `!`: one of the customer's of a confidential ticket;
/// - `&` and a department, `%` and a handler: who may read it; `^t` or `^c` and a week: kind and age.
class search_document
{
public:
    enum class part { words, customer, reporter };

    /// At most 12,000 characters of Chinese and 4000 lexemes count; what comes first counts first.
    void add(std::string_view utf8, part of = part::words);
    void add_phone(std::string_view e164, part of);
    void add_email(std::string_view address, part of);
    void add_scope(const std::vector<department_id>& departments, const std::optional<user_id>& handler);
    void add_time(char kind, instant at);

    std::string tokens() const;

private:
    void put(std::string lexeme, part of, int place = 0);

    struct entry
    {
        std::string lexeme;
        int place;
    };
    std::vector<entry> entries_;
    int places_ = 0;
};

/// Weeks since 1970.
std::int64_t search_week(instant at);

/// What a query asks for, in PostgreSQL's tsquery.
struct search_query
{
    /// Empty: no word at all.
    std::string words;
    /// Some of it is a beginning, which the index collects whole before anything else.
    bool has_beginnings = false;
};

enum class looks_at {
    everything,     ///< Words, and the customer's.
    and_reporters,  ///< Those of confidential tickets, too.
    customers,      ///< Only the customer's.
    also_reporters, ///< Only the customer's, those of confidential tickets, too.
    own_words,      ///< A customer's document.
};
search_query read_query(std::string_view typed, looks_at what);

/// `(a | b)` of a reader's departments and himself.
std::string search_scope(const std::vector<department_id>& departments, user_id self);
/// `(a | b)` of the weeks `last - from` down to `last - to`.
std::string search_weeks(char kind, std::int64_t last, std::int64_t from, std::int64_t to);

} // namespace huiyin::record
