#include <huiyin/net/message.hpp>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace huiyin::net {
namespace {

using ::testing::ElementsAre;
using ::testing::Optional;

request json_request(std::string body)
{
    request req;
    req.headers.emplace_back("content-type", "application/json; charset=utf-8");
    req.body = std::move(body);
    return req;
}

errc refusal_of(std::string body)
{
    const auto parsed = json_request(std::move(body)).json();
    return parsed ? errc::internal : parsed.error().code;
}

TEST(Json, ReadsWhatNlohmannReads)
{
    const std::string text = R"({"a":[1,-2,3.5,true,null,"回音",{}],"b":{"c":[[]]}})";
    EXPECT_EQ(json_request(text).json(), nlohmann::json::parse(text));
    EXPECT_EQ(json_request("7").json(), nlohmann::json(7));
}

TEST(Json, TakesNestingOf64AndRefuses65)
{
    EXPECT_TRUE(json_request(std::string(64, '[') + std::string(64, ']')).json());
    EXPECT_EQ(refusal_of(std::string(65, '[') + std::string(65, ']')), errc::invalid_json);
}

TEST(Json, RefusesNestingOf10000WithoutBuildingIt)
{
    EXPECT_EQ(refusal_of(std::string(10'000, '[') + std::string(10'000, ']')), errc::invalid_json);
    std::string objects;
    for (int i = 0; i < 10'000; ++i)
        objects += R"({"a":)";
    EXPECT_EQ(refusal_of(objects), errc::invalid_json);
}

TEST(Json, RefusesWhatTwoParsersCouldReadDifferently)
{
    EXPECT_EQ(refusal_of(R"({"a":1,"a":2})"), errc::invalid_json);
    EXPECT_EQ(refusal_of(R"({"a":1,"\u0061":2})"), errc::invalid_json);
    EXPECT_EQ(refusal_of(R"({"a":"x\u0000y"})"), errc::invalid_json);
    EXPECT_EQ(refusal_of(R"({"a\u0000":1})"), errc::invalid_json);
    EXPECT_EQ(refusal_of("{} {}"), errc::invalid_json);
    EXPECT_EQ(refusal_of(""), errc::invalid_json);
    EXPECT_EQ(refusal_of("[1,]"), errc::invalid_json);
    EXPECT_EQ(refusal_of("[1e999]"), errc::invalid_json);
    EXPECT_EQ(refusal_of(R"(["\ud800"])"), errc::invalid_json);
    EXPECT_EQ(refusal_of("[NaN]"), errc::invalid_json);
}

TEST(Json, RefusesBytesThatAreNoTextAsSuch)
{
    EXPECT_EQ(refusal_of("[\"\xff\"]"), errc::invalid_utf8);
    EXPECT_EQ(refusal_of("[\"\xc0\x80\"]"), errc::invalid_utf8);
    EXPECT_EQ(refusal_of(std::string("[\"a\0b\"]", 7)), errc::invalid_utf8);
}

TEST(Json, SaysWhereTheSyntaxIsBroken)
{
    const auto parsed = json_request(R"({"a": x})").json();
    ASSERT_FALSE(parsed);
    ASSERT_EQ(parsed.error().facts.size(), 2u);
    EXPECT_EQ(parsed.error().facts[1].name, "position");
    EXPECT_EQ(parsed.error().facts[1].value, "7");
}

TEST(Json, NeedsItsMediaType)
{
    request req;
    req.body = "{}";
    EXPECT_EQ(req.json().error().code, errc::unsupported_media_type);
    req.headers.emplace_back("content-type", "text/plain");
    EXPECT_EQ(req.json().error().code, errc::unsupported_media_type);
    req.headers[0].second = "Application/JSON";
    EXPECT_TRUE(req.json());
}

TEST(SeenVersion, IsTheNumberInQuotesAndNothingElse)
{
    request req;
    EXPECT_EQ(req.seen_version().error().code, errc::version_required);
    req.headers.emplace_back("if-match", "\"7\"");
    EXPECT_EQ(req.seen_version(), 7);
    for (const auto* bad :
         {"7", "*", "W/\"7\"", "\"\"", "\"x\"", "\"-1\"", "\"7\", \"8\"", "\"99999999999999999999\"", "\""})
    {
        req.headers[0].second = bad;
        EXPECT_EQ(req.seen_version().error().code, errc::bad_request) << bad;
    }
}

TEST(IdempotencyKey, IsPrintableAndAtMost128Long)
{
    request req;
    EXPECT_EQ(req.idempotency_key().value(), std::nullopt);
    req.headers.emplace_back("idempotency-key", "a-1");
    EXPECT_EQ(req.idempotency_key().value(), "a-1");
    req.headers[0].second = std::string(128, 'x');
    EXPECT_TRUE(req.idempotency_key());
    for (const auto& bad : {std::string(), std::string(129, 'x'), std::string("a b"), std::string("\xe5\x9b\x9e")}) {
        req.headers[0].second = bad;
        EXPECT_EQ(req.idempotency_key().error().code, errc::bad_request);
    }
}

TEST(Cookie, IsFoundByItsWholeName)
{
    request req;
    req.headers.emplace_back("cookie", "xsession=1; session=two=2;  other=3");
    EXPECT_THAT(req.cookie("session"), Optional(std::string_view("two=2")));
    EXPECT_THAT(req.cookie("other"), Optional(std::string_view("3")));
    EXPECT_EQ(req.cookie("sess"), std::nullopt);
}

TEST(Problem, ShowsTheFactsButNeverTheDetail)
{
    const auto reply = problem(error{errc::stale_version, "row 7 of secret", {}}.with("changed_by", "bo"));
    EXPECT_EQ(reply.status, 412);
    EXPECT_EQ(reply.content_type, "application/problem+json");
    EXPECT_EQ(nlohmann::json::parse(reply.body), nlohmann::json({{"type", "about:blank"},
                                                                 {"title", "Stale version"},
                                                                 {"status", 412},
                                                                 {"code", "stale-version"},
                                                                 {"changed_by", "bo"}}));
    EXPECT_EQ(reply.log_detail, "row 7 of secret");
}

TEST(Problem, CannotBeMadeToLieByAFact)
{
    const auto body =
        nlohmann::json::parse(problem(error{errc::not_found, {}, {}}.with("code", "fine").with("status", "200")).body);
    EXPECT_EQ(body["code"], "not-found");
    EXPECT_EQ(body["status"], 404);
}

std::string header_of(const response& reply, std::string_view name)
{
    for (const auto& [key, value] : reply.headers)
        if (key == name) return value;
    return {};
}

TEST(Problem, TellsWhenToComeBackAndHowToLogIn)
{
    EXPECT_EQ(header_of(problem(error{errc::rate_limited, {}, {}}.with("retry_after_s", "17")), "Retry-After"), "17");
    EXPECT_EQ(header_of(problem(error{errc::unavailable, {}, {}}), "Retry-After"), "5");
    EXPECT_EQ(header_of(problem(error{errc::not_authenticated, {}, {}}), "WWW-Authenticate"), "Bearer");
}

TEST(Violations, AreToldAllAtOnce)
{
    violations found;
    EXPECT_TRUE(found.empty());
    found.add("contact.phone", "too short");
    found.add("problem", "missing");
    const auto reply = found.reply();
    EXPECT_EQ(reply.status, 422);
    const auto body = nlohmann::json::parse(reply.body);
    EXPECT_EQ(body["code"], "invalid-field");
    EXPECT_EQ(body["violations"], nlohmann::json::parse(R"([{"field":"contact.phone","reason":"too short"},
                                                            {"field":"problem","reason":"missing"}])"));
}

TEST(Violations, LookAlikeWhereAServiceMetTheFirst)
{
    const auto told = [](error why) { return nlohmann::json::parse(problem(std::move(why)).body); };
    violations one;
    one.add("login", "is taken");
    const auto whole = nlohmann::json::parse(one.reply().body);
    EXPECT_EQ(told(error{errc::invalid_field, "for the log", {}}.with("field", "login").with("reason", "is taken")),
              whole);
    EXPECT_EQ(told(error{errc::invalid_field, "for the log", {}})["violations"],
              nlohmann::json::parse(R"([{"field":"","reason":"is not valid"}])"));
    EXPECT_EQ(problem(error{errc::invalid_field, "for the log", {}}).log_detail, "for the log");
    EXPECT_EQ(told(error{errc::already_exists, {}, {}}.with("field", "code"))["field"], "code") << "others have facts";
}

TEST(Page, ReadsBackTheCursorItGaveOut)
{
    request req;
    req.query = {{"limit", "20"}, {"cursor", encode_cursor({"2026-02-24T10:00:00Z", "回音"})}};
    const auto page = page_of(req);
    ASSERT_TRUE(page);
    EXPECT_EQ(page->limit, 20u);
    EXPECT_THAT(page->after, Optional(ElementsAre("2026-02-24T10:00:00Z", "回音")));
}

TEST(Page, RefusesCursorsAndLimitsThatNobodyGaveOut)
{
    request req;
    for (const auto& bad : {std::string(""), std::string("!"), std::string("e30"), encode_cursor({}),
                            std::string(4000, 'A'), encode_cursor(std::vector<std::string>(17, "x"))})
    {
        req.query = {{"cursor", bad}};
        EXPECT_EQ(page_of(req).error().code, errc::invalid_cursor) << bad;
    }
    for (const auto* bad : {"0", "201", "-1", "x", "", "5x"}) {
        req.query = {{"limit", bad}};
        EXPECT_EQ(page_of(req).error().code, errc::invalid_field) << bad;
    }
    EXPECT_EQ(page_of(request{}, 10)->limit, 10u);
}

} // namespace
} // namespace huiyin::net
