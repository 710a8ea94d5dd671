#include <huiyin/people/cookies.hpp>

#include <gtest/gtest.h>

namespace huiyin::people {
namespace {

constexpr cookie_settings hosted{.plain_cookie_on_loopback = false};
constexpr cookie_settings loopback{.plain_cookie_on_loopback = true};

net::request asking(bool secure, std::string cookies = {})
{
    net::request req;
    req.secure = secure;
    if (!cookies.empty()) req.headers.emplace_back("cookie", std::move(cookies));
    return req;
}

TEST(Cookies, HaveTheHostPrefixAndSecureEverywhereButOnPlainLoopback)
{
    struct row
    {
        cookie_settings settings;
        bool secure;
        std::string session;
        std::string device;
        std::string cleared;
    };
    const std::string host_session = "__Host-huiyin_session=T; Path=/; HttpOnly; SameSite=Strict; Secure";
    const std::string host_device =
        "__Host-huiyin_device=T; Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age=34560000";
    const std::string host_cleared = "__Host-huiyin_session=; Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age=0";
    const row table[] = {
        {hosted, true, host_session, host_device, host_cleared},
        {hosted, false, host_session, host_device, host_cleared},
        {loopback, true, host_session, host_device, host_cleared},
        {loopback, false, "huiyin_session=T; Path=/; HttpOnly; SameSite=Strict",
         "huiyin_device=T; Path=/; HttpOnly; SameSite=Strict; Max-Age=34560000",
         "huiyin_session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0"},
    };
    for (const auto& [settings, secure, session, device, cleared] : table) {
        const auto req = asking(secure);
        EXPECT_EQ(set_session_cookie(req, settings, "T"), session);
        EXPECT_EQ(set_device_cookie(req, settings, "T"), device);
        EXPECT_EQ(clear_session_cookie(req, settings), cleared);
    }
}

TEST(Cookies, OnlyTheNameThatFitsTheRequestIsRead)
{
    const std::string both = "huiyin_session=planted; __Host-huiyin_session=ours";
    EXPECT_EQ(session_cookie(asking(true, both), hosted), "ours");
    EXPECT_EQ(session_cookie(asking(false, both), hosted), "ours");
    EXPECT_EQ(session_cookie(asking(true, both), loopback), "ours");
    EXPECT_EQ(session_cookie(asking(false, both), loopback), "planted");
    EXPECT_EQ(session_cookie(asking(true, "huiyin_session=planted"), hosted), std::nullopt);
    EXPECT_EQ(session_cookie(asking(true, "__Host-huiyin_session="), hosted), std::nullopt);
    EXPECT_EQ(device_cookie(asking(true, "__Host-huiyin_device=d"), hosted), "d");
    EXPECT_EQ(device_cookie(asking(true), hosted), std::nullopt);
}

} // namespace
} // namespace huiyin::people
