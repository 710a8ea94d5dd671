#include "plain_pages.hpp"

#include "html.hpp"
#include "plain_words.hpp"

#include <huiyin/base/crypto.hpp>
#include <huiyin/base/text.hpp>
#include <huiyin/domain/calendar.hpp>
#include <huiyin/intake/complaint.hpp>
#include <huiyin/record/attachment_store.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <map>

namespace huiyin::web {

namespace {

using domain::permission;
using nlohmann::json;

constexpr std::size_t most_parts = 64;

constexpr std::string_view sheet =
    R"css(:root { color-scheme: light dark; --line: #c9cdd4; --soft: #5a6372; --over: #b42318; --brand: #1f5fbf; }
@media (prefers-color-scheme: dark) { :root { --line: #444b57; --soft: #a4adba; --over: #ff8a7a; --brand: #8ab4f8; } }
*, *::before { box-sizing: border-box; }
body { margin: 0; font: 16px/26px system-ui, sans-serif; line-break: strict; overflow-wrap: anywhere; }
header { padding: 15px 20px; border-bottom: 1px solid var(--line); font-weight: 600; }
main { max-width: 560px; margin: 0 auto; padding: 24px 20px 40px; }
h1 { font-size: 24px; line-height: 34px; margin: 0 0 8px; }
h2 { font-size: 16px; margin: 24px 0 6px; }
a { color: var(--brand); }
label, legend { display: block; font-weight: 500; margin: 20px 0 6px; }
small, .hint { color: var(--soft); font-size: 14px; font-weight: 400; }
input, textarea, select { font: inherit; width: 100%; min-height: 48px; padding: 10px 14px; border: 1px solid var(--line); border-radius: 8px; }
[aria-invalid] { border: 2px solid var(--over); }
.fault { color: var(--over); margin: 6px 0 0; }
.notice { border: 1px solid var(--line); border-radius: 8px; padding: 10px 14px; }
.number { font-size: 24px; line-height: 34px; font-weight: 600; font-variant-numeric: tabular-nums; }
button { font: inherit; font-weight: 600; min-height: 48px; width: 100%; margin-top: 24px; border: 0; border-radius: 8px; color: #fff; background: #1f5fbf; }
ol { list-style: none; margin: 0; padding: 0; }
time { color: var(--soft); font-variant-numeric: tabular-nums; margin-inline-end: 8px; }
.trap { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
)css";

// --- what was sent

struct sent_form
{
    std::map<std::string, std::string, std::less<>> fields;
    std::vector<net::form_part> files;

    /// What was typed; empty where nothing was.
    std::string_view operator[](std::string_view name) const
    {
        const auto found = fields.find(name);
        return found == fields.end() ? std::string_view() : std::string_view(found->second);
    }
};

int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/// As browsers write application/x-www-form-urlencoded; an escape that is none stays as it is.
std::string decoded(std::string_view raw)
{
    std::string out;
    out.reserve(raw.size());
    for (std::size_t i = 0; i < raw.size(); ++i) {
        const int high = raw[i] == '%' && i + 2 < raw.size() ? hex_digit(raw[i + 1]) : -1;
        const int low = high >= 0 ? hex_digit(raw[i + 2]) : -1;
        if (low >= 0) {
            out += static_cast<char>(high * 16 + low);
            i += 2;
        } else {
            out += raw[i] == '+' ? ' ' : raw[i];
        }
    }
    return out;
}

/// Each name once, the first one; what a page of ours does not ask for is passed over by who reads it.
result<sent_form> read_form(const net::request& req)
{
    sent_form read;
    const auto type = lower_ascii(req.header("content-type").value_or(""));
    if (type.starts_with("application/x-www-form-urlencoded")) {
        std::string_view left = req.body;
        for (std::size_t parts = 0; !left.empty(); ++parts) {
            if (parts == most_parts) return fail(errc::bad_request, "too many fields");
            const auto end = std::min(left.find('&'), left.size());
            const auto pair = left.substr(0, end);
            left.remove_prefix(std::min(end + 1, left.size()));
            const auto equals = std::min(pair.find('='), pair.size());
            read.fields.emplace(decoded(pair.substr(0, equals)),
                                decoded(pair.substr(std::min(equals + 1, pair.size()))));
        }
        return read;
    }
    auto parts = net::parse_form(req, most_parts);
    if (!parts) return fail(std::move(parts.error()));
    for (auto& part : *parts) {
        if (!part.file_name) {
            read.fields.emplace(std::move(part.name), std::move(part.bytes));
        } else if (!part.bytes.empty()) {
            // A field for files in which none was chosen is sent as an empty one.
            read.files.push_back(std::move(part));
        }
    }
    if (read.files.size() > files_limit) return fail(errc::body_too_large, "more than ten files");
    return read;
}

// --- in which language

/// Chinese is two languages to a reader: what is written in Taiwan, Hong Kong and Macao, and the rest.
std::optional<language> language_of(std::string_view tag)
{
    const auto lower = lower_ascii(tag);
    if (lower.starts_with("zh")) {
        for (const auto* traditional : {"tw", "hk", "mo", "hant"})
            if (lower.contains(traditional)) return language::zh_tw;
        return language::zh_cn;
    }
    return lower.starts_with("en") ? std::optional(language::en) : std::nullopt;
}

/// The form's `lang`, the query's, then Accept-Language (RFC 9110, section 12.5.4).
language choose_language(const net::request& req, std::string_view asked)
{
    if (const auto chosen = language_of(asked)) return *chosen;
    if (const auto chosen = language_of(req.query_value("lang").value_or(""))) return *chosen;
    std::optional<language> best;
    double heaviest = 0;
    for (const auto& each : split(req.header("accept-language").value_or(""), ',')) {
        const auto parts = split(each, ';');
        double weight = 1;
        if (parts.size() > 1)
            if (const auto q = trimmed(parts[1]); q.starts_with("q="))
                std::from_chars(q.data() + 2, q.data() + q.size(), weight);
        const auto found = language_of(trimmed(parts[0]));
        if (!found || weight <= heaviest) continue;
        best = found;
        heaviest = weight;
    }
    return best.value_or(language::zh_cn);
}

std::string_view name_in(language to, const std::map<std::string, std::string>& name)
{
    if (const auto own = name.find(std::string(language_tags[static_cast<std::size_t>(to)])); own != name.end())
        return own->second;
    return name.empty() ? std::string_view() : std::string_view(name.begin()->second);
}

// --- pages

struct page_parts
{
    language to = language::zh_cn;
    std::string house;
    std::string time_zone;

    html words(const web::words& what) const { return html::text(said_in(to, what)); }
    html paragraph(const web::words& what) const { return html::element("p", {}, words(what)); }
    /// On the house's wall: "2026-03-02 17:00".
    html time(instant at) const
    {
        const auto shown = domain::calendar::around_the_clock("wall", time_zone).shown(at);
        return html::element("time", {{"datetime", to_rfc3339(at)}},
                             html::text(shown.substr(0, 10) + " " + shown.substr(11, 5)));
    }

    net::response page(int status, const web::words& title, const html& content) const
    {
        const auto tag = language_tags[static_cast<std::size_t>(to)];
        html head;
        head << html::empty_element("meta", {{"charset", "utf-8"}})
             << html::empty_element("meta", {{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}})
             << html::empty_element("meta", {{"name", "robots"}, {"content", "noindex"}})
             << html::element("title", {}, words(title))
             << html::empty_element("link", {{"rel", "stylesheet"}, {"href", "/public/v1/plain.css"}});
        html heading = html::element("h1", {}, words(title));
        html all = html::element("head", {}, head);
        html main = heading;
        main << content;
        html body =
            html::element("header", {}, html::text(house.empty() ? said_in(to, said::house) : std::string_view(house)));
        body << html::element("main", {}, main);
        all << html::element("body", {}, body);
        net::response reply;
        reply.status = status;
        reply.content_type = "text/html; charset=utf-8";
        reply.body = "<!doctype html>" + html::element("html", {{"lang", tag}}, all).string();
        return reply;
    }
};

/// Faults by the field of the page that they are shown at; "" for the whole.
using faults = std::map<std::string, web::words, std::less<>>;

html fault_at(const page_parts& in, const faults& wrong, std::string_view field, const std::string& id)
{
    const auto found = wrong.find(field);
    if (found == wrong.end()) return {};
    return html::element("p", {{"class", "fault"}, {"id", id}}, in.words(found->second));
}

enum class control { line, text };

html field(const page_parts& in, const faults& wrong, control kind, std::string_view name, const web::words& label,
           std::string_view value, const html::attributes& more, bool optional = false)
{
    const auto id = std::string(name) + "-fault";
    const bool is_wrong = wrong.contains(name);
    html caption = in.words(label);
    if (optional) caption << html::text(" ") << html::element("small", {}, in.words(said::optional));
    html made = html::element("label", {{"for", name}}, caption);
    html::attributes all{{"id", name}, {"name", name}};
    all.insert(all.end(), more.begin(), more.end());
    if (is_wrong) {
        all.emplace_back("aria-invalid", "true");
        all.emplace_back("aria-describedby", id);
    }
    if (kind == control::line) all.emplace_back("value", value);
    made << (kind == control::line ? html::empty_element("input", all)
                                   : html::element("textarea", all, html::text(value)))
         << fault_at(in, wrong, name, id);
    return made;
}

html hidden(std::string_view name, std::string_view value)
{
    return html::empty_element("input", {{"type", "hidden"}, {"name", name}, {"value", value}});
}

web::words words_of_fault(std::string_view field, std::string_view reason)
{
    if (field == "contact") return said::contact_required;
    if (reason == "required") return said::required;
    if (reason == "too_long") return said::too_long;
    if (field == "phone") return said::bad_phone;
    if (field == "email") return said::bad_email;
    return said::invalid;
}

faults faults_of(const std::vector<intake::violation>& wrong, std::initializer_list<std::string_view> fields)
{
    faults all;
    for (const auto& each : wrong) {
        std::string name = each.field.starts_with("contact.") ? each.field.substr(8) : each.field;
        const auto said = words_of_fault(name, each.reason);
        if (name == "contact") name = "phone";
        if (std::ranges::find(fields, name) == fields.end()) name.clear();
        all.try_emplace(name, said);
    }
    return all;
}

// --- a complaint

html categories(const page_parts& in, const ticket::pack& rules, std::string_view chosen)
{
    html options = html::element("option", {{"value", "none"}}, in.words(said::not_chosen));
    for (const auto& each : rules.categories) {
        if (!each.open_to_public) continue;
        const auto name = html::text(name_in(in.to, each.name));
        options << (each.code == chosen ? html::element("option", {{"value", each.code}, {"selected", ""}}, name)
                                        : html::element("option", {{"value", each.code}}, name));
    }
    html made = html::element("label", {{"for", "category"}}, in.words(said::category));
    made << html::element("select", {{"id", "category"}, {"name", "category"}}, options);
    return made;
}

/// The form once more, with what was typed and what is wrong.
net::response complaint_form(const page_parts& in, int status, const ticket::pack* rules, const sent_form& sent,
                             const faults& wrong)
{
    html notice;
    if (const auto whole = wrong.find(""); whole != wrong.end())
        notice = html::element("p", {{"class", "notice"}, {"role", "alert"}}, in.words(whole->second));
    else
        notice = html::element("p", {{"class", "notice"}, {"role", "alert"}}, in.words(said::to_change));
    if (!sent.files.empty()) notice << html::element("p", {{"class", "notice"}}, in.words(said::photos_lost));

    html form;
    if (rules) form << categories(in, *rules, sent["category"]);
    form << field(in, wrong, control::text, "problem", said::problem, sent["problem"],
                  {{"rows", "6"}, {"required", ""}})
         << field(in, wrong, control::line, "desired_solution", said::wish, sent["desired_solution"], {}, true);
    html photos = in.words(said::photos);
    photos << html::text(" ") << html::element("small", {}, in.words(said::optional));
    form << html::element("label", {{"for", "file"}}, photos)
         << html::empty_element(
                "input",
                {{"type", "file"}, {"id", "file"}, {"name", "file"}, {"multiple", ""}, {"accept", "image/*,.pdf"}})
         << field(in, wrong, control::line, "name", said::name, sent["name"], {{"autocomplete", "name"}}, true)
         << field(in, wrong, control::line, "phone", said::phone, sent["phone"],
                  {{"type", "tel"}, {"autocomplete", "tel"}})
         << field(in, wrong, control::line, "email", said::email, sent["email"],
                  {{"type", "email"}, {"autocomplete", "email"}})
         << html::element("p", {{"class", "hint"}}, in.words(said::privacy));
    html trap = html::element("label", {{"for", "website"}}, in.words(said::trap));
    trap << html::empty_element("input",
                                {{"id", "website"}, {"name", "website"}, {"tabindex", "-1"}, {"autocomplete", "off"}});
    form << html::element("div", {{"class", "trap"}, {"aria-hidden", "true"}}, trap)
         << hidden("lang", language_tags[static_cast<std::size_t>(in.to)])
         << html::element("button", {{"type", "submit"}}, in.words(said::submit));
    notice << html::element("form", {{"method", "post"}, {"action", "/complain"}, {"enctype", "multipart/form-data"}},
                            form);
    return in.page(status, said::form_title, notice);
}

/// As the page with script sends it.
json complaint_of(const sent_form& sent)
{
    json contact = json::object(), body = json::object();
    const auto put = [&](json& to, const char* member, std::string_view value) {
        if (!value.empty()) to[member] = value;
    };
    if (sent["identity"] != "unnamed") put(contact, "name", sent["name"]);
    put(contact, "phone", sent["phone"]);
    put(contact, "email", sent["email"]);
    if (sent["category"] != "none") put(body, "category", sent["category"]);
    put(body, "problem", sent["problem"]);
    put(body, "desired_solution", sent["desired_solution"]);
    body["contact"] = std::move(contact);
    // A password manager fills it, too: the complaint is kept and an officer sees the mark.
    if (!sent["website"].empty()) body["fields"] = {{"trap_filled", true}};
    return body;
}

/// A page without script has no key of its own: the same words of the same person are one complaint for a day.
std::string digest_of(const sent_form& sent, instant now)
{
    std::string all =
        domain::to_string(domain::local_day(std::chrono::floor<std::chrono::days>(now).time_since_epoch()));
    for (const auto& [name, value] : sent.fields)
        all += fmt::format("\n{}:{}\n{}:{}", name.size(), name, value.size(), value);
    for (const auto& file : sent.files)
        all += "\n" + to_hex(sha256(file.bytes));
    return all;
}

std::optional<instant> time_of(const json& answer, const char* member)
{
    const auto found = answer.find(member);
    return found != answer.end() && found->is_string() ? parse_rfc3339(found->get_ref<const std::string&>())
                                                       : std::nullopt;
}

html link(const page_parts& in, const std::string& address, const web::words& label)
{
    const auto safe = safe_address(address);
    if (safe.empty()) return {};
    return html::element("p", {}, html::element("a", {{"href", safe}}, in.words(label)));
}

net::response complaint_receipt(const page_parts& in, const intake::receipt& receipt)
{
    const auto again = [&] {
        return link(in, fmt::format("/complain?lang={}", language_tags[static_cast<std::size_t>(in.to)]), said::again);
    };
    if (receipt.outcome != intake::outcome::visible) {
        html content = in.paragraph(said::parked);
        content << html::element("p", {{"class", "number"}}, html::text(receipt.id.to_string())) << again();
        return in.page(202, said::received, content);
    }
    const auto answer = json::parse(receipt.answer);
    html content = in.paragraph(said::number);
    content << html::element("p", {{"class", "number"}}, html::text(receipt.number)) << in.paragraph(said::keep);
    if (const auto due = time_of(answer, "due_at")) {
        html line = in.words(said::due);
        line << in.time(*due);
        content << html::element("p", {}, line);
    }
    content << link(in, answer.value("tracking_url", ""), said::follow) << again();
    return in.page(201, said::received, content);
}

web::words words_of_refusal(errc code)
{
    return code == errc::overloaded || code == errc::rate_limited ? said::busy : said::other_fault;
}

task<result<std::shared_ptr<const ticket::configuration>>> rules_of(const public_endpoint& at)
{
    co_return co_await at.tickets.rules().current();
}

page_parts parts_for(language to, const ticket::configuration* rules, const public_endpoint& at)
{
    page_parts made{to, {}, at.settings.time_zone};
    if (rules) made.house = name_in(to, rules->rules().title);
    return made;
}

task<net::response> take_plain_complaint(net::request& req, const public_endpoint& at)
{
    auto sent = read_form(req);
    const auto rules = co_await rules_of(at);
    const auto* const known = rules ? rules->get() : nullptr;
    if (!sent) {
        const auto in = parts_for(choose_language(req, ""), known, at);
        co_return in.page(net::status_of(sent.error().code), said::form_title, in.paragraph(said::invalid));
    }
    const auto in = parts_for(choose_language(req, (*sent)["lang"]), known, at);
    const auto* const pack = known ? &known->rules() : nullptr;
    const auto refuse = [&](errc code) {
        return complaint_form(in, net::status_of(code), pack, *sent, {{"", words_of_refusal(code)}});
    };
    const auto now = at.time.now();
    auto contact = intake::parse_complaint(complaint_of(*sent), at.settings.phones, now);
    if (!contact)
        co_return complaint_form(in, 422, pack, *sent,
                                 faults_of(contact.error(), {"problem", "desired_solution", "name", "phone", "email"}));
    const auto digest = digest_of(*sent, now);
    intake::identify(*contact, "plain:" + to_hex(sha256(digest)), digest);
    for (auto& file : sent->files) {
        auto stored =
            co_await record::upload(at.db, *file.file_name, std::move(file.content_type), std::move(file.bytes), now);
        if (!stored) co_return refuse(stored.error().code);
        contact->attachments.push_back(*stored);
    }
    const auto receipt = co_await at.door.accept(std::move(*contact));
    if (!receipt) co_return refuse(receipt.error().code);
    co_return complaint_receipt(in, *receipt);
}

// --- where it stands

net::response tracking_form(const page_parts& in, int status, const sent_form& sent, const faults& wrong)
{
    html content = in.paragraph(said::track_lead);
    if (const auto whole = wrong.find(""); whole != wrong.end())
        content << html::element("p", {{"class", "notice"}, {"role", "alert"}}, in.words(whole->second));
    html form = field(in, wrong, control::line, "number", said::track_number, sent["number"],
                      {{"autocomplete", "off"}, {"required", ""}});
    form << field(in, wrong, control::line, "contact", said::track_contact, sent["contact"],
                  {{"autocomplete", "tel"}, {"required", ""}})
         << hidden("lang", language_tags[static_cast<std::size_t>(in.to)])
         << html::element("button", {{"type", "submit"}}, in.words(said::track_submit));
    content << html::element("form", {{"method", "post"}, {"action", "/track"}}, form);
    return in.page(status, said::track_title, content);
}

net::response standing(const page_parts& in, const std::string& number, const ticket::tracked& view)
{
    html content = html::element("p", {{"class", "number"}}, html::text(number));
    if (!view.category_name.empty())
        content << html::element("p", {{"class", "hint"}}, html::text(name_in(in.to, view.category_name)));
    if (const auto stage = words_of_stage(view.stage)) content << in.paragraph(*stage);
    if (view.department) {
        content << html::element("h2", {}, in.words(said::department))
                << html::element("p", {}, html::text(name_in(in.to, view.department->name)));
    }
    if (const auto kind = words_of_promise(view.next_promise_kind); kind && view.next_promise_at) {
        html line = in.time(*view.next_promise_at);
        line << in.words(*kind);
        content << html::element("h2", {}, in.words(said::next_promise)) << html::element("p", {}, line);
    }
    html steps;
    for (const auto& each : view.history) {
        const auto what = words_of_step(each.what);
        if (!what) continue;
        html line = in.time(each.at);
        line << in.words(*what);
        steps << html::element("li", {}, line);
    }
    content << html::element("h2", {}, in.words(said::steps)) << html::element("ol", {}, steps);
    if (view.reopen_until) {
        html line = in.words(said::reopen_until);
        line << in.time(*view.reopen_until);
        content << html::element("p", {}, line);
    }
    return in.page(200, said::track_title, content);
}

task<net::response> track_plainly(net::request& req, const public_endpoint& at)
{
    const auto sent = read_form(req);
    const auto rules = co_await rules_of(at);
    const auto* const known = rules ? rules->get() : nullptr;
    if (!sent) {
        const auto in = parts_for(choose_language(req, ""), known, at);
        co_return in.page(net::status_of(sent.error().code), said::track_title, in.paragraph(said::invalid));
    }
    const auto in = parts_for(choose_language(req, (*sent)["lang"]), known, at);
    const auto contact = (*sent)["contact"];
    json body{{"number", (*sent)["number"]}};
    body[contact.contains('@') ? "email" : "phone"] = contact;
    const auto asked = intake::parse_tracking(body, at.settings.phones);
    if (!asked) {
        faults wrong;
        for (const auto& each : asked.error())
            wrong.try_emplace(each.field == "number" ? "number" : "contact", words_of_fault("", each.reason));
        co_return tracking_form(in, 422, *sent, wrong);
    }
    const ticket::party party{std::string(record::to_string(asked->party.kind)), asked->party.value};
    const auto view = co_await at.tickets.track(asked->number, party);
    if (!view) {
        const bool none = view.error().code == errc::not_found;
        co_return tracking_form(in, net::status_of(view.error().code), *sent,
                                {{"", none ? said::track_wrong : said::track_other}});
    }
    co_return standing(in, asked->number, *view);
}

/// What the server said no to before the form was read: too often, too much, not in time.
void tell_plainly(const net::request& req, net::response& reply, const web::words& title, const public_endpoint& at)
{
    const auto in = parts_for(choose_language(req, ""), nullptr, at);
    const auto& why = reply.status == 413                          ? said::too_large
                      : reply.status == 429 || reply.status == 503 ? said::not_now
                                                                   : said::not_done;
    auto page = in.page(reply.status, title, in.paragraph(why));
    reply.content_type = std::move(page.content_type);
    reply.body = std::move(page.body);
}

} // namespace

void add_plain_pages(net::router& routes, std::shared_ptr<const public_endpoint> at)
{
    routes.post("/complain", permission::none_needed,
                [at](net::request& req) { return take_plain_complaint(req, *at); },
                {.body_limit = 25 * 1024 * 1024,
                 .per_minute = at->settings.complaints_per_minute,
                 .tell_problem = [at](const net::request& req, net::response& reply) {
                     tell_plainly(req, reply, said::form_title, *at);
                 }});
    routes.post("/track", permission::none_needed, [at](net::request& req) { return track_plainly(req, *at); },
                {.body_limit = 4096,
                 .per_minute = at->settings.tracking_per_minute,
                 .tell_problem = [at](const net::request& req, net::response& reply) {
                     tell_plainly(req, reply, said::track_title, *at);
                 }});
    routes.get("/public/v1/plain.css", permission::none_needed, [](net::request&) -> task<net::response> {
        net::response reply;
        reply.content_type = "text/css; charset=utf-8";
        reply.shared_body = sheet;
        reply.with("Cache-Control", "public, max-age=3600");
        co_return reply;
    });
}

} // namespace huiyin::web
