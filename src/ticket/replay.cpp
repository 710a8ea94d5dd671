#include "list_columns.hpp"
#include "ticket_rows.hpp"

#include <huiyin/ticket/replay.hpp>

#include <exception>

namespace huiyin::ticket {

using nlohmann::json;

namespace {

/// Rows below a ticket are appended: none may come before the one ahead of it.
bool follows(const json& rows, const json& changes)
{
    for (const auto& [table, changed] : changes.items()) {
        zeros_of(table); // throws where there is no such table
        if (table == "ticket") continue;
        const auto known = rows.find(table);
        auto count = known == rows.end() ? std::size_t{0} : known->size();
        for (const auto& each : changed) {
            const auto n = each.at("n").get<std::size_t>();
            if (n > count) return false;
            if (n == count) ++count;
        }
    }
    return true;
}

json whole(std::string_view table, const json& row)
{
    auto all = zeros_of(table);
    all.update(row);
    return all;
}

} // namespace

std::vector<std::string_view> journalled_tables()
{
    std::vector<std::string_view> all{"ticket"};
    all.insert(all.end(), std::begin(row_tables), std::end(row_tables));
    return all;
}

replay::replay() : rows_(std::make_unique<json>(json::object())) {}
replay::~replay() = default;
replay::replay(replay&&) noexcept = default;
replay& replay::operator=(replay&&) noexcept = default;

result<void> replay::apply(std::string_view data)
{
    try {
        const auto read = json::parse(data);
        const auto changes = read.find("rows");
        if (changes == read.end()) return {};
        if (!follows(*rows_, *changes)) return fail(errc::corrupt, "an event's row comes before the one ahead of it");
        if (empty() && read.contains("parties") && read.contains("interactions")) links_.emplace();
        take_links(read);
        apply_changes(*rows_, *changes);
        return {};
    } catch (const std::exception& e) {
        return fail(errc::corrupt, std::string("an event's rows: ") + e.what());
    }
}

void replay::take_links(const json& data)
{
    if (!links_) return;
    const auto take = [&](const char* name, auto& into) {
        if (const auto named = data.find(name); named != data.end())
            for (const auto& each : *named)
                into.insert(each.get<std::string>());
    };
    take("parties", links_->parties);
    take("interactions", links_->interactions);
}

bool replay::empty() const
{
    return !rows_->contains("ticket");
}

result<domain::ticket> replay::ticket() const
{
    try {
        return ticket_of(*rows_);
    } catch (const std::exception& e) {
        return fail(errc::corrupt, std::string("no ticket: ") + e.what());
    }
}

json replay::rows() const
{
    json out = json::object();
    int has_rows = 0;
    for (std::size_t i = 0; i < std::size(row_tables); ++i) {
        auto& list = out[row_tables[i]] = json::array();
        const auto known = rows_->find(row_tables[i]);
        if (known == rows_->end() || known->empty()) continue;
        has_rows |= 1 << i;
        for (const auto& each : *known)
            list.push_back(whole(row_tables[i], each));
    }
    auto ticket = whole("ticket", rows_->at("ticket"));
    // Derived: events of before these columns were do not name them.
    ticket["has_rows"] = has_rows;
    if (const auto told = this->ticket()) {
        const auto* const clock = nearest_clock(*told);
        const auto holder = holder_of(*told);
        ticket["nearest_due_at"] = clock ? json(to_rfc3339(clock->due_at)) : json();
        ticket["holder"] = holder ? json(holder->to_string()) : json();
        ticket["marks"] = marks_of(*told);
    }
    out["ticket"] = json::array({std::move(ticket)});
    return out;
}

} // namespace huiyin::ticket
