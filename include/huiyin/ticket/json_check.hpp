#pragma once

#include <huiyin/ticket/pack.hpp>

#include <nlohmann/json.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Reading a JSON document whole: each part knows its path, and what is wrong is collected instead of stopping. What
/// could not be read comes back empty; the caller goes on and its result is thrown away.
namespace huiyin::ticket {

constexpr std::size_t most_violations = 200;

class json_part
{
public:
    json_part(const nlohmann::json& value, std::string path, std::vector<violation>& faults)
        : value_(&value), path_(std::move(path)), faults_(&faults)
    {}

    void fault(std::string what) const;
    /// A violation at a member that may not be there.
    void fault(std::string_view member, std::string what) const;

    bool is_text() const { return value_->is_string(); }
    /// Words that are not blank, storable, and at most `longest` code points long.
    std::string text(std::size_t longest) const;
    std::vector<json_part> list(std::size_t least, std::size_t most) const;
    std::vector<std::pair<std::string, json_part>> members(std::size_t least, std::size_t most) const;

    const nlohmann::json& value() const { return *value_; }
    json_part member(std::string_view name, const nlohmann::json& value) const;

private:
    const nlohmann::json* value_;
    std::string path_;
    std::vector<violation>* faults_;
};

/// An object whose keys are all known: what nobody asked for by the time it goes is a violation.
class json_object
{
public:
    explicit json_object(json_part part);
    ~json_object();
    json_object(const json_object&) = delete;
    json_object& operator=(const json_object&) = delete;

    void fault(std::string_view name, std::string what) { part_.fault(name, std::move(what)); }

    bool has(std::string_view name);
    std::optional<json_part> optional(std::string_view name);
    std::optional<json_part> required(std::string_view name);
    std::string text(std::string_view name, std::size_t longest);
    std::string optional_text(std::string_view name, std::size_t longest);
    std::vector<std::string> optional_texts(std::string_view name, std::size_t most, std::size_t longest);
    /// a-z, 0-9, _ and -, beginning with a letter or digit, at most 64.
    std::string code(std::string_view name);
    std::string optional_code(std::string_view name);
    std::int64_t integer(std::string_view name, std::int64_t least, std::int64_t most);
    bool flag(std::string_view name, bool otherwise);

private:
    json_part part_;
    std::set<std::string, std::less<>> known_;
};

/// The document, or why it is none: too large, not JSON, not UTF-8, nested too deep, a key twice in one object.
std::optional<nlohmann::json> parse_document(std::string_view text, std::size_t largest,
                                             std::vector<violation>& faults);

template <class T, class Read>
checked<T> check_json(std::string_view text, std::size_t largest, Read read)
{
    std::vector<violation> faults;
    if (const auto document = parse_document(text, largest, faults)) {
        T found = read(json_part(*document, {}, faults), faults);
        if (faults.empty()) return found;
    }
    if (faults.size() > most_violations) faults.resize(most_violations);
    return std::unexpected(std::move(faults));
}

} // namespace huiyin::ticket
