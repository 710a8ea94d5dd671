#include <huiyin/intake/complaint.hpp>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace huiyin::intake {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;
using namespace std::chrono_literals;

const instant now = std::chrono::sys_days(std::chrono::March / 2 / 2026) + 2h;

json a_complaint()
{
    return {{"contact", {{"name", "张伟"}, {"phone", "138-1234-5678"}, {"email", "Zhang.Wei@Example.com"}}},
            {"category", "missed_copy"},
            {"problem", "今天的报纸没有送到"},
            {"object", "城东发行站"},
            {"desired_solution", "补送"},
            {"occurred_at", "2026-03-02T07:30:00+08:00"},
            {"fields", {{"station", "东三"}, {"copies", 2}, {"paid", true}}}};
}

std::vector<violation> violations_of(const json& body)
{
    auto parsed = parse_complaint(body, {}, now);
    return parsed ? std::vector<violation>{} : parsed.error();
}

json with(json body, const json::json_pointer& where, json value)
{
    body[where] = std::move(value);
    return body;
}

TEST(ParseComplaint, GivesANormalisedContactWithoutProof)
{
    const auto parsed = parse_complaint(a_complaint(), {}, now).value();
    EXPECT_EQ(parsed.channel, "web");
    EXPECT_EQ(parsed.account, "public");
    EXPECT_EQ(parsed.proof, proof::none);
    ASSERT_EQ(parsed.identities.size(), 2u);
    EXPECT_EQ(parsed.identities[0].what.value, "+8613812345678");
    EXPECT_EQ(parsed.identities[1].what.value, "zhang.wei@example.com");
    EXPECT_FALSE(parsed.identities[0].proven);
    EXPECT_EQ(parsed.problem, "今天的报纸没有送到");
    EXPECT_EQ(to_rfc3339(*parsed.occurred_at), "2026-03-01T23:30:00Z");
    EXPECT_THAT(parsed.fields, UnorderedElementsAre(std::pair("station", "东三"), std::pair("copies", "2"),
                                                    std::pair("paid", "true")));
}

TEST(ParseComplaint, KeepsTheCustomersOwnWordsUnaltered)
{
    const std::string verbatim = "  第一行\r\n\t第二行 “引号” 👍  ";
    EXPECT_EQ(parse_complaint(with(a_complaint(), "/problem"_json_pointer, verbatim), {}, now)->problem, verbatim);
}

TEST(ParseComplaint, NeedsOnlyAProblemAndOneWayToAnswer)
{
    EXPECT_TRUE(parse_complaint({{"contact", {{"phone", "13812345678"}}}, {"problem", "x"}}, {}, now));
    EXPECT_TRUE(parse_complaint({{"contact", {{"email", "a@example.com"}}}, {"problem", "x"}}, {}, now));
    EXPECT_TRUE(parse_complaint(
        {{"contact", {{"email", "a@example.com"}, {"phone", nullptr}}}, {"problem", "x"}, {"fields", nullptr}}, {},
        now));
}

TEST(ParseComplaint, KeepsAnUnreadableNumberAsWordsWhereTheMailCanBeRead)
{
    const auto parsed =
        parse_complaint(with(a_complaint(), "/contact/phone"_json_pointer, "问我爱人"), {}, now).value();
    ASSERT_EQ(parsed.identities.size(), 1u);
    EXPECT_EQ(parsed.identities[0].what.kind, record::identity_kind::email);
    EXPECT_EQ(parsed.fields.front(), std::pair(std::string("phone_as_typed"), std::string("问我爱人")));
}

TEST(ParseComplaint, ReportsAllViolationsAtOnce)
{
    const json body{{"contact", {{"name", std::string(101, 'x')}, {"phone", "12"}, {"fax", "1"}}},
                    {"category", "Missed Copy"},
                    {"problem", " 　\n"},
                    {"object", 7},
                    {"occurred_at", "yesterday"},
                    {"fields", {{"Station", "x"}, {"deep", json::object()}}},
                    {"priority", "P1"}};
    EXPECT_THAT(violations_of(body),
                UnorderedElementsAre(violation{"priority", "unknown"}, violation{"contact.fax", "unknown"},
                                     violation{"contact.name", "too_long"}, violation{"contact.phone", "invalid"},
                                     violation{"category", "invalid"}, violation{"problem", "required"},
                                     violation{"object", "invalid"}, violation{"occurred_at", "invalid"},
                                     violation{"fields.Station", "unknown"}, violation{"fields.deep", "invalid"}));
}

TEST(ParseComplaint, HoldsItsLimitsInCharactersNotBytes)
{
    const auto characters = [](std::size_t n) {
        std::string text;
        for (std::size_t i = 0; i < n; ++i)
            text += "字";
        return text;
    };
    EXPECT_THAT(violations_of(with(a_complaint(), "/problem"_json_pointer, characters(10'000))), ElementsAre());
    EXPECT_THAT(violations_of(with(a_complaint(), "/problem"_json_pointer, characters(10'001))),
                ElementsAre(violation{"problem", "too_long"}));
    EXPECT_THAT(violations_of(with(a_complaint(), "/contact/name"_json_pointer, characters(100))), ElementsAre());
    EXPECT_THAT(violations_of(with(a_complaint(), "/object"_json_pointer, characters(501))),
                ElementsAre(violation{"object", "too_long"}));
    EXPECT_THAT(violations_of(with(a_complaint(), "/desired_solution"_json_pointer, characters(2001))),
                ElementsAre(violation{"desired_solution", "too_long"}));
    json many = json::object();
    for (int i = 0; i < 33; ++i)
        many["f" + std::to_string(i)] = "x";
    EXPECT_THAT(violations_of(with(a_complaint(), "/fields"_json_pointer, many)),
                ElementsAre(violation{"fields", "too_many"}));
}

TEST(ParseRegistration, TakesWhatAnAgentSaysBesideTheCustomersWords)
{
    auto body = a_complaint();
    body.update({{"channel", "letter"}, {"direction", "out"}, {"type", "appeal"}, {"confidential", true}});
    const auto parsed = parse_registration(body, {}, now).value();
    EXPECT_EQ(parsed.what.channel, "letter");
    EXPECT_EQ(parsed.what.account, "desk");
    EXPECT_TRUE(parsed.what.outbound);
    EXPECT_EQ(parsed.what.proof, proof::none);
    EXPECT_EQ(parsed.what.remarks, (desk_remarks{.type = domain::ticket_type::appeal, .confidential = true}));
    EXPECT_FALSE(parsed.customer);

    const auto who = customer_id::make();
    const auto on_file =
        parse_registration({{"channel", "phone"}, {"customer_id", who.to_string()}, {"problem", "x"}}, {}, now).value();
    EXPECT_EQ(on_file.customer, who);
    EXPECT_TRUE(on_file.what.identities.empty());
    const auto refused =
        parse_registration({{"channel", "phone"}, {"customer_id", "x"}, {"problem", "x"}, {"vip", 1}}, {}, now);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error(),
                UnorderedElementsAre(violation{"customer_id", "invalid"}, violation{"vip", "invalid"}));
}

TEST(ParseComplaint, RefusesATimeMoreThanADayAhead)
{
    EXPECT_THAT(violations_of(with(a_complaint(), "/occurred_at"_json_pointer, to_rfc3339(now + 24h))), ElementsAre());
    EXPECT_THAT(violations_of(with(a_complaint(), "/occurred_at"_json_pointer, to_rfc3339(now + 24h + 1s))),
                ElementsAre(violation{"occurred_at", "in_future"}));
    EXPECT_THAT(violations_of(with(a_complaint(), "/occurred_at"_json_pointer, "2026-02-30T00:00:00Z")),
                ElementsAre(violation{"occurred_at", "invalid"}));
}

TEST(ParseComplaint, RefusesWhatIsNoObjectAndWordsThatCannotBeKept)
{
    EXPECT_FALSE(violations_of(json::array()).empty());
    EXPECT_FALSE(violations_of("x").empty());
    EXPECT_THAT(violations_of(json::object()),
                UnorderedElementsAre(violation{"contact", "required"}, violation{"problem", "required"}));
    EXPECT_THAT(violations_of(with(a_complaint(), "/contact"_json_pointer, "me")),
                ElementsAre(violation{"contact", "invalid"}));
    EXPECT_THAT(violations_of(with(a_complaint(), "/problem"_json_pointer, std::string("a\0b", 3))),
                ElementsAre(violation{"problem", "invalid"}));
    EXPECT_THAT(violations_of(with(a_complaint(), "/problem"_json_pointer, "\xff")),
                ElementsAre(violation{"problem", "invalid"}));
}

TEST(ParseIntake, TakesTheOtherSystemsWordForWhoItIs)
{
    auto body = a_complaint();
    body["account"] = "oldcrm";
    body["external_id"] = "A-17";
    body["channel"] = "phone";
    body["at"] = "2026-03-01T00:00:00Z";
    const auto parsed = parse_intake(body, {}, now).value();
    EXPECT_EQ(parsed.account, "api/oldcrm");
    EXPECT_EQ(parsed.external_id, "A-17");
    EXPECT_EQ(parsed.channel, "phone");
    EXPECT_EQ(parsed.proof, proof::api_token);
    EXPECT_TRUE(parsed.identities[0].proven);
    EXPECT_EQ(to_rfc3339(parsed.at), "2026-03-01T00:00:00Z");
}

TEST(ParseIntake, NeedsAnAccountAndAnIdAndForAnActATicket)
{
    auto body = a_complaint();
    body["act"] = "urge";
    const auto refused = parse_intake(body, {}, now);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error(),
                UnorderedElementsAre(violation{"account", "required"}, violation{"external_id", "required"},
                                     violation{"ticket", "required"}));
    // Nobody can write into another door's account.
    body["account"] = "public/../x";
    EXPECT_FALSE(parse_intake(body, {}, now));
}

TEST(ParseTracking, TakesANumberAndOneContact)
{
    const auto by_phone = parse_tracking({{"number", " 260224-0318 "}, {"phone", "138 1234 5678"}}, {}).value();
    EXPECT_EQ(by_phone.number, "260224-0318");
    EXPECT_EQ(by_phone.party, (record::identity{record::identity_kind::phone, "+8613812345678"}));
    EXPECT_EQ(parse_tracking({{"number", "x"}, {"email", "A@example.com"}}, {})->party.value, "a@example.com");
    EXPECT_EQ(parse_tracking({{"number", "x"}, {"phone", "nonsense"}}, {})->party.value, "");
    EXPECT_FALSE(parse_tracking({{"number", "x"}}, {}));
    EXPECT_FALSE(parse_tracking({{"number", "x"}, {"phone", "13812345678"}, {"email", "a@example.com"}}, {}));
    EXPECT_FALSE(parse_tracking({{"phone", "13812345678"}}, {}));
}

TEST(ParseAct, TakesAnActWithItsProof)
{
    const auto urge =
        parse_act_request({{"act", "urge"}, {"phone", "138 1234 5678"}, {"text", "快一点"}}, "260224-0318", {}, now)
            .value();
    EXPECT_EQ(urge.what.act, act::urge);
    EXPECT_EQ(urge.what.proof, proof::ticket_contact);
    EXPECT_EQ(urge.what.ticket_number, "260224-0318");
    EXPECT_EQ(urge.what.problem, "快一点");
    EXPECT_FALSE(urge.what.identities.at(0).proven) << "it proves something for that ticket only";
    const auto verdict =
        parse_act_request({{"act", "verdict"}, {"token", "abc"}, {"answers", {{"solved", "no"}, {"result", 2}}}}, "x",
                          {}, now)
            .value();
    EXPECT_EQ(verdict.what.proof, proof::link_token);
    EXPECT_EQ(verdict.token, "abc");
    EXPECT_EQ(verdict.what.detail.said, (domain::answers{domain::solved_answer::no, 2, {}, {}}));
}

TEST(ParseAct, RefusesWhatIsNoActOrHasNoProof)
{
    const auto refusals = [](const nlohmann::json& body) {
        const auto read = parse_act_request(body, "x", {}, now);
        return read ? std::vector<violation>{} : read.error();
    };
    EXPECT_THAT(refusals({{"phone", "13812345678"}}), UnorderedElementsAre(violation{"act", "required"}));
    EXPECT_THAT(refusals({{"act", "message"}, {"phone", "13812345678"}}),
                UnorderedElementsAre(violation{"act", "invalid"}));
    EXPECT_THAT(refusals({{"act", "urge"}}), UnorderedElementsAre(violation{"phone", "required"}));
    EXPECT_THAT(refusals({{"act", "urge"}, {"token", "abc"}}), UnorderedElementsAre(violation{"token", "invalid"}));
    EXPECT_THAT(refusals({{"act", "added_word"}, {"phone", "13812345678"}}),
                UnorderedElementsAre(violation{"text", "required"}));
    EXPECT_THAT(refusals({{"act", "verdict"}, {"phone", "13812345678"}}),
                UnorderedElementsAre(violation{"answers", "required"}));
    EXPECT_THAT(
        refusals({{"act", "verdict"}, {"phone", "13812345678"}, {"answers", {{"solved", "perhaps"}, {"time", 6}}}}),
        UnorderedElementsAre(violation{"answers.solved", "invalid"}, violation{"answers.time", "invalid"}));
    EXPECT_THAT(refusals({{"act", "urge"}, {"phone", "13812345678"}, {"mood", "bad"}}),
                UnorderedElementsAre(violation{"mood", "unknown"}));
}

TEST(Identify, GivesRepeatsOfOneRequestOneId)
{
    auto first = parse_complaint(a_complaint(), {}, now).value();
    auto again = first;
    auto stranger = first;
    stranger.identities[0].what.value = "+8613900000000";
    identify(first, "k1", "body");
    identify(again, "k1", "body");
    identify(stranger, "k1", "body");
    EXPECT_EQ(first.external_id, again.external_id);
    EXPECT_EQ(first.key->principal, again.key->principal);
    EXPECT_EQ(first.key->body, again.key->body);
    EXPECT_NE(first.external_id, stranger.external_id);
    EXPECT_EQ(first.key->principal.find("138"), std::string::npos);
    auto without = first;
    auto another = first;
    identify(without, std::nullopt, "body");
    identify(another, std::nullopt, "body");
    EXPECT_NE(without.external_id, another.external_id);
}

} // namespace
} // namespace huiyin::intake
