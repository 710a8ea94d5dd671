#include "router_impl.hpp"

#include <huiyin/base/text.hpp>

#include <algorithm>
#include <stdexcept>

namespace huiyin::net {

namespace {

constexpr std::size_t longest_segment = 512;
constexpr std::size_t most_segments = 32;
constexpr std::size_t most_query_names = 64;

/// The next segment of a path that starts with '/'.
std::string_view take_segment(std::string_view& path)
{
    path.remove_prefix(1);
    const auto end = std::min(path.find('/'), path.size());
    const auto segment = path.substr(0, end);
    path.remove_prefix(end);
    return segment;
}

bool walk(const router::impl::node& at, std::string_view path, std::size_t depth, router::impl::match& found)
{
    if (path.empty()) {
        found.routes = &at.here;
        return !at.here.empty();
    }
    if (depth > most_segments) return false;
    auto left = path;
    const auto segment = take_segment(left);
    if (const auto literal = at.literals.find(segment); literal != at.literals.end())
        if (walk(*literal->second, left, depth + 1, found)) return true;
    if (at.parameter && !segment.empty()) {
        found.values.push_back(segment);
        if (walk(*at.parameter, left, depth + 1, found)) return true;
        found.values.pop_back();
    }
    if (at.rest.empty()) return false;
    found.values.push_back(path.substr(1));
    found.routes = &at.rest;
    found.is_rest = true;
    return true;
}

int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/// Nothing for an escape that is none and for bytes that a URI cannot hold.
std::optional<std::string> decoded(std::string_view raw, bool plus_is_space)
{
    std::string out;
    out.reserve(raw.size());
    for (std::size_t i = 0; i < raw.size(); ++i) {
        const char c = raw[i];
        const auto byte = static_cast<unsigned char>(c);
        if (byte <= ' ' || byte >= 0x7f || c == '#') return std::nullopt;
        if (c == '+' && plus_is_space) {
            out += ' ';
        } else if (c == '%') {
            const int high = i + 2 < raw.size() ? hex_digit(raw[i + 1]) : -1;
            const int low = high >= 0 ? hex_digit(raw[i + 2]) : -1;
            if (low < 0) return std::nullopt;
            out += static_cast<char>(high * 16 + low);
            i += 2;
        } else {
            out += c;
        }
    }
    return out;
}

bool is_plain_path(std::string_view raw)
{
    return std::ranges::all_of(raw, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' || c == '-' ||
               c == '_';
    });
}

} // namespace

const route* router::impl::match::of(net::method m) const
{
    const route* get = nullptr;
    for (const auto* each : *routes) {
        if (each->method == m) return each;
        if (each->method == net::method::get) get = each;
    }
    return m == net::method::head ? get : nullptr;
}

std::string router::impl::match::allow() const
{
    std::vector<std::string_view> names{"OPTIONS"};
    for (const auto* each : *routes) {
        names.push_back(to_string(each->method));
        if (each->method == net::method::get) names.push_back("HEAD");
    }
    std::ranges::sort(names);
    names.erase(std::ranges::unique(names).begin(), names.end());
    std::string list;
    for (const auto name : names)
        list.append(list.empty() ? "" : ", ").append(name);
    return list;
}

void router::impl::add(route added)
{
    if (!added.pattern.starts_with('/')) throw std::logic_error("route " + added.pattern + ": must start with '/'");
    auto* at = &root;
    bool rest = false;
    for (std::string_view left = added.pattern; !left.empty();) {
        const auto segment = take_segment(left);
        if (!segment.starts_with('{')) {
            auto& next = at->literals[std::string(segment)];
            if (!next) next = std::make_unique<node>();
            at = next.get();
            continue;
        }
        if (!segment.ends_with('}')) throw std::logic_error("route " + added.pattern + ": '}' missing");
        auto name = segment.substr(1, segment.size() - 2);
        rest = name.ends_with("...");
        if (rest) {
            name.remove_suffix(3);
            if (!left.empty()) throw std::logic_error("route " + added.pattern + ": {rest...} must be last");
        } else {
            if (!at->parameter) at->parameter = std::make_unique<node>();
            at = at->parameter.get();
        }
        added.parameters.emplace_back(name);
    }
    auto& list = rest ? at->rest : at->here;
    if (std::ranges::any_of(list, [&](const auto* each) { return each->method == added.method; }))
        throw std::logic_error("route " + std::string(to_string(added.method)) + " " + added.pattern + ": twice");
    added.index = routes.size();
    routes.push_back(std::make_unique<route>(std::move(added)));
    list.push_back(routes.back().get());
}

router::impl::match router::impl::find(std::string_view path) const
{
    match found;
    if (!walk(root, path, 0, found)) found.routes = nullptr;
    return found;
}

router::router() : impl_(std::make_unique<impl>()) {}
router::~router() = default;

void router::add(method m, std::string_view pattern, domain::permission needed, endpoint run, route_options with)
{
    impl_->add({m, std::string(pattern), needed, std::move(run), {}, with, {}, 0});
}

void router::stream(std::string_view pattern, domain::permission needed, websocket_endpoint run)
{
    impl_->add({method::get, std::string(pattern), needed, {}, std::move(run), {}, {}, 0});
}

std::vector<router::entry> router::table() const
{
    std::vector<entry> all;
    for (const auto& each : impl_->routes)
        all.push_back({each->method, each->pattern, each->needed, static_cast<bool>(each->stream)});
    return all;
}

result<std::string> decode_path(std::string_view raw)
{
    if (is_plain_path(raw)) {
        if (raw.size() <= longest_segment) return std::string(raw);
    } else if (raw.find("%2f") != std::string_view::npos || raw.find("%2F") != std::string_view::npos) {
        return fail(errc::bad_request, "encoded slash");
    }
    auto path = decoded(raw, false);
    if (!path || !is_storable_utf8(*path)) return fail(errc::bad_request, "path");
    const auto is_control = [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; };
    if (std::ranges::any_of(*path, is_control)) return fail(errc::bad_request, "control character in the path");
    for (std::string_view left = *path; !left.empty();) {
        const auto segment = take_segment(left);
        if (segment == "." || segment == "..") return fail(errc::bad_request, "dot segment");
        if (segment.size() > longest_segment) return fail(errc::not_found, "over-long segment");
    }
    return std::move(*path);
}

result<std::vector<std::pair<std::string, std::string>>> decode_query(std::string_view raw)
{
    std::vector<std::pair<std::string, std::string>> pairs;
    while (!raw.empty()) {
        const auto end = std::min(raw.find('&'), raw.size());
        const auto piece = raw.substr(0, end);
        raw.remove_prefix(std::min(end + 1, raw.size()));
        if (piece.empty()) continue;
        if (pairs.size() >= most_query_names) return fail(errc::bad_request, "too many query names");
        const auto equals = std::min(piece.find('='), piece.size());
        auto name = decoded(piece.substr(0, equals), true);
        auto value = decoded(piece.substr(std::min(equals + 1, piece.size())), true);
        if (!name || !value) return fail(errc::bad_request, "query");
        if (!is_storable_utf8(*name) || !is_storable_utf8(*value)) return fail(errc::invalid_utf8, "query");
        pairs.emplace_back(std::move(*name), std::move(*value));
    }
    return pairs;
}

} // namespace huiyin::net
