#pragma once

#include <huiyin/async/task.hpp>
#include <huiyin/base/time.hpp>
#include <huiyin/domain/actor.hpp>
#include <huiyin/domain/ticket_names.hpp>
#include <huiyin/pg/database.hpp>

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace huiyin::knowledge {

using item_id = id<struct item_tag>;

enum class item_kind {
    article,
    canonical_answer, ///< What is said to a question, word for word.
    notice,           ///< A campaign or an incident: pushed to those it is for.
};
enum class edition_state {
    draft,
    review,
    published,
    superseded, ///< By the next published one.
    withdrawn,
};

} // namespace huiyin::knowledge

namespace huiyin::domain {

template <>
struct names<::huiyin::knowledge::item_kind>
{
    static constexpr auto of = std::to_array<std::string_view>({"article", "canonical_answer", "notice"});
};
template <>
struct names<::huiyin::knowledge::edition_state>
{
    static constexpr auto of =
        std::to_array<std::string_view>({"draft", "review", "published", "superseded", "withdrawn"});
};

} // namespace huiyin::domain

namespace huiyin::knowledge {

struct wording
{
    std::string title; ///< 1 to 200 characters.
    std::string body;  ///< 1 to 10,000 characters of plain text or Markdown, as text.

    bool operator==(const wording&) const = default;
};

struct edition_content
{
    /// By language (zh-CN, zh-TW, en); at least one.
    std::map<std::string, wording> words;
    std::vector<std::string> categories; ///< Codes of the rules; none: for every category. At most 50.
    /// Whom a notice is for: who has one of the roles and belongs to one of the departments; empty: it does not matter.
    std::vector<std::string> roles;
    std::vector<department_id> departments;
    bool must_acknowledge = false;
    std::optional<instant> effective_from;
    std::optional<instant> effective_until; ///< Not included.
};

struct person
{
    uuid id;
    std::string name; ///< Empty for what is no user.
};

struct edition
{
    int number = 1;
    edition_state state = edition_state::draft;
    edition_content what;
    person author;
    instant written_at;
    std::optional<instant> submitted_at;
    std::optional<person> reviewer;
    std::optional<instant> reviewed_at;
    std::string comment; ///< Why it was sent back.
};

struct item
{
    item_id id;
    item_kind kind = item_kind::article;
    std::int64_t version = 1; ///< Of the item with all its editions.
    int latest = 1;
    std::optional<int> published;
    instant created_at;
    instant changed_at;
    uuid changed_by;
    edition shown;
    /// What the reader has said of the edition shown.
    std::optional<instant> read_at;
    std::optional<instant> acknowledged_at;
};

struct item_query
{
    std::optional<item_kind> kind;
    std::string category; ///< Those of this category and those of all.
    std::string words;
    /// For those who write: items whose latest edition is in that state. Without it, what is published and in effect.
    std::optional<edition_state> state;
};

struct item_page
{
    std::vector<item> items;
    std::optional<std::pair<instant, item_id>> next;
};

/// Of one of those an edition is for, or who has read it all the same.
struct reader
{
    person who;
    std::optional<instant> read_at;
    std::optional<instant> acknowledged_at;
};
struct reader_page
{
    std::vector<reader> readers;
    std::optional<std::string> next; ///< The log-in after which to go on.
    std::size_t meant = 0;           ///< For so many it is.
    std::size_t acknowledged = 0;
};

/// Articles, canonical answers and notices. What is published was written by one person and reviewed by another. Every
/// change is one transaction with its event, which names the words by digest. Writing needs `problem_manage`, reading
/// `case_read`; who may not, and what is not there, is `not_found`. One per reactor.
class knowledge_base
{
public:
    knowledge_base(pg::database& db, const clock& time) : db_(db), clock_(time) {}

    /// A first edition as a draft. Errors: `invalid_field`.
    task<result<item>> create(item_kind kind, edition_content what, domain::actor who);
    /// Replaces the draft, also one that waits for review, and makes its writer the author; of what is published or
    /// withdrawn it begins the next edition. Errors: `stale_version`, `invalid_field`.
    task<result<item>> write(item_id id, std::int64_t seen, edition_content what, domain::actor who);
    /// Errors: `stale_version`, `wrong_state`.
    task<result<item>> submit(item_id id, std::int64_t seen, domain::actor who);
    /// Publishes it, and tells those a notice is for; or sends it back to its author with a comment. Errors:
    /// `second_person_required` for the author himself, `reason_required` without a comment, `wrong_state`,
    /// `stale_version`.
    task<result<item>> review(item_id id, std::int64_t seen, bool approved, std::string comment, domain::actor who);
    /// Nobody reads it any more. Errors: `wrong_state`, `stale_version`.
    task<result<item>> withdraw(item_id id, std::int64_t seen, domain::actor who);

    /// What is published and in effect; to those who write, the latest edition where `latest` is asked for.
    task<result<item>> load(item_id id, bool latest, domain::actor who);
    /// For those who write: all editions, the latest first, at most 200.
    task<result<std::vector<edition>>> editions(item_id id, domain::actor who);
    /// The latest written first. At most 50.
    task<result<item_page>> list(item_query what, std::optional<std::pair<instant, item_id>> after, std::size_t limit,
                                 domain::actor who);
    /// Of articles and answers in effect, the likest to `words` first, those of `category` before others; at most 20.
    task<result<std::vector<item>>> suggest(std::string category, std::string words, std::size_t limit,
                                            domain::actor who);

    /// That a user has read an edition in effect; the first time counts. `acknowledged` stays.
    task<result<item>> read(item_id id, int edition, bool acknowledged, domain::actor who);
    /// Notices in effect that are for him and that he has not read, or not acknowledged where that is asked; the latest
    /// first, at most 100.
    task<result<std::vector<item>>> pending_notices(domain::actor who);
    /// Whom the published edition is for, who has read it and who has not, by log-in; for those who write. `missing`:
    /// only those who have not.
    task<result<reader_page>> readers(item_id id, bool missing, std::string after, std::size_t limit,
                                      domain::actor who);

private:
    struct open_item;
    task<result<open_item>> open(pg::transaction& tx, item_id id, std::int64_t seen, const domain::actor& who);
    task<result<item>> find(item_id id, int edition, const domain::actor& who);

    pg::database& db_;
    const clock& clock_;
};

} // namespace huiyin::knowledge
