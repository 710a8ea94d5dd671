#pragma once

#include <huiyin/base/id.hpp>
#include <huiyin/base/text.hpp>
#include <huiyin/base/time.hpp>
#include <huiyin/net/message.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace huiyin::api {

/// Reads the members of a JSON object into fields and collects everything that is wrong with them, unknown members
/// included.
class body
{
public:
    explicit body(const nlohmann::json& object) : object_(object)
    {
        if (!object_.is_object()) violations_.add("", "is not an object");
    }

    /// Trimmed; `least` to `most` characters.
    std::string text(const char* name, std::size_t least, std::size_t most)
    {
        const auto* const value = find(name);
        if (!value) {
            if (least > 0) violations_.add(name, "is missing");
            return {};
        }
        if (!value->is_string()) return refuse<std::string>(name, "is not a string");
        std::string read(trimmed(value->get_ref<const std::string&>()));
        const auto length = code_points(read);
        if (length < least || length > most)
            return refuse<std::string>(name, fmt::format("has {} characters, not {} to {}", length, least, most));
        return read;
    }
    std::optional<std::string> optional_text(const char* name, std::size_t most)
    {
        if (!find(name)) return std::nullopt;
        return text(name, 0, most);
    }
    bool boolean(const char* name, bool otherwise)
    {
        const auto* const value = find(name);
        if (!value) return otherwise;
        return value->is_boolean() ? value->get<bool>() : refuse<bool>(name, "is neither true nor false");
    }
    std::optional<std::int64_t> integer(const char* name, std::int64_t least, std::int64_t most)
    {
        const auto* const value = find(name);
        if (!value) return std::nullopt;
        if (!value->is_number_integer()) return refuse<std::int64_t>(name, "is not a whole number");
        const auto read = value->get<std::int64_t>();
        if (read < least || read > most)
            return refuse<std::int64_t>(name, fmt::format("is not between {} and {}", least, most));
        return read;
    }
    std::optional<instant> time(const char* name)
    {
        const auto* const value = find(name);
        if (!value) return std::nullopt;
        const auto read = value->is_string() ? parse_rfc3339(value->get_ref<const std::string&>()) : std::nullopt;
        if (!read) violations_.add(name, "is not a time like 2026-02-24T10:00:00+08:00");
        return read;
    }
    template <class Id>
    std::optional<Id> id(const char* name)
    {
        const auto* const value = find(name);
        if (!value) return std::nullopt;
        const auto read = value->is_string() ? Id::parse(value->get_ref<const std::string&>()) : std::nullopt;
        if (!read) violations_.add(name, "is not an id");
        return read;
    }
    template <class Id>
    Id required_id(const char* name)
    {
        const auto read = id<Id>(name);
        if (!find(name)) violations_.add(name, "is missing");
        return read.value_or(Id());
    }
    std::vector<std::string> texts(const char* name, std::size_t most)
    {
        const auto* const value = find(name);
        if (!value) return {};
        if (!value->is_array() || value->size() > most)
            return refuse<std::vector<std::string>>(name, fmt::format("is not a list of at most {}", most));
        std::vector<std::string> read;
        for (const auto& each : *value) {
            if (!each.is_string()) return refuse<std::vector<std::string>>(name, "holds something that is no string");
            read.push_back(each.get<std::string>());
        }
        return read;
    }
    /// One of the names that `parse` knows.
    template <class Parse>
    auto choice(const char* name, Parse parse) -> decltype(parse(std::string_view()))
    {
        const auto* const value = find(name);
        if (!value) return {};
        auto read =
            value->is_string() ? parse(value->get_ref<const std::string&>()) : decltype(parse(std::string_view()))();
        if (!read) violations_.add(name, "is none of the known values");
        return read;
    }
    /// A member that is read by hand.
    const nlohmann::json* find(const char* name)
    {
        known_.insert(name);
        if (!object_.is_object()) return nullptr;
        const auto it = object_.find(name);
        return it == object_.end() || it->is_null() ? nullptr : &*it;
    }
    void add(const char* name, std::string reason) { violations_.add(name, std::move(reason)); }

    /// 422 with everything that was wrong, or nothing.
    std::optional<net::response> refusal()
    {
        if (object_.is_object())
            for (const auto& [name, value] : object_.items())
                if (!known_.contains(name)) violations_.add(name, "is not known");
        if (violations_.empty()) return std::nullopt;
        return violations_.reply();
    }

private:
    template <class T>
    T refuse(const char* name, std::string reason)
    {
        violations_.add(name, std::move(reason));
        return T();
    }

    const nlohmann::json& object_;
    std::set<std::string, std::less<>> known_;
    net::violations violations_;
};

} // namespace huiyin::api
