#include "webhook_secret.hpp"

#include <huiyin/base/log.hpp>
#include <huiyin/base/text.hpp>
#include <huiyin/outbox/webhook.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace huiyin::outbox {

namespace {

constexpr std::string_view secret_prefix = "whsec_";

/// RFC 4648, section 4.
std::string to_base64(std::span<const std::uint8_t> bytes)
{
    auto text = to_base64url(bytes);
    std::ranges::replace(text, '-', '+');
    std::ranges::replace(text, '_', '/');
    text.append((4 - text.size() % 4) % 4, '=');
    return text;
}

std::optional<std::vector<std::uint8_t>> from_base64(std::string_view text)
{
    std::string plain(text.substr(0, text.find('=')));
    std::ranges::replace(plain, '+', '-');
    std::ranges::replace(plain, '/', '_');
    return from_base64url(plain);
}

std::optional<std::chrono::seconds> retry_after(const net::incoming_answer& in)
{
    const auto text = in.header("retry-after");
    if (!text) return std::nullopt;
    std::int64_t seconds = 0;
    const auto [end, failed] = std::from_chars(text->data(), text->data() + text->size(), seconds);
    if (failed != std::errc() || end != text->data() + text->size() || seconds < 0) return std::nullopt;
    return std::chrono::seconds(std::min<std::int64_t>(seconds, 86'400));
}

outcome outcome_of(const net::incoming_answer& answer)
{
    outcome came{verdict::temporary, "http_" + std::to_string(answer.status), {}};
    if (answer.status >= 200 && answer.status < 300) return {verdict::sent, "", {}};
    switch (answer.status) {
    case 400:
    case 413:
    case 414:
    case 415:
    case 422:
    case 431: came.verdict = verdict::permanent; break;
    default: came.retry_after = retry_after(answer);
    }
    return came;
}

} // namespace

std::string webhook_secret(const webhook_key& key, account_id of, std::int64_t number)
{
    return std::string(secret_prefix) +
           to_base64(hmac_sha256(key, "huiyin webhook secret\n" + of.to_string() + "\n" + std::to_string(number)));
}

std::string secret_check(std::string_view secret)
{
    const auto digest = sha256(secret);
    return to_hex(std::span(digest).first(8));
}

std::string sign_webhook(std::string_view secret, std::string_view id, std::chrono::sys_seconds at,
                         std::string_view body)
{
    const auto key =
        secret.starts_with(secret_prefix) ? from_base64(secret.substr(secret_prefix.size())) : std::nullopt;
    if (!key) throw std::invalid_argument("not a secret of a webhook");
    std::string content(id);
    content.append(".").append(std::to_string(at.time_since_epoch().count())).append(".").append(body);
    return "v1," + to_base64(hmac_sha256(*key, content));
}

webhook_sender::webhook_sender(net::http_client& http, const clock& time, const webhook_key& key, duration limit)
    : http_(http), clock_(time), key_(key), limit_(limit)
{}

task<outcome> webhook_sender::send(sending what)
{
    co_return co_await deliver(*what.through, what.effect.to_string(), std::move(what.payload));
}

task<outcome> webhook_sender::probe(std::shared_ptr<const account> through)
{
    const auto id = effect_id::make().to_string();
    auto body = nlohmann::json{{"kind", "webhook.test"}, {"id", id}, {"at", to_rfc3339(clock_.now())}}.dump();
    co_return co_await deliver(*through, id, std::move(body));
}

task<outcome> webhook_sender::deliver(const account& through, std::string id, std::string body)
{
    const auto settings = find_webhook_settings(through.settings);
    const auto url = settings ? net::parse_http_url(settings->url) : std::nullopt;
    if (!url) co_return outcome{verdict::temporary, "webhook_broken", {}};
    const auto secret = webhook_secret(key_, through.id, settings->secret_number);
    if (secret_check(secret) != settings->secret_check) {
        // What another key signs would be refused by the receiver, for a reason he cannot know.
        log::error("outbox.webhook_key_differs", {{"account", through.id}});
        co_return outcome{verdict::temporary, "webhook_key_differs", {}};
    }
    const auto now = clock_.now();
    const auto at = std::chrono::floor<std::chrono::seconds>(now);
    auto signature = sign_webhook(secret, id, at, body);
    if (settings->previous_until && now < *settings->previous_until)
        signature += " " + sign_webhook(webhook_secret(key_, through.id, settings->secret_number - 1), id, at, body);

    net::outgoing_request request;
    request.url = *url;
    request.headers = {{"Content-Type", "application/json"},
                       {"User-Agent", "huiyin"},
                       {"webhook-id", std::move(id)},
                       {"webhook-timestamp", std::to_string(at.time_since_epoch().count())},
                       {"webhook-signature", std::move(signature)}};
    request.body = std::move(body);
    const auto answer = co_await http_.fetch(std::move(request), limit_);
    if (answer) co_return outcome_of(*answer);
    const auto& why = answer.error();
    co_return outcome{
        why.may_have_arrived ? verdict::unknown : verdict::temporary, std::string(to_string(why.why)), {}};
}

} // namespace huiyin::outbox
