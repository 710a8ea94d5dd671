#pragma once

#include <huiyin/base/error.hpp>
#include <huiyin/domain/ticket.hpp>

#include <nlohmann/json_fwd.hpp>

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace huiyin::ticket {

/// "ticket" and the tables below it, whose rows the journal tells.
std::vector<std::string_view> journalled_tables();

/// One ticket as its journal tells it. Movable.
class replay
{
public:
    struct links
    {
        /// Salted digests of the contacts given with it.
        std::set<std::string, std::less<>> parties;
        std::set<std::string, std::less<>> interactions;
    };

    replay();
    ~replay();
    replay(replay&&) noexcept;
    replay& operator=(replay&&) noexcept;

    /// `data` of the ticket's next event, serialised, in the order in which they were appended; one without rows
    /// changes nothing. Errors: `corrupt`.
    result<void> apply(std::string_view data);
    /// No event had rows.
    bool empty() const;
    /// Errors: `corrupt` where what the events left is no ticket.
    result<domain::ticket> ticket() const;
    /// {"ticket":[{column:value,…}],"ticket_deadline":[…],…}: every table with every column, as a save would leave
    /// them. Not of an empty one.
    nlohmann::json rows() const;
    /// Nothing where its opening does not name them, as those of before did not.
    const std::optional<links>& linked() const { return links_; }

private:
    void take_links(const nlohmann::json& data);

    std::unique_ptr<nlohmann::json> rows_;
    std::optional<links> links_;
};

} // namespace huiyin::ticket
