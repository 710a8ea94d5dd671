#pragma once

#include <huiyin/base/crypto.hpp>
#include <huiyin/base/time.hpp>
#include <huiyin/domain/actor.hpp>
#include <huiyin/pg/database.hpp>

#include <optional>
#include <string>
#include <vector>

namespace huiyin::people {

struct pack_document
{
    int version = 0;
    std::string name;
    instant applied_at;
    std::string document; ///< JSON object.
};

struct calendar_document
{
    std::string calendar; ///< "cn"
    int year = 0;
    std::int64_t version = 0;
    instant loaded_at;
    std::string document; ///< JSON object.
};

/// The organisation's rules as documents; `upkeep` reads them. What is here is well-formed JSON and no more is
/// promised. One per reactor. Needs `configuration_manage`, else `not_found`.
class configuration_store
{
public:
    configuration_store(pg::database& db, const clock& time) : db_(db), clock_(time) {}

    /// Adds a version (the last plus one) and the event `pack.applied`; where the current version says the same (order
    /// of keys and white space apart), returns that one. Two at once get two versions. Errors: `invalid_json` unless it
    /// is an object, `invalid_field` (`name`: a-z 0-9 _ -).
    task<result<pack_document>> append_pack(std::string name, std::string document, domain::actor who);
    /// The same as a part of a larger change: it locks the packs until the end of `tx`, and whoever commits that has
    /// done it. After an error the transaction is to be given up.
    task<result<pack_document>> append_pack(pg::transaction& tx, std::string name, std::string document,
                                            domain::actor who);
    /// Of who changes both packs and calendars, and perhaps people after them. The packs come first.
    static task<result<void>> lock(pg::transaction& tx);
    task<result<std::optional<pack_document>>> find_current_pack();
    static task<result<std::optional<pack_document>>> find_current_pack(pg::transaction& tx);
    task<result<std::optional<pack_document>>> find_pack(int version);
    /// The same inside another module's transaction. Version 0: none yet.
    static task<result<int>> current_version(pg::transaction& tx);
    static task<result<std::optional<pack_document>>> find_pack(pg::transaction& tx, int version);

    /// Of the events that tell of a calendar's year.
    static uuid subject_of(const std::string& calendar, int year);
    /// Replaces the year and appends `calendar.loaded`; where it says the same, changes nothing.
    task<result<calendar_document>> put_calendar_year(std::string calendar, int year, std::string document,
                                                      domain::actor who);
    task<result<calendar_document>> put_calendar_year(pg::transaction& tx, std::string calendar, int year,
                                                      std::string document, domain::actor who);
    /// All years of all calendars.
    task<result<std::vector<calendar_document>>> load_calendars();
    static task<result<std::vector<calendar_document>>> load_calendars(pg::transaction& tx);

private:
    pg::database& db_;
    const clock& clock_;
};

} // namespace huiyin::people
