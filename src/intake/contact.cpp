#include <huiyin/base/text.hpp>
#include <huiyin/intake/contact.hpp>

#include <algorithm>
#include <array>

namespace huiyin::intake {

namespace {

constexpr std::array<std::string_view, 7> proofs{"none",   "link_token", "authenticated_mail", "trunk_caller",
                                                 "log_in", "api_token",  "ticket_contact"};
constexpr std::array<std::string_view, 7> acts{"message", "urge",   "added_word", "verdict",
                                               "dispute", "reopen", "withdrawal"};

template <class E, std::size_t N>
std::optional<E> parse(const std::array<std::string_view, N>& names, std::string_view name)
{
    const auto at = std::ranges::find(names, name);
    if (at == names.end()) return std::nullopt;
    return static_cast<E>(at - names.begin());
}

} // namespace

std::string_view to_string(proof p)
{
    return proofs[static_cast<std::size_t>(p)];
}

std::optional<proof> parse_proof(std::string_view name)
{
    return parse<proof>(proofs, name);
}

std::string_view to_string(act a)
{
    return acts[static_cast<std::size_t>(a)];
}

std::optional<act> parse_act(std::string_view name)
{
    return parse<act>(acts, name);
}

std::string principal_of(const contact& of)
{
    std::string who;
    for (const auto& given : of.identities)
        who.append(record::to_string(given.what.kind)).append("=").append(given.what.value).append("\n");
    return "contact:" + to_hex(sha256(who));
}

void identify(contact& what, std::optional<std::string> idempotency_key, std::string_view body)
{
    identify(what, principal_of(what), std::move(idempotency_key), body);
}

void identify(contact& what, std::string principal, std::optional<std::string> idempotency_key, std::string_view body)
{
    if (!idempotency_key) {
        what.external_id = uuid::make().to_string();
        return;
    }
    what.key = request_key{std::move(principal), std::move(*idempotency_key), sha256(body)};
    what.external_id = "key:" + to_hex(sha256({what.key->principal, "\n", what.key->key}));
}

} // namespace huiyin::intake
