#pragma once

#include <huiyin/async/blocking_pool.hpp>
#include <huiyin/base/time.hpp>
#include <huiyin/domain/actor.hpp>
#include <huiyin/journal/event.hpp>
#include <huiyin/people/department.hpp>
#include <huiyin/people/rights_epoch.hpp>
#include <huiyin/people/user.hpp>
#include <huiyin/pg/database.hpp>

#include <optional>
#include <string>
#include <vector>

namespace huiyin::people {

/// A wanted user whose fields are sound, with the hash of his password: no transaction waits until that is computed.
struct prepared_user
{
    new_user wanted; ///< As it will be stored; without the password.
    std::optional<std::string> password_phc;
};

/// Users, roles, departments and who belongs to them. Every change is one transaction with its journal events, whose
/// data hold ids and codes, never a login or a name. A change of rights also appends `user.rights_changed` (subject:
/// the user), at which streams end. One per reactor.
///
/// Errors of every change: `not_found` (also where `who` may not `people_manage`), `invalid_field` (facts `field` and
/// `reason`), `already_exists` (fact `field`), `stale_version` (facts `version`, `changed_by`, `changed_at`) where
/// `seen` is given and another change came first. `seen` is what a person saw; commands of the system carry none.
class people_service
{
public:
    people_service(pg::database& db, const clock& time, blocking_pool& pool, rights_epoch& epoch);

    task<result<user>> create_user(new_user wanted, domain::actor who);
    /// Deactivating ends the user's sessions, and he is no department's contact any more: B becomes A.
    task<result<user>> update_user(user_id id, user_changes changes, std::optional<std::int64_t> seen,
                                   domain::actor who);
    /// Ends the user's sessions if anything changes.
    task<result<user>> set_roles(user_id id, domain::role_set roles, std::optional<std::int64_t> seen,
                                 domain::actor who);
    /// By an administrator: ends all sessions and forgets all known devices of the user.
    task<result<user>> set_password(user_id id, std::string password, domain::actor who);
    /// Creates the user by its login or brings names, language, zone and roles to what is wanted; changes nothing where
    /// nothing differs. Never reactivates, and sets the password only where there is none.
    task<result<user>> upsert_user(new_user wanted, domain::actor who);

    task<result<department>> create_department(new_department wanted, domain::actor who);
    /// The whole new value. A parent from below it is `invalid_field`.
    task<result<department>> update_department(department_id id, new_department wanted,
                                               std::optional<std::int64_t> seen, domain::actor who);
    /// Creates the department by its code or brings it to what is wanted; changes nothing where nothing differs.
    task<result<department>> upsert_department(new_department wanted, domain::actor who);
    /// The whole new set; changes nothing where nothing differs. At most 1000. `seen`: the version of the department.
    task<result<department>> set_members(department_id id, std::vector<member> members, domain::actor who,
                                         std::optional<std::int64_t> seen = {});

    /// Several changes that happen together or not at all, each with its events: begun on this database, first `lock`,
    /// then `commit` of this service. After an error the transaction is to be given up.
    pg::database& database() { return db_; }
    /// Keeps every other change of departments, members and who is active out until the end.
    static task<result<void>> lock(pg::transaction& tx);
    /// Errors: invalid_field.
    task<result<prepared_user>> prepare_user(new_user wanted);
    task<result<user>> upsert_user(pg::transaction& tx, prepared_user wanted, domain::actor who);
    task<result<department>> upsert_department(pg::transaction& tx, new_department wanted, domain::actor who);
    task<result<department>> set_members(pg::transaction& tx, department_id id, std::vector<member> members,
                                         domain::actor who, std::optional<std::int64_t> seen = {});
    /// Whoever lost a right by it has lost it on this node at once.
    task<result<void>> commit(pg::transaction& tx);

    task<result<std::optional<user>>> find_user(user_id id);
    task<result<std::optional<user>>> find_user(std::string login);
    static task<result<std::optional<user>>> find_user(pg::transaction& tx, std::string login);
    /// In the order of logins, those after `after`; at most `limit` (1 to 200).
    task<result<std::vector<user>>> list_users(std::string after, std::size_t limit);
    task<result<std::optional<department>>> find_department(department_id id);
    task<result<std::optional<department>>> find_department(std::string code);
    /// All, in the order of codes.
    task<result<std::vector<department>>> list_departments();
    static task<result<std::vector<department>>> list_departments(pg::transaction& tx);
    task<result<std::vector<member>>> list_members(department_id id);
    static task<result<std::vector<member>>> list_members(pg::transaction& tx, department_id id);
    /// Leaders first, each in the order of logins.
    task<result<std::vector<named_member>>> list_named_members(department_id id);

private:
    struct user_edit
    {
        std::optional<std::string> display_name;
        std::optional<std::string> language;
        std::optional<std::string> time_zone;
        std::optional<bool> active;
        std::optional<domain::role_set> roles;
        std::optional<std::string> password_phc;
        bool only_missing_password = false;
    };
    /// What every change of a user comes down to: what differs is saved, told, and ends sessions where it must.
    task<result<user>> change_user(user_id id, std::optional<std::int64_t> seen, user_edit edit, domain::actor who);
    task<result<user>> change_user(pg::transaction& tx, user_id id, std::optional<std::int64_t> seen, user_edit edit,
                                   domain::actor who);
    task<result<user>> create_user(pg::transaction& tx, prepared_user wanted, domain::actor who);
    task<result<department>> create_department(pg::transaction& tx, new_department wanted, domain::actor who);
    task<result<department>> update_department(pg::transaction& tx, department_id id, new_department wanted,
                                               std::optional<std::int64_t> seen, domain::actor who);
    task<result<std::string>> hash(std::string password);
    task<result<std::vector<journal::event>>> raise_leaders_above(pg::transaction& tx, std::vector<department_id> of,
                                                                  instant at, domain::actor who);

    pg::database& db_;
    const clock& clock_;
    blocking_pool& pool_;
    rights_epoch& epoch_;
};

} // namespace huiyin::people
