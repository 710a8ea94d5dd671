#include "router_impl.hpp"

#include <gmock/gmock.h>

namespace huiyin::net {
namespace {

using domain::permission;
using ::testing::ElementsAre;
using ::testing::Pair;

task<response> nothing(request&)
{
    co_return response();
}

std::string found(const router& routes, method m, std::string_view path)
{
    const auto match = routes.internals().find(path);
    if (!match.routes) return "404";
    const auto* route = match.of(m);
    if (!route) return match.is_rest ? "404" : "405 " + match.allow();
    std::string text = route->pattern;
    for (const auto value : match.values)
        text.append(" ").append(value);
    return text;
}

TEST(Router, FindsByExactSegments)
{
    router routes;
    routes.get("/", permission::none_needed, nothing);
    routes.get("/tickets", permission::ticket_read, nothing);
    routes.post("/tickets", permission::ticket_create, nothing);
    routes.get("/tickets/{id}", permission::ticket_read, nothing);
    routes.get("/tickets/open", permission::ticket_read, nothing);
    routes.post("/tickets/{id}/acceptance", permission::ticket_accept, nothing);
    EXPECT_EQ(found(routes, method::get, "/"), "/");
    EXPECT_EQ(found(routes, method::get, "/tickets"), "/tickets");
    EXPECT_EQ(found(routes, method::post, "/tickets"), "/tickets");
    EXPECT_EQ(found(routes, method::get, "/tickets/7"), "/tickets/{id} 7");
    EXPECT_EQ(found(routes, method::get, "/tickets/open"), "/tickets/open");
    EXPECT_EQ(found(routes, method::post, "/tickets/open/acceptance"), "/tickets/{id}/acceptance open");
    for (const auto* missing :
         {"/ticket", "/Tickets", "/tickets/", "/tickets//", "//tickets", "/tickets/7/", "/tickets/7/x", "//"})
        EXPECT_EQ(found(routes, method::get, missing), "404") << missing;
}

TEST(Router, AnswersHeadByGetAndListsWhatIsAllowed)
{
    router routes;
    routes.get("/a", permission::none_needed, nothing);
    routes.delete_("/a", permission::none_needed, nothing);
    EXPECT_EQ(found(routes, method::head, "/a"), "/a");
    EXPECT_EQ(found(routes, method::put, "/a"), "405 DELETE, GET, HEAD, OPTIONS");
}

TEST(Router, GivesTheRestOfAPathOnlyToItsOwnMethods)
{
    router routes;
    routes.get("/{file...}", permission::none_needed, nothing);
    routes.get("/api/x", permission::none_needed, nothing);
    EXPECT_EQ(found(routes, method::get, "/assets/a.js"), "/{file...} assets/a.js");
    EXPECT_EQ(found(routes, method::get, "/api/x"), "/api/x");
    EXPECT_EQ(found(routes, method::get, "/api/y"), "/{file...} api/y");
    EXPECT_EQ(found(routes, method::post, "/api/y"), "404");
    EXPECT_EQ(found(routes, method::post, "/api/x"), "405 GET, HEAD, OPTIONS");
}

TEST(Router, RefusesTheSameRouteTwiceAndBrokenPatterns)
{
    router routes;
    routes.get("/a/{id}", permission::none_needed, nothing);
    EXPECT_THROW(routes.get("/a/{name}", permission::none_needed, nothing), std::logic_error);
    EXPECT_THROW(routes.get("a", permission::none_needed, nothing), std::logic_error);
    EXPECT_THROW(routes.get("/{id", permission::none_needed, nothing), std::logic_error);
    EXPECT_THROW(routes.get("/{rest...}/x", permission::none_needed, nothing), std::logic_error);
}

TEST(Router, TellsItsTable)
{
    router routes;
    routes.post("/tickets", permission::ticket_create, nothing);
    routes.stream("/stream", permission::stream_follow,
                  [](request, std::shared_ptr<websocket>) -> task<void> { co_return; });
    const auto table = routes.table();
    ASSERT_EQ(table.size(), 2u);
    EXPECT_EQ(table[0].pattern, "/tickets");
    EXPECT_EQ(table[0].needed, permission::ticket_create);
    EXPECT_TRUE(table[1].is_stream);
}

TEST(Path, IsDecodedOnceAndNeverLeadsOut)
{
    EXPECT_EQ(decode_path("/a%20b/%E5%9B%9E+c"), "/a b/回+c");
    EXPECT_EQ(decode_path("/%2541"), "/%41");
    for (const auto* bad : {"/%", "/%2", "/%zz", "/a%2Fb", "/a%2fb", "/%00", "/%0a", "/%7f", "/%ff", "/..", "/.",
                            "/a/../b", "/%2e%2e/x", "/.%2e", "/a b", "/a#b", "/\xe5\x9b\x9e", "/%c0%af"})
        EXPECT_EQ(decode_path(bad).error().code, errc::bad_request) << bad;
    EXPECT_EQ(decode_path("/" + std::string(513, 'a')).error().code, errc::not_found);
    EXPECT_TRUE(decode_path("/...") && decode_path("/" + std::string(500, 'a')));
}

TEST(Query, IsDecodedIntoPairs)
{
    const auto pairs = decode_query("a=1&b=x+y%26&&c&d=%E5%9B%9E=");
    ASSERT_TRUE(pairs);
    EXPECT_THAT(*pairs, ElementsAre(Pair("a", "1"), Pair("b", "x y&"), Pair("c", ""), Pair("d", "回=")));
    EXPECT_EQ(decode_query("a=%zz").error().code, errc::bad_request);
    EXPECT_EQ(decode_query("a=%ff").error().code, errc::invalid_utf8);
    EXPECT_EQ(decode_query("a=%00").error().code, errc::invalid_utf8);
    std::string many;
    for (int i = 0; i < 65; ++i)
        many += "a=1&";
    EXPECT_EQ(decode_query(many).error().code, errc::bad_request);
}

} // namespace
} // namespace huiyin::net
