#include <huiyin/base/text.hpp>
#include <huiyin/net/message.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>

namespace huiyin::net {

namespace {

constexpr std::size_t deepest_json = 64;
constexpr std::size_t longest_cursor = 2048;
constexpr std::size_t most_cursor_parts = 16;
constexpr std::size_t largest_page = 200;

/// Builds a value as nlohmann's own parser does, but refuses what two parsers could read differently: a key twice, a
/// NUL. It ends at the first nesting too deep, so 10,000 brackets cost 64.
class strict_builder
{
public:
    bool null() { return put(nullptr); }
    bool boolean(bool value) { return put(value); }
    bool number_integer(std::int64_t value) { return put(value); }
    bool number_unsigned(std::uint64_t value) { return put(value); }
    bool number_float(double value, const std::string&) { return put(value); }
    bool string(std::string& value)
    {
        if (value.find('\0') != std::string::npos) return refuse("NUL");
        return put(std::move(value));
    }
    bool binary(nlohmann::json::binary_t&) { return refuse("binary"); }
    bool start_object(std::size_t) { return open(nlohmann::json::value_t::object); }
    bool start_array(std::size_t) { return open(nlohmann::json::value_t::array); }
    bool end_object() { return close(); }
    bool end_array() { return close(); }
    bool key(std::string& name)
    {
        if (name.find('\0') != std::string::npos) return refuse("NUL");
        if (open_.back()->contains(name)) return refuse("duplicate key");
        key_ = std::move(name);
        return true;
    }
    bool parse_error(std::size_t at, const std::string&, const nlohmann::json::exception&)
    {
        position = at;
        return refuse("syntax");
    }

    nlohmann::json root;
    std::string_view reason = "syntax";
    std::optional<std::size_t> position;

private:
    bool refuse(std::string_view why)
    {
        reason = why;
        return false;
    }
    template <class T>
    nlohmann::json& place(T&& value)
    {
        if (open_.empty()) return root = std::forward<T>(value);
        auto& parent = *open_.back();
        if (parent.is_array()) return parent.emplace_back(std::forward<T>(value));
        return parent[key_] = std::forward<T>(value);
    }
    template <class T>
    bool put(T&& value)
    {
        place(std::forward<T>(value));
        return true;
    }
    bool open(nlohmann::json::value_t kind)
    {
        if (open_.size() >= deepest_json) return refuse("nested too deep");
        open_.push_back(&place(nlohmann::json(kind)));
        return true;
    }
    bool close()
    {
        open_.pop_back();
        return true;
    }

    std::vector<nlohmann::json*> open_;
    std::string key_;
};

/// The type without parameters, in lower case: "Application/JSON; charset=utf-8" → "application/json".
std::string media_type(std::string_view content_type)
{
    return lower_ascii(trimmed(content_type.substr(0, content_type.find(';'))));
}

std::string dump(const nlohmann::json& body)
{
    return body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

} // namespace

std::string_view to_string(method m)
{
    switch (m) {
    case method::get: return "GET";
    case method::head: return "HEAD";
    case method::post: return "POST";
    case method::put: return "PUT";
    case method::patch: return "PATCH";
    case method::delete_: return "DELETE";
    case method::options: return "OPTIONS";
    }
    return "GET";
}

std::optional<std::string_view> request::header(std::string_view lower_name) const
{
    for (const auto& [name, value] : headers)
        if (name == lower_name) return value;
    return std::nullopt;
}

std::optional<std::string_view> request::query_value(std::string_view name) const
{
    for (const auto& [key, value] : query)
        if (key == name) return value;
    return std::nullopt;
}

std::optional<std::string_view> request::cookie(std::string_view name) const
{
    for (const auto& [header_name, value] : headers) {
        if (header_name != "cookie") continue;
        std::string_view rest = value;
        while (!rest.empty()) {
            const auto end = rest.find(';');
            const auto pair = trimmed(rest.substr(0, end));
            const auto equals = pair.find('=');
            if (equals != std::string_view::npos && pair.substr(0, equals) == name) return pair.substr(equals + 1);
            rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
        }
    }
    return std::nullopt;
}

result<nlohmann::json> request::json() const
{
    const auto type = header("content-type");
    if (!type || media_type(*type) != "application/json")
        return fail(errc::unsupported_media_type, "not application/json");
    if (!is_storable_utf8(body)) return fail(errc::invalid_utf8, "JSON body");
    strict_builder builder;
    if (nlohmann::json::sax_parse(body, &builder)) return std::move(builder.root);
    auto why = error{errc::invalid_json, std::string(builder.reason), {}}.with("reason", std::string(builder.reason));
    if (builder.position) why = std::move(why).with("position", std::to_string(*builder.position));
    return fail(std::move(why));
}

result<std::int64_t> request::seen_version() const
{
    const auto tag = header("if-match");
    if (!tag) return fail(errc::version_required);
    if (tag->size() < 3 || tag->front() != '"' || tag->back() != '"') return fail(errc::bad_request, "If-Match");
    std::int64_t version = 0;
    const auto* const last = tag->data() + tag->size() - 1;
    const auto [end, failure] = std::from_chars(tag->data() + 1, last, version);
    if (failure != std::errc() || end != last || version < 0) return fail(errc::bad_request, "If-Match");
    return version;
}

result<std::optional<std::string>> request::idempotency_key() const
{
    const auto key = header("idempotency-key");
    if (!key) return std::optional<std::string>();
    const bool printable = std::ranges::all_of(*key, [](char c) { return c > ' ' && c < 0x7f; });
    if (key->empty() || key->size() > 128 || !printable) return fail(errc::bad_request, "Idempotency-Key");
    return std::optional<std::string>(*key);
}

response json_reply(int status, const nlohmann::json& body)
{
    response reply;
    reply.status = status;
    reply.body = dump(body);
    return reply;
}

response no_content()
{
    response reply;
    reply.status = 204;
    reply.content_type.clear();
    return reply;
}

result<page> page_of(const request& req, std::size_t default_limit)
{
    page found;
    found.limit = default_limit;
    if (const auto limit = req.query_value("limit")) {
        const auto* const last = limit->data() + limit->size();
        const auto [end, failure] = std::from_chars(limit->data(), last, found.limit);
        if (failure != std::errc() || end != last || found.limit < 1 || found.limit > largest_page) {
            auto why = error{errc::invalid_field, "limit", {}};
            return fail(std::move(why).with("field", "limit").with("reason", "must be 1 to 200"));
        }
    }
    const auto cursor = req.query_value("cursor");
    if (!cursor) return found;
    if (cursor->size() > longest_cursor) return fail(errc::invalid_cursor);
    const auto bytes = from_base64url(*cursor);
    if (!bytes) return fail(errc::invalid_cursor);
    const std::string text(bytes->begin(), bytes->end());
    strict_builder builder;
    if (!is_storable_utf8(text) || !nlohmann::json::sax_parse(text, &builder)) return fail(errc::invalid_cursor);
    const auto& key = builder.root;
    const bool strings = key.is_array() && std::ranges::all_of(key, [](const auto& each) { return each.is_string(); });
    if (!strings || key.empty() || key.size() > most_cursor_parts) return fail(errc::invalid_cursor);
    found.after = key.get<std::vector<std::string>>();
    return found;
}

std::string encode_cursor(const std::vector<std::string>& key)
{
    const auto text = dump(nlohmann::json(key));
    return to_base64url({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

} // namespace huiyin::net
