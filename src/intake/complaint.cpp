#include <huiyin/base/text.hpp>
#include <huiyin/intake/complaint.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <functional>
#include <initializer_list>

namespace huiyin::intake {

namespace {

using nlohmann::json;
using namespace std::chrono_literals;

/// A code of a pack, a channel or a form's field.
bool is_code(std::string_view text, std::size_t limit)
{
    return !text.empty() && text.size() <= limit && text.front() >= 'a' && text.front() <= 'z' &&
           std::ranges::all_of(text,
                               [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

/// Walks over an input and collects everything that is wrong with it.
class reader
{
public:
    explicit reader(std::vector<violation>& found) : found_(found) {}

    void refuse(std::string field, std::string reason) { found_.push_back({std::move(field), std::move(reason)}); }

    bool is_object(const json& value, const std::string& field, std::initializer_list<std::string_view> members)
    {
        if (!value.is_object()) {
            refuse(field, "invalid");
            return false;
        }
        for (const auto& [name, ignored] : value.items())
            if (std::ranges::find(members, name) == members.end())
                refuse(field.empty() ? name : field + "." + name, "unknown");
        return true;
    }

    /// Missing, null and blank are the same: nothing was said.
    std::string text(const json& of, const char* member, const std::string& field, std::size_t limit,
                     bool required = false)
    {
        const auto value = of.find(member);
        if (value != of.end() && !value->is_null()) {
            if (!value->is_string()) {
                refuse(field, "invalid");
                return {};
            }
            const auto& words = value->get_ref<const std::string&>();
            if (!is_storable_utf8(words)) {
                refuse(field, "invalid");
                return {};
            }
            if (code_points(words) > limit) {
                refuse(field, "too_long");
                return {};
            }
            if (!trimmed(words).empty()) return words;
        }
        if (required) refuse(field, "required");
        return {};
    }

    std::optional<instant> time(const json& of, const char* member, instant latest)
    {
        const auto words = text(of, member, member, 40);
        if (words.empty()) return std::nullopt;
        const auto at = parse_rfc3339(words);
        if (!at || *at < std::chrono::sys_days(std::chrono::year(1900) / 1 / 1)) {
            refuse(member, "invalid");
            return std::nullopt;
        }
        if (*at > latest) {
            refuse(member, "in_future");
            return std::nullopt;
        }
        return at;
    }

    std::string code(const json& of, const char* member, std::size_t limit, bool required = false)
    {
        auto word = text(of, member, member, limit, required);
        if (!word.empty() && !is_code(word, limit)) {
            refuse(member, "invalid");
            return {};
        }
        return word;
    }

    bool flag(const json& of, const char* member)
    {
        const auto value = of.find(member);
        if (value == of.end() || value->is_null()) return false;
        if (value->is_boolean()) return value->get<bool>();
        refuse(member, "invalid");
        return false;
    }

private:
    std::vector<violation>& found_;
};

/// Name, phone and e-mail. What cannot be read is kept as words, so that an officer may still make sense of it.
void read_contact(reader& in, const json& body, const record::phone_settings& phones, bool proven, contact& out)
{
    const auto given = body.find("contact");
    if (given == body.end()) {
        in.refuse("contact", "required");
        return;
    }
    if (!in.is_object(*given, "contact", {"name", "phone", "email"})) return;
    out.name = std::string(trimmed(in.text(*given, "name", "contact.name", 100)));
    const auto phone = in.text(*given, "phone", "contact.phone", 60);
    const auto email = in.text(*given, "email", "contact.email", 254);

    if (!phone.empty()) {
        if (const auto number = record::parse_phone(phone, phones))
            out.identities.push_back({{record::identity_kind::phone, number->value()}, proven});
        else
            out.fields.emplace_back("phone_as_typed", phone);
    }
    if (!email.empty()) {
        if (const auto address = record::parse_email(email))
            out.identities.push_back({{record::identity_kind::email, *address}, proven});
        else
            out.fields.emplace_back("email_as_typed", email);
    }
    if (!out.identities.empty()) return;
    if (phone.empty() && email.empty()) in.refuse("contact", "required");
    if (!phone.empty()) in.refuse("contact.phone", "invalid");
    if (!email.empty()) in.refuse("contact.email", "invalid");
}

void read_fields(reader& in, const json& body, contact& out)
{
    const auto given = body.find("fields");
    if (given == body.end() || given->is_null()) return;
    if (!given->is_object()) {
        in.refuse("fields", "invalid");
        return;
    }
    if (given->size() > 32) {
        in.refuse("fields", "too_many");
        return;
    }
    for (const auto& [name, value] : given->items()) {
        const auto field = "fields." + std::string(first_code_points(name, 50));
        if (!is_code(name, 50))
            in.refuse(field, "unknown");
        else if (value.is_string()) {
            if (auto words = in.text(*given, name.c_str(), field, 1000); !words.empty())
                out.fields.emplace_back(name, words);
        } else if (value.is_number() || value.is_boolean())
            out.fields.emplace_back(name, value.dump());
        else if (!value.is_null())
            in.refuse(field, "invalid");
    }
}

std::optional<int> read_score(reader& in, const json& given, const char* name)
{
    const auto value = given.find(name);
    if (value == given.end() || value->is_null()) return std::nullopt;
    if (value->is_number_integer() && *value >= 1 && *value <= 5) return value->get<int>();
    in.refuse(std::string("answers.") + name, "invalid");
    return std::nullopt;
}

/// What an act carries besides words.
void read_detail(reader& in, const json& body, contact& out)
{
    out.detail.reason = in.code(body, "reason", 64);
    const auto given = body.find("answers");
    if (given == body.end() || given->is_null()) {
        if (out.act == act::verdict) in.refuse("answers", "required");
        return;
    }
    if (!in.is_object(*given, "answers", {"solved", "result", "time", "attitude"})) return;
    const auto word = in.text(*given, "solved", "answers.solved", 20, true);
    const auto solved = domain::parse_name<domain::solved_answer>(word);
    if (!word.empty() && !solved) in.refuse("answers.solved", "invalid");
    out.detail.said = domain::answers{solved.value_or(domain::solved_answer::unasked), read_score(in, *given, "result"),
                                      read_score(in, *given, "time"), read_score(in, *given, "attitude")};
}

void read_matter(reader& in, const json& body, instant now, contact& out)
{
    out.category = in.code(body, "category", 64);
    out.problem = in.text(body, "problem", "problem", 10'000, true);
    out.object = in.text(body, "object", "object", 500);
    out.desired_solution = in.text(body, "desired_solution", "desired_solution", 2'000);
    out.occurred_at = in.time(body, "occurred_at", now + 24h);
    read_fields(in, body, out);
}

} // namespace

checked<contact> parse_complaint(const json& body, const record::phone_settings& phones, instant now)
{
    std::vector<violation> found;
    reader in(found);
    contact out;
    out.channel = "web";
    out.account = "public";
    out.at = now;
    if (in.is_object(body, "",
                     {"contact", "category", "problem", "object", "desired_solution", "occurred_at", "fields"}))
    {
        read_contact(in, body, phones, false, out);
        read_matter(in, body, now, out);
    }
    if (!found.empty()) return std::unexpected(std::move(found));
    return out;
}

checked<registration> parse_registration(const json& body, const record::phone_settings& phones, instant now)
{
    static constexpr std::array<std::string_view, 6> channels{"phone", "visit", "letter", "mail", "sms", "chat"};
    std::vector<violation> found;
    reader in(found);
    registration out;
    auto& what = out.what;
    what.account = "desk";
    what.at = now;
    if (in.is_object(body, "",
                     {"customer_id", "contact", "channel", "direction", "type", "category", "problem", "object",
                      "desired_solution", "occurred_at", "fields", "confidential", "customer_waiting", "vip"}))
    {
        what.channel = in.code(body, "channel", 32, true);
        if (!what.channel.empty() && std::ranges::find(channels, what.channel) == channels.end())
            in.refuse("channel", "invalid");
        const auto direction = in.text(body, "direction", "direction", 10);
        what.outbound = direction == "out";
        if (!direction.empty() && !what.outbound && direction != "in") in.refuse("direction", "invalid");
        if (const auto id = in.text(body, "customer_id", "customer_id", 60); !id.empty()) {
            out.customer = customer_id::parse(id);
            if (!out.customer) in.refuse("customer_id", "invalid");
        }
        const auto given = body.find("contact");
        const bool on_file = body.contains("customer_id") && !body.at("customer_id").is_null();
        if (!on_file || (given != body.end() && !given->is_null())) read_contact(in, body, phones, false, what);
        if (const auto word = in.text(body, "type", "type", 20); !word.empty()) {
            what.remarks.type = domain::parse_name<domain::ticket_type>(word);
            if (!what.remarks.type) in.refuse("type", "invalid");
        }
        what.remarks.confidential = in.flag(body, "confidential");
        what.remarks.customer_waiting = in.flag(body, "customer_waiting");
        what.remarks.vip = in.flag(body, "vip");
        read_matter(in, body, now, what);
    }
    if (!found.empty()) return std::unexpected(std::move(found));
    return out;
}

checked<contact> parse_intake(const json& body, const record::phone_settings& phones, instant now)
{
    std::vector<violation> found;
    reader in(found);
    contact out;
    out.channel = "api";
    out.at = now;
    out.proof = proof::api_token;
    if (in.is_object(body, "",
                     {"account", "external_id", "channel", "contact", "category", "problem", "object",
                      "desired_solution", "occurred_at", "fields", "at", "ticket", "act", "reason", "answers"}))
    {
        out.account = "api/" + in.code(body, "account", 64, true);
        out.external_id = in.text(body, "external_id", "external_id", 200, true);
        if (auto channel = in.code(body, "channel", 32); !channel.empty()) out.channel = channel;
        read_contact(in, body, phones, true, out);
        read_matter(in, body, now, out);
        if (const auto at = in.time(body, "at", now + 24h)) out.at = *at;
        out.ticket_number = in.text(body, "ticket", "ticket", 40);
        if (const auto word = in.text(body, "act", "act", 20); !word.empty()) {
            const auto known = parse_act(word);
            if (!known)
                in.refuse("act", "invalid");
            else if (*known != act::message && out.ticket_number.empty())
                in.refuse("ticket", "required");
            else
                out.act = *known;
        }
        read_detail(in, body, out);
    }
    if (!found.empty()) return std::unexpected(std::move(found));
    return out;
}

namespace {

/// One of phone and e-mail. What cannot be anyone's gives an identity that is nobody's.
record::identity read_party(reader& in, const json& body, const record::phone_settings& phones)
{
    const auto phone = in.text(body, "phone", "phone", 60);
    const auto email = in.text(body, "email", "email", 254);
    if (phone.empty() == email.empty()) {
        in.refuse(phone.empty() ? "phone" : "email", phone.empty() ? "required" : "invalid");
        return {};
    }
    if (!phone.empty())
        return {record::identity_kind::phone,
                record::parse_phone(phone, phones).value_or(record::phone_number{}).value()};
    return {record::identity_kind::email, record::parse_email(email).value_or("")};
}

} // namespace

checked<public_act> parse_act_request(const json& body, std::string_view number, const record::phone_settings& phones,
                                      instant now)
{
    std::vector<violation> found;
    reader in(found);
    public_act out;
    out.what.channel = "web";
    out.what.account = "public";
    out.what.at = now;
    out.what.ticket_number = std::string(trimmed(narrowed(first_code_points(number, 40))));
    if (in.is_object(body, "", {"act", "phone", "email", "token", "text", "reason", "answers"})) {
        const auto known = parse_act(in.text(body, "act", "act", 20, true));
        if (known && *known != act::message)
            out.what.act = *known;
        else if (body.contains("act"))
            in.refuse("act", "invalid");
        out.what.problem = in.text(body, "text", "text", 10'000, out.what.act == act::added_word);
        read_detail(in, body, out.what);
        out.token = in.text(body, "token", "token", 100);
        if (out.token.empty()) {
            out.what.proof = proof::ticket_contact;
            out.what.identities = {{read_party(in, body, phones), false}};
        } else {
            out.what.proof = proof::link_token;
            if (out.what.act != act::verdict) in.refuse("token", "invalid");
        }
    }
    if (!found.empty()) return std::unexpected(std::move(found));
    return out;
}

checked<tracking_request> parse_tracking(const json& body, const record::phone_settings& phones)
{
    std::vector<violation> found;
    reader in(found);
    tracking_request out;
    if (in.is_object(body, "", {"number", "phone", "email"})) {
        out.number = std::string(trimmed(narrowed(in.text(body, "number", "number", 40, true))));
        out.party = read_party(in, body, phones);
    }
    if (!found.empty()) return std::unexpected(std::move(found));
    return out;
}

} // namespace huiyin::intake
