#include <huiyin/base/text.hpp>
#include <huiyin/ticket/json_check.hpp>
#include <huiyin/upkeep/mapping.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace huiyin::upkeep {

namespace {

using ticket::json_object;
using ticket::json_part;
using ticket::violation;

constexpr std::size_t longest_name = 200;
constexpr std::size_t longest_key = 200;
constexpr std::size_t longest_words = 256 * 1024;

bool is_code(std::string_view text)
{
    return !text.empty() && text.size() <= 64 && text.front() >= 'a' && text.front() <= 'z' &&
           std::ranges::all_of(text,
                               [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

std::string code_of(const json_part& part)
{
    auto word = part.text(64);
    if (word.empty() || is_code(word)) return word;
    part.fault("not a code (a-z, 0-9 and _, a letter first)");
    return {};
}

/// A list of different texts; a single text stands for a list of one.
std::vector<std::string> texts_of(const std::optional<json_part>& part)
{
    std::vector<std::string> all;
    if (!part) return all;
    if (part->is_text()) return {part->text(longest_name)};
    for (const auto& each : part->list(1, 100)) {
        auto words = each.text(longest_name);
        if (words.empty()) continue;
        if (std::ranges::find(all, words) != all.end())
            each.fault("named before");
        else
            all.push_back(std::move(words));
    }
    return all;
}

code_map codes_of(const std::optional<json_part>& part)
{
    code_map read;
    if (!part) return read;
    json_object in(*part);
    read.column = in.optional_text("column", longest_name);
    if (const auto codes = in.optional("codes")) {
        if (read.column.empty()) codes->fault("of no use without a column");
        for (const auto& [word, code] : codes->members(0, 10'000))
            read.codes.emplace(trimmed(word), code_of(code));
    }
    if (const auto otherwise = in.required("otherwise")) read.otherwise = code_of(*otherwise);
    return read;
}

void read_finished(json_object& in, mapping& m)
{
    const auto rule = in.text("finished_when", longest_name);
    const auto status = in.optional("status");
    if (rule == "status") {
        m.finished_when = finished_rule::status;
        if (!status) in.fault("status", "missing, though finished_when is \"status\"");
    } else if (rule == "closed") {
        m.finished_when = finished_rule::closed;
        if (m.closed_at.empty()) in.fault("closed_at", "missing, though finished_when is \"closed\"");
    } else if (!rule.empty() && rule != "never") {
        in.fault("finished_when", "neither \"status\" nor \"closed\" nor \"never\"");
    }
    if (!status) return;
    if (!rule.empty() && rule != "status") status->fault("of no use unless finished_when is \"status\"");
    json_object states(*status);
    m.status = states.text("column", longest_name);
    m.finished_states = texts_of(states.required("finished"));
    m.unfinished_states = texts_of(states.required("unfinished"));
    for (const auto& each : m.unfinished_states)
        if (std::ranges::find(m.finished_states, each) != m.finished_states.end())
            states.fault("unfinished", fmt::format("\"{}\" is finished, too", each));
}

mapping read_mapping(const json_part& document)
{
    json_object in(document);
    mapping m;
    if (const auto account = in.required("account")) m.account = code_of(*account);
    m.time_zone = in.text("time_zone", longest_name);
    if (!m.time_zone.empty() && !is_time_zone(m.time_zone)) in.fault("time_zone", "no such zone");
    for (const auto& pattern : texts_of(in.required("times"))) {
        m.times.push_back({pattern});
        if (auto reason = fault_in(m.times.back())) in.fault("times", fmt::format("\"{}\" {}", pattern, *reason));
    }
    m.key = texts_of(in.required("key"));
    m.reported_at = in.text("reported_at", longest_name);
    m.closed_at = texts_of(in.optional("closed_at"));
    m.due_at = in.optional_text("due_at", longest_name);
    read_finished(in, m);
    m.channel = codes_of(in.required("channel"));
    m.category = codes_of(in.required("category"));
    if (const auto type = domain::parse_name<domain::ticket_type>(in.text("type", longest_name)))
        m.type = *type;
    else if (in.has("type"))
        in.fault("type", "no such ticket type");
    m.customer = in.optional_text("customer", longest_name);
    m.problem = texts_of(in.required("problem"));
    m.object = texts_of(in.optional("object"));
    m.answer = texts_of(in.optional("answer"));
    m.note = texts_of(in.optional("note"));
    return m;
}

std::vector<std::pair<std::string, std::vector<std::string>>> columns_of(const mapping& m)
{
    return {{"key", m.key},
            {"reported_at", {m.reported_at}},
            {"closed_at", m.closed_at},
            {"due_at", {m.due_at}},
            {"status.column", {m.status}},
            {"channel.column", {m.channel.column}},
            {"category.column", {m.category.column}},
            {"customer", {m.customer}},
            {"problem", m.problem},
            {"object", m.object},
            {"answer", m.answer},
            {"note", m.note}};
}

} // namespace

ticket::checked<mapping> parse_mapping(std::string_view json)
{
    return ticket::check_json<mapping>(
        json, 1024 * 1024, [](const json_part& document, std::vector<violation>&) { return read_mapping(document); });
}

ticket::checked<mapped_columns> mapped_columns::bind(const mapping& of, const std::vector<std::string>& header)
{
    mapped_columns bound;
    bound.of_ = of;
    bound.width_ = header.size();
    std::vector<violation> faults;
    for (const auto& [path, columns] : columns_of(of)) {
        for (const auto& column : columns) {
            if (column.empty()) continue;
            const auto is_it = [&](const std::string& name) { return trimmed(name) == column; };
            const auto found = std::ranges::find_if(header, is_it);
            if (found == header.end())
                faults.push_back({path, fmt::format("the file has no column \"{}\"", column)});
            else if (std::find_if(found + 1, header.end(), is_it) != header.end())
                faults.push_back({path, fmt::format("the file has two columns \"{}\"", column)});
            else
                bound.places_[column] = static_cast<std::size_t>(found - header.begin());
        }
    }
    if (!faults.empty()) return std::unexpected(std::move(faults));
    return bound;
}

/// One record while it is read.
class mapped_columns::reading
{
public:
    reading(const mapped_columns& columns, const std::vector<std::string>& fields) : columns_(columns), fields_(fields)
    {}

    std::string_view value(const std::string& column) const
    {
        return column.empty() ? std::string_view() : trimmed(fields_[columns_.places_.find(column)->second]);
    }

    void refuse(const std::string& column, std::string_view reason)
    {
        refusals_.push_back(fmt::format("{}: {}", column, reason));
    }
    std::string refusals() const { return fmt::format("{}", fmt::join(refusals_, "; ")); }
    bool refused() const { return !refusals_.empty(); }

    std::string key()
    {
        std::string joined;
        for (const auto& column : columns_.of_.key) {
            const auto part = value(column);
            if (part.empty()) refuse(column, "blank, though it is part of the key");
            if (!joined.empty()) joined += '/';
            joined += part;
        }
        if (joined.size() > longest_key)
            refuse(columns_.of_.key.front(), fmt::format("a key of more than {} bytes", longest_key));
        return joined;
    }

    std::optional<instant> time(const std::string& column)
    {
        const auto written = value(column);
        if (written.empty()) return std::nullopt;
        auto read = read_time(written, columns_.of_.times, columns_.of_.time_zone);
        if (!read) refuse(column, fmt::format("\"{}\" is no time", first_code_points(to_storable_utf8(written), 40)));
        return read;
    }

    std::string code(const code_map& map) const
    {
        if (const auto found = map.codes.find(std::string(value(map.column))); found != map.codes.end())
            return found->second;
        return map.otherwise;
    }

    bool finished(bool has_closing_time)
    {
        const auto& of = columns_.of_;
        switch (of.finished_when) {
        case finished_rule::never: return false;
        case finished_rule::closed: return has_closing_time;
        case finished_rule::status: break;
        }
        const auto state = value(of.status);
        if (std::ranges::find(of.finished_states, state) != of.finished_states.end()) return true;
        if (std::ranges::find(of.unfinished_states, state) == of.unfinished_states.end())
            refuse(of.status,
                   fmt::format("\"{}\" is neither a finished nor an unfinished state", first_code_points(state, 40)));
        return false;
    }

    /// The columns' values, one under the other; with `named` each behind its column's name.
    std::string words(const std::vector<std::string>& columns, bool named = false)
    {
        std::string all;
        for (const auto& column : columns) {
            const auto each = value(column);
            if (each.empty()) continue;
            if (!all.empty()) all += '\n';
            if (named) all += column + ": ";
            all += each;
        }
        if (all.size() > longest_words)
            refuse(columns.front(), fmt::format("more than {} bytes of words", longest_words));
        return all;
    }

    void check_encoding()
    {
        for (const auto& [column, place] : columns_.places_)
            if (!is_storable_utf8(fields_[place])) refuse(column, "not UTF-8, or with NUL");
    }

private:
    const mapped_columns& columns_;
    const std::vector<std::string>& fields_;
    std::vector<std::string> refusals_;
};

std::expected<source_record, std::string> mapped_columns::read(std::size_t line,
                                                               const std::vector<std::string>& fields) const
{
    if (fields.size() != width_)
        return std::unexpected(fmt::format("{} fields, where the header has {}", fields.size(), width_));
    reading in(*this, fields);
    in.check_encoding();
    if (in.refused()) return std::unexpected(in.refusals());

    source_record r;
    r.line = line;
    r.key = in.key();
    if (in.value(of_.reported_at).empty()) in.refuse(of_.reported_at, "blank");
    r.reported_at = in.time(of_.reported_at).value_or(instant{});
    const auto given = [&](const std::string& column) { return !in.value(column).empty(); };
    r.due_at = in.time(of_.due_at);
    r.finished = in.finished(!of_.closed_at.empty() && given(of_.closed_at.front()));
    const auto closed = std::ranges::find_if(of_.closed_at, given);
    if (r.finished && closed != of_.closed_at.end()) r.closed_at = in.time(*closed);
    r.channel = in.code(of_.channel);
    r.category = in.code(of_.category);
    r.customer = in.value(of_.customer);
    if (r.customer.size() > longest_key) in.refuse(of_.customer, fmt::format("more than {} bytes", longest_key));
    r.problem = in.words(of_.problem);
    if (r.problem.empty()) in.refuse(of_.problem.front(), "no words about the problem");
    r.object = in.words(of_.object);
    r.answer = in.words(of_.answer);
    r.note = in.words(of_.note, true);
    if (in.refused()) return std::unexpected(in.refusals());

    if (r.closed_at && *r.closed_at < r.reported_at) {
        r.remarks.push_back(fmt::format("{}: before {}; taken as equal", *closed, of_.reported_at));
        r.closed_at = r.reported_at;
    }
    if (r.finished && !r.closed_at) {
        r.remarks.push_back("finished without a closing time; taken as closed when it was reported");
        r.closed_at = r.reported_at;
    }
    if (!r.finished && closed == of_.closed_at.begin() && closed != of_.closed_at.end())
        r.remarks.push_back(fmt::format("{}: set, though the record is not finished; passed over", *closed));
    return r;
}

} // namespace huiyin::upkeep
