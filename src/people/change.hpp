#pragma once

#include <huiyin/journal/event.hpp>
#include <huiyin/people/rights_epoch.hpp>

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace huiyin::people {

std::unexpected<error> invalid(std::string field, std::string reason);
/// `already_exists` naming the field whose unique constraint was met, `invalid_field` for a foreign key, else `e`
/// itself.
std::unexpected<error> translated(error e);

/// 1 to 64 of a-z 0-9 _ -, the first a letter or digit.
bool is_code(std::string_view text);
bool is_login(std::string_view text);
result<void> check_password(std::string_view password, std::string_view login);
constexpr std::size_t longest_password = 256;

journal::event change(instant at, std::string kind, const uuid& subject, std::int64_t version, const domain::actor& who,
                      const nlohmann::json& data);
/// One `session.ended` for each of `ended`.
void add_session_ended(std::vector<journal::event>& to, const std::vector<session_id>& ended, user_id user,
                       std::string_view why, instant at, const domain::actor& who);

/// A subject for what has no id of its own: the first bytes of SHA-256 of its name, as a version 8 UUID.
uuid named_subject(std::string_view name);

/// Lets the epoch rise when the scope is left, whatever came of the commit: an unknown outcome may have taken rights
/// too.
class rising
{
public:
    explicit rising(rights_epoch& epoch) : epoch_(epoch) {}
    ~rising() { epoch_.rise(); }
    rising(const rising&) = delete;
    rising& operator=(const rising&) = delete;

private:
    rights_epoch& epoch_;
};

} // namespace huiyin::people
