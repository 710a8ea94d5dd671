#include "change.hpp"

#include <huiyin/base/text.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace huiyin::people {

namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 3> unique_fields{{
    {"user_account_login_key", "login"},
    {"department_code_key", "code"},
    {"api_token_handle_key", "handle"},
}};
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> reference_fields{{
    {"department_parent_fkey", "parent"},
    {"department_contact_a_fkey", "contact_a"},
    {"department_contact_b_fkey", "contact_b"},
    {"department_member_user_fkey", "user"},
    {"notice_user_fkey", "user"},
}};

bool is_word(std::string_view text, std::string_view marks)
{
    const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    return !text.empty() && text.size() <= 64 && plain(text.front()) &&
           std::ranges::all_of(text, [&](char c) { return plain(c) || marks.contains(c); });
}

} // namespace

std::unexpected<error> invalid(std::string field, std::string reason)
{
    return fail(error{errc::invalid_field, field + ": " + reason, {}}
                    .with("field", std::move(field))
                    .with("reason", std::move(reason)));
}

std::unexpected<error> translated(error e)
{
    if (e.code != errc::constraint_violated) return fail(std::move(e));
    for (const auto& [constraint, field] : unique_fields)
        if (e.detail == constraint)
            return fail(error{errc::already_exists, e.detail, {}}.with("field", std::string(field)));
    for (const auto& [constraint, field] : reference_fields)
        if (e.detail == constraint) return invalid(std::string(field), "does not exist");
    return fail(std::move(e));
}

bool is_code(std::string_view text)
{
    return is_word(text, "_-");
}

bool is_login(std::string_view text)
{
    return is_word(text, "._@+-");
}

result<void> check_password(std::string_view password, std::string_view login)
{
    if (!is_storable_utf8(password)) return invalid("password", "is not text");
    if (code_points(password) < 8) return invalid("password", "is shorter than 8 characters");
    if (password.size() > longest_password) return invalid("password", "is longer than 256 bytes");
    if (lower_ascii(password) == login) return invalid("password", "is the login");
    return {};
}

journal::event change(instant at, std::string kind, const uuid& subject, std::int64_t version, const domain::actor& who,
                      const nlohmann::json& data)
{
    journal::event made;
    made.at = at;
    made.kind = std::move(kind);
    made.subject = subject;
    made.subject_version = version;
    made.actor_kind = who.kind;
    made.actor = who.id;
    made.data = data.dump();
    return made;
}

void add_session_ended(std::vector<journal::event>& to, const std::vector<session_id>& ended, user_id user,
                       std::string_view why, instant at, const domain::actor& who)
{
    for (const auto session : ended)
        to.push_back(change(at, "session.ended", session.value(), 2, who, {{"user", user.to_string()}, {"why", why}}));
}

uuid named_subject(std::string_view name)
{
    const auto digest = sha256(name);
    uuid made;
    std::copy_n(digest.begin(), made.bytes.size(), made.bytes.begin());
    made.bytes[6] = static_cast<std::uint8_t>((made.bytes[6] & 0x0f) | 0x80);
    made.bytes[8] = static_cast<std::uint8_t>((made.bytes[8] & 0x3f) | 0x80);
    return made;
}

} // namespace huiyin::people
