#include "conninfo.hpp"

#include <huiyin/base/text.hpp>

#include <algorithm>
#include <libpq-fe.h>
#include <memory>

namespace huiyin::pg {

namespace {

std::vector<std::string> list_of(const conninfo& all, std::string_view keyword)
{
    const auto found = std::ranges::find(all, keyword, &conninfo::value_type::first);
    return found == all.end() ? std::vector<std::string>{} : split(found->second, ',');
}

void set(conninfo& in, std::string_view keyword, const std::string& value)
{
    const auto found = std::ranges::find(in, keyword, &conninfo::value_type::first);
    if (found != in.end()) found->second = value;
}

void set_default(conninfo& in, std::string_view keyword, std::string_view value)
{
    if (std::ranges::find(in, keyword, &conninfo::value_type::first) == in.end()) in.emplace_back(keyword, value);
}

} // namespace

result<std::vector<conninfo>> parse_conninfo(const std::string& url)
{
    char* problem = nullptr;
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> parsed(PQconninfoParse(url.c_str(), &problem),
                                                                              &PQconninfoFree);
    const std::unique_ptr<char, decltype(&PQfreemem)> reason(problem, &PQfreemem);
    // libpq's reason may quote the URL with its password.
    if (!parsed) return fail(errc::not_configured, "the database URL cannot be parsed");

    conninfo all;
    for (const auto* each = parsed.get(); each->keyword; ++each)
        if (each->val) all.emplace_back(each->keyword, each->val);
    set_default(all, "client_encoding", "UTF8");
    set_default(all, "fallback_application_name", "huiyin");
    // Kerberos look-ups block; who wants them says so in the URL.
    set_default(all, "gssencmode", "disable");

    const auto names = list_of(all, "host");
    const auto addresses = list_of(all, "hostaddr");
    const auto ports = list_of(all, "port");
    const std::size_t hosts = std::max<std::size_t>({names.size(), addresses.size(), 1});
    const auto fits = [&](const auto& list) { return list.size() <= 1 || list.size() == hosts; };
    if (!fits(names) || !fits(addresses) || !fits(ports))
        return fail(errc::not_configured, "the database URL names different numbers of hosts and ports");

    std::vector<conninfo> each(hosts, all);
    for (std::size_t i = 0; i < hosts && hosts > 1; ++i) {
        if (names.size() > 1) set(each[i], "host", names[i]);
        if (addresses.size() > 1) set(each[i], "hostaddr", addresses[i]);
        if (ports.size() > 1) set(each[i], "port", ports[i]);
    }
    return each;
}

std::string quoted_identifier(std::string_view name)
{
    std::string quoted = "\"";
    for (const char c : name) {
        if (c == '"') quoted += '"';
        quoted += c;
    }
    return quoted + '"';
}

} // namespace huiyin::pg
