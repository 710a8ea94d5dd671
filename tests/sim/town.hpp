#pragma once

#include <huiyin/domain/decide.hpp>
#include <huiyin/ticket/configuration.hpp>
#include <huiyin/ticket/pack.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace huiyin::sim {

inline const std::filesystem::path source_root = HUIYIN_SOURCE_ROOT;

inline std::string text_of(const std::filesystem::path& file)
{
    std::ifstream in(file, std::ios::binary);
    EXPECT_TRUE(in) << file;
    return {std::istreambuf_iterator<char>(in), {}};
}

/// A ready-made organisation with everybody it needs: two handlers and a leader for each department, and a desk.
class town
{
public:
    explicit town(const std::string& pack_name)
    {
        auto read = ticket::parse_pack(text_of(source_root / "config/packs" / (pack_name + ".json")));
        if (!read) throw std::runtime_error(pack_name + ": " + read.error().front().to_string());
        std::map<std::string, department_id> ids;
        for (const auto& each : read->departments)
            ids.emplace(each.code, next<department_id>());
        std::vector<ticket::department_entry> entries;
        for (const auto& each : read->departments) {
            ticket::department_entry entry;
            entry.id = ids.at(each.code);
            entry.code = each.code;
            if (!each.parent.empty()) entry.parent = ids.at(each.parent);
            entry.name = each.name;
            auto& team = teams_[entry.id];
            team.handlers = {person({domain::role::department_handler}, {entry.id}),
                             person({domain::role::department_handler}, {entry.id})};
            entry.contact_a = user_id(team.handlers[0].id);
            entry.contact_b = user_id(team.handlers[1].id);
            entries.push_back(std::move(entry));
        }
        for (const auto& entry : entries) {
            auto leader = person({domain::role::department_leader}, {entry.id});
            leader.leads = {entry.id};
            for (bool grown = true; grown;) {
                grown = false;
                for (const auto& below : entries)
                    if (below.parent && leader.serves(*below.parent) && !leader.serves(below.id)) {
                        leader.departments.push_back(below.id);
                        grown = true;
                    }
            }
            teams_[entry.id].leader = std::move(leader);
            departments.push_back(entry.id);
        }
        for (const auto& each : read->categories)
            categories.push_back(each.code);
        std::map<std::string, std::map<int, domain::calendar_year>> years;
        for (const auto& file : std::filesystem::directory_iterator(source_root / "config/calendars")) {
            if (file.path().extension() != ".json") continue;
            const auto days_of = ticket::parse_calendar_file(text_of(file.path()));
            years[days_of->calendar][days_of->year] = days_of->days;
        }
        rules.emplace(1, std::move(*read), std::move(years), std::move(entries));
    }

    struct team
    {
        std::vector<domain::actor> handlers;
        domain::actor leader;
    };
    const team& team_of(department_id department) const { return teams_.at(department); }

    /// As the service makes it for a command that sends the ticket to `lead`, or about one that it leads.
    domain::policy policy_for(const std::string& category, std::optional<department_id> foreseen,
                              std::optional<department_id> lead)
    {
        if (!lead) lead = foreseen;
        auto& kept = policies_[{category, foreseen.value_or(department_id()), lead.value_or(department_id())}];
        if (!kept) {
            kept = rules->policy_for(category, {}, lead);
            if (foreseen) kept->department = foreseen;
        }
        return *kept;
    }
    domain::destination to(department_id department) const
    {
        const auto* const entry = rules->find_department(department);
        return {department, entry->contact_a, entry->contact_b, false, false};
    }

    std::optional<ticket::configuration> rules;
    std::vector<department_id> departments;
    std::vector<std::string> categories;
    domain::actor agent = person({domain::role::agent});
    domain::actor agent_b = person({domain::role::agent});
    domain::actor officer = person({domain::role::complaint_officer});
    domain::actor officer_b = person({domain::role::complaint_officer});
    domain::actor supervisor = person({domain::role::supervisor});

private:
    template <class Id>
    static Id next()
    {
        static std::uint32_t made = 0;
        uuid value;
        ++made;
        for (std::size_t i = 0; i < 4; ++i)
            value.bytes[15 - i] = static_cast<std::uint8_t>(made >> (8 * i));
        value.bytes[0] = 2;
        return Id(value);
    }
    static domain::actor person(domain::role_set roles, std::vector<department_id> departments = {})
    {
        return {.kind = domain::actor_kind::user,
                .id = next<user_id>().value(),
                .roles = roles,
                .departments = std::move(departments),
                .leads = {},
                .scopes = {}};
    }

    std::map<department_id, team> teams_;
    std::map<std::tuple<std::string, department_id, department_id>, std::optional<domain::policy>> policies_;
};

} // namespace huiyin::sim
