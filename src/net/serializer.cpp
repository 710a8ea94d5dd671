#include "serializer.hpp"

#include <date/date.h>
#include <fmt/format.h>

#include <algorithm>

namespace huiyin::net {

namespace {

constexpr std::string_view always = "X-Content-Type-Options: nosniff\r\n"
                                    "X-Frame-Options: DENY\r\n"
                                    "Referrer-Policy: same-origin\r\n"
                                    "Cross-Origin-Resource-Policy: same-origin\r\n";
// Referrer-Policy is not no-referrer: with it browsers send "Origin: null" from our own forms.
constexpr std::string_view page_policy = "Content-Security-Policy: default-src 'self'; img-src 'self' data: blob:; "
                                         "frame-src blob:; object-src 'none'; base-uri 'none'; "
                                         "frame-ancestors 'none'; form-action 'self'\r\n";
/// What is no page loads nothing, should a browser be made to show it as one.
constexpr std::string_view data_policy =
    "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'; sandbox\r\n";
/// Rules for pages only.
constexpr std::string_view page_rules =
    "Cross-Origin-Opener-Policy: same-origin\r\n"
    "Permissions-Policy: camera=(), geolocation=(), microphone=(), payment=(), usb=()\r\n";

bool same_name(std::string_view a, std::string_view b)
{
    return std::ranges::equal(a, b, [](char x, char y) { return (x | 0x20) == (y | 0x20); });
}

bool has(const response& reply, std::string_view name)
{
    return std::ranges::any_of(reply.headers, [&](const auto& h) { return same_name(h.first, name); });
}

bool has_control(std::string_view text)
{
    return std::ranges::any_of(text, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return (byte < 0x20 && byte != '\t') || byte == 0x7f;
    });
}

} // namespace

void date_line::tick(instant now)
{
    const auto second = std::chrono::floor<std::chrono::seconds>(now);
    if (second == made_for_) return;
    made_for_ = second;
    line_ = "Date: " + date::format("%a, %d %b %Y %H:%M:%S GMT", second) + "\r\n";
}

void append_head(std::string& out, const response& reply, const send_options& with)
{
    const auto number = [](auto value) { return fmt::format_int(value); };
    out.append("HTTP/1.1 ")
        .append(number(reply.status).c_str())
        .append(" ")
        .append(reason_phrase(reply.status))
        .append("\r\n");
    out += with.date;
    const bool bodiless = reply.status == 204 || reply.status == 304;
    if (!bodiless) {
        const auto size = reply.shared_body.data() != nullptr ? reply.shared_body.size() : reply.body.size();
        out.append("Content-Length: ").append(number(size).c_str()).append("\r\n");
        if (!reply.content_type.empty()) out.append("Content-Type: ").append(reply.content_type).append("\r\n");
    }
    out.append("X-Request-Id: ").append(with.request_id).append("\r\n");
    const bool is_page = reply.content_type.starts_with("text/html");
    if (!has(reply, "content-security-policy")) out += is_page ? page_policy : data_policy;
    out += always;
    if (is_page) out += page_rules;
    if (!has(reply, "cache-control")) out += "Cache-Control: no-store\r\n";
    if (with.secure) out += "Strict-Transport-Security: max-age=31536000\r\n";
    for (const auto& [name, value] : reply.headers)
        out.append(name).append(": ").append(value).append("\r\n");
    if (with.close)
        out += "Connection: close\r\n";
    else if (with.http_1_0)
        out += "Connection: keep-alive\r\n";
    out += "\r\n";
}

void add_trace_id(response& reply, std::string_view request_id)
{
    if (reply.content_type != "application/problem+json" || !reply.body.ends_with('}')) return;
    reply.body.pop_back();
    reply.body.append(R"(,"trace_id":")").append(request_id).append("\"}");
}

bool is_sendable(const response& reply)
{
    if (has_control(reply.content_type)) return false;
    return std::ranges::none_of(reply.headers, [](const auto& h) {
        return h.first.empty() || h.first.find_first_of(": ") != std::string::npos || has_control(h.first) ||
               has_control(h.second);
    });
}

std::string_view reason_phrase(int status)
{
    switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 206: return "Partial Content";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 417: return "Expectation Failed";
    case 422: return "Unprocessable Content";
    case 426: return "Upgrade Required";
    case 428: return "Precondition Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 503: return "Service Unavailable";
    default: return "Status";
    }
}

} // namespace huiyin::net
